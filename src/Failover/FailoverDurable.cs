using System.Collections.Immutable;

namespace OrleansCdn.Failover;

/// <summary>
/// What outlives the process. Times are those of the process that wrote it and mean nothing to the next one, which therefore takes the worst:
/// pledges begin anew, penalties have not decayed.
/// </summary>
public sealed record FailoverDurable
{
    /// <summary>Goes up with each write.</summary>
    public required long Version { get; init; }

    /// <summary>Pledges that are in force.</summary>
    public required ImmutableArray<GivenPledge> Given { get; init; }

    /// <summary>The process began without anything that it could read, and a promise of the one before may still be in force.</summary>
    public required bool MayHavePromised { get; init; }

    public required double Penalty { get; init; }

    public required bool IsHeld { get; init; }

    /// <summary>Withdrawn by a decision and not announced since.</summary>
    public required bool IsOut { get; init; }

    /// <summary>The operator's last orders, for a start without a silo.</summary>
    public required FailoverOrders Orders { get; init; }
}

/// <param name="Server">To whom.</param>
/// <param name="Id">Of the request.</param>
public sealed record GivenPledge(string Server, long Id);
