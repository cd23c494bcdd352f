using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Contracts.Config;

/// <summary>
/// When a server's routes are withdrawn and announced again (docs/failover.md); that of a site's origins is <see cref="FailoverConfig"/>. What
/// is not in it holds for every network alike (<see cref="FailoverPolicy"/>).
/// </summary>
public sealed record RouteFailoverConfig
{
    public static readonly RouteFailoverConfig Default = new()
    {
        Floor = FailoverPolicy.Default.Floor,
        Fall = FailoverPolicy.Default.Fall,
        FirstRise = FailoverPolicy.Default.FirstRise,
        Rise = FailoverPolicy.Default.Rise,
        Drain = FailoverPolicy.Default.DepreferFor,
        Connections = FailoverPolicy.Default.ConnectionsFor,
        WarmUp = FailoverPolicy.Default.WarmFor,
        RescueAfter = FailoverPolicy.Default.RescueAfter,
        SuspectWithin = FailoverPolicy.Default.SuspectWithin,
        VoluntaryGap = FailoverPolicy.Default.VoluntaryGap,
        Damping = FailoverPolicy.Default.Damping,
    };

    /// <summary>Other PoPs that have to promise to stay before one withdraws.</summary>
    public required int Floor { get; init; }

    /// <summary>Failed probes in a row after which a check counts as failing.</summary>
    public required int Fall { get; init; }

    /// <summary>Answered probes in a row before a server is announced after a start.</summary>
    public required int FirstRise { get; init; }

    /// <summary>Answered probes in a row before a server that had failed is announced again.</summary>
    public required int Rise { get; init; }

    /// <summary>From the beginning of a drain to the withdrawal, at least; twice the longest TTL of a steered answer when that is more.</summary>
    public required TimeSpan Drain { get; init; }

    /// <summary>How long a drain waits for connections after the withdrawal.</summary>
    public required TimeSpan Connections { get; init; }

    /// <summary>How long an announcement waits for a warm cache.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>Who is withdrawn and hears of nobody who is announced for so long announces again.</summary>
    public required TimeSpan RescueAfter { get; init; }

    /// <summary>A check that begins to fail at several PoPs within this time is itself suspect.</summary>
    public required TimeSpan SuspectWithin { get; init; }

    /// <summary>Between two withdrawals that operators want.</summary>
    public required TimeSpan VoluntaryGap { get; init; }

    public required DampingPolicy Damping { get; init; }
}
