using System.Collections.Immutable;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Failover;

namespace OrleansCdn.Announcer.Health;

/// <summary>What one look at this server has shown: once a second, from the health loop to the failover loop.</summary>
internal sealed record HealthRound
{
    /// <summary>Every check, hard ones first; shown, and told to silos.</summary>
    public required ImmutableArray<HealthCheckStatus> Checks { get; init; }

    /// <summary>The hard check that fails and counts; null: visitors are answered.</summary>
    public required CheckFailure? Hard { get; init; }

    /// <summary>Of visitors; null: not known.</summary>
    public int? Connections { get; init; }

    /// <summary>Which other edges answer this one's, by its own questions.</summary>
    public ImmutableArray<PeerProbed> Reach { get; init; } = [];
}
