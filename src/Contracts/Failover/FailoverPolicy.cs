using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Failover;

/// <summary>Figures of the failover. The defaults are those of docs/failover.md.</summary>
public sealed record FailoverPolicy
{
    public static readonly FailoverPolicy Default = new();

    /// <summary>Other PoPs that have to promise to stay before this one withdraws: so many stay announced whatever software decides.</summary>
    public int Floor { get; init; } = 1;

    /// <summary>Failed probes in a row after which a check counts as failing.</summary>
    public int Fall { get; init; } = 3;

    /// <summary>Answered probes in a row before a server is announced after a start.</summary>
    public int FirstRise { get; init; } = 3;

    /// <summary>Answered probes in a row before a server that had failed is announced again.</summary>
    public int Rise { get; init; } = 30;

    /// <summary>How long the giver of a pledge stays announced, from the moment that it gave it.</summary>
    public TimeSpan PledgeTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long who asked for pledges may use them, from the moment that it asked. A third of <see cref="PledgeTime"/>: clocks that run
    /// at half or twice the speed of each other, and a process that stands still in between, do no harm.
    /// </summary>
    public TimeSpan UseWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between the end of a request that was not granted and the next, at least; as much again is added at random.</summary>
    public TimeSpan AskAgainAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How old the last word of another announcer may be to count.</summary>
    public TimeSpan FreshFor { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often an announcer tells the others how it stands when nothing changes.</summary>
    public TimeSpan TellEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Without a word of anybody who is announced and well for so long, who is withdrawn announces again.</summary>
    public TimeSpan RescueAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A check that begins to fail at several PoPs within this time is itself suspect.</summary>
    public TimeSpan SuspectWithin { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Between two voluntary withdrawals of the whole network.</summary>
    public TimeSpan VoluntaryGap { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A drain: from graceful shutdown to the withdrawal. RFC 8326 leaves it open; twice the TTL of steered answers, and at least this.</summary>
    public TimeSpan DepreferFor { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>A drain: how long connections are waited for after the withdrawal.</summary>
    public TimeSpan ConnectionsFor { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>How long an announcement waits for the cache to be warmed.</summary>
    public TimeSpan WarmFor { get; init; } = TimeSpan.FromSeconds(120);

    public DampingPolicy Damping { get; init; } = new();
}

/// <summary>Of own changes, as RFC 2439 damps those of others.</summary>
public sealed record DampingPolicy
{
    public double PerWithdrawal { get; init; } = 1000;

    public double PerAttributeChange { get; init; } = 500;

    public TimeSpan HalfLife { get; init; } = TimeSpan.FromMinutes(15);

    public double HoldFrom { get; init; } = 1500;

    public double ReleaseBelow { get; init; } = 750;

    public TimeSpan MaxHold { get; init; } = TimeSpan.FromMinutes(60);

    /// <summary>More than what decays within the longest hold would be forgotten anyway (RFC 2439 §4.2).</summary>
    [JsonIgnore]
    public double Ceiling => ReleaseBelow * Math.Pow(2, MaxHold / HalfLife);
}
