using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Grains.Failover;

/// <summary>Who announces, and by which figures: from the config alone, so that every PoP comes to the same. Pure.</summary>
public static class FailoverPlanner
{
    /// <summary>Resolvers may have asked just before DNS left the PoP out, and many keep an answer a little longer than they ought to.</summary>
    private const int TtlsOfADrain = 2;

    public static FailoverPlan Of(CdnConfig config) => new(Servers(config), Policy(config));

    /// <summary>In the order of the config.</summary>
    private static ImmutableArray<KnownServer> Servers(CdnConfig config) =>
    [
        .. config.Pops
            .SelectMany(pop => pop.Edges.Where(edge => pop.Holds(edge.Name)).Select(edge => new KnownServer(edge.Name, pop.Id)))
            .Take(FailoverPlan.MaxServers),
    ];

    private static FailoverPolicy Policy(CdnConfig config)
    {
        RouteFailoverConfig failover = config.Cluster.Failover;
        TimeSpan answers = TtlsOfADrain * (config.Dns?.LongestSteeredTtl ?? TimeSpan.Zero);
        return FailoverPolicy.Default with
        {
            Floor = failover.Floor,
            Fall = failover.Fall,
            FirstRise = failover.FirstRise,
            Rise = failover.Rise,
            DepreferFor = failover.Drain > answers ? failover.Drain : answers,
            ConnectionsFor = failover.Connections,
            WarmFor = failover.WarmUp,
            RescueAfter = failover.RescueAfter,
            SuspectWithin = failover.SuspectWithin,
            VoluntaryGap = failover.VoluntaryGap,
            Damping = failover.Damping,
        };
    }
}
