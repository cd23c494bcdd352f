using System.Globalization;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class RouteFailoverSection
{
    public static readonly ScalarKey<int> Floor = ScalarKey<int>.May(
        "floor", Numbers.Whole(1, ConfigLimits.Pops - 1), RouteFailoverConfig.Default.Floor,
        "Other PoPs that have to promise to stay announced before one withdraws.");

    public static readonly ScalarKey<int> Fall = ScalarKey<int>.May(
        "fall", Numbers.Whole(1, ConfigLimits.MaxHealthRuns), RouteFailoverConfig.Default.Fall,
        "Failed probes of the server in a row, one a second, after which it counts as failing.");

    public static readonly ScalarKey<int> FirstRise = ScalarKey<int>.May(
        "first-rise", Numbers.Whole(1, ConfigLimits.MaxHealthRuns), RouteFailoverConfig.Default.FirstRise,
        "Answered probes in a row before a server is announced after its start.");

    public static readonly ScalarKey<int> Rise = ScalarKey<int>.May(
        "rise", Numbers.Whole(1, ConfigLimits.MaxHealthRuns), RouteFailoverConfig.Default.Rise,
        "Answered probes in a row before a server that had failed is announced again.");

    public static readonly ScalarKey<TimeSpan> Drain = ScalarKey<TimeSpan>.May(
        "drain", Durations.Between(ConfigLimits.MinDrainTime, ConfigLimits.MaxDrainTime), RouteFailoverConfig.Default.Drain,
        "From the beginning of a drain to the withdrawal: DNS leaves the PoP out, and its routes are less preferred. At least twice the longest `ttl` of a zone with steered names.");

    public static readonly ScalarKey<TimeSpan> Connections = ScalarKey<TimeSpan>.May(
        "connections", Durations.Between(TimeSpan.Zero, ConfigLimits.MaxConnectionsTime), RouteFailoverConfig.Default.Connections,
        "How long a drain waits for connections to end after the withdrawal.");

    public static readonly ScalarKey<TimeSpan> WarmUp = ScalarKey<TimeSpan>.May(
        "warm-up", Durations.Between(TimeSpan.Zero, ConfigLimits.MaxDrainTime), RouteFailoverConfig.Default.WarmUp,
        "How long an announcement waits for the cache to be warmed.");

    public static readonly ScalarKey<TimeSpan> RescueAfter = ScalarKey<TimeSpan>.May(
        "rescue-after", Durations.Between(ConfigLimits.MinRescueAfter, ConfigLimits.MaxRescueAfter), RouteFailoverConfig.Default.RescueAfter,
        "A server that is withdrawn, answers, and has heard of nobody who is announced for so long announces again.");

    public static readonly ScalarKey<TimeSpan> SuspectWithin = ScalarKey<TimeSpan>.May(
        "suspect-within", Durations.Between(ConfigLimits.MinSuspectWithin, ConfigLimits.MaxSuspectWithin), RouteFailoverConfig.Default.SuspectWithin,
        "A check that begins to fail at a third of the PoPs, and at least two, within this time is suspect: for it nobody withdraws.");

    public static readonly ScalarKey<TimeSpan> VoluntaryGap = ScalarKey<TimeSpan>.May(
        "voluntary-gap", Durations.Between(ConfigLimits.MinDrainTime, ConfigLimits.MaxDrainTime), RouteFailoverConfig.Default.VoluntaryGap,
        "Between two withdrawals that operators want.");

    public static readonly SectionKey Damping = new(
        "damping", DampingSection.Table, "the defaults of its keys", "How long a PoP that comes and goes stays away.");

    public static readonly KeyTable Table = new(
        "cluster.failover", [Floor, Fall, FirstRise, Rise, Drain, Connections, WarmUp, RescueAfter, SuspectWithin, VoluntaryGap, Damping]);

    public static RouteFailoverConfig Bind(MapReader keys, FileFacts facts)
    {
        facts.Floor = keys.Read(Floor);
        return new RouteFailoverConfig
        {
            Floor = facts.Floor.Value,
            Fall = keys.Read(Fall).Value,
            FirstRise = keys.Read(FirstRise).Value,
            Rise = keys.Read(Rise).Value,
            Drain = keys.Read(Drain).Value,
            Connections = keys.Read(Connections).Value,
            WarmUp = keys.Read(WarmUp).Value,
            RescueAfter = keys.Read(RescueAfter).Value,
            SuspectWithin = keys.Read(SuspectWithin).Value,
            VoluntaryGap = keys.Read(VoluntaryGap).Value,
            Damping = keys.Section(Damping) is MapReader damping ? DampingSection.Bind(damping, facts) : RouteFailoverConfig.Default.Damping,
        };
    }

    /// <summary>What takes the whole file: a floor that can never be reached would keep every PoP from ever withdrawing.</summary>
    /// <param name="cluster">As read.</param>
    /// <param name="announcing">PoPs with upstreams.</param>
    /// <param name="servers">That hold sessions with upstreams.</param>
    /// <param name="facts">Where the floor stands.</param>
    public static void Check(MapReader cluster, int announcing, int servers, FileFacts facts)
    {
        // One alone, or the only one with upstreams yet, has the default floor too, and never withdraws by a decision. With other mistakes there may
        // be PoPs that could not be read.
        if (!facts.Errors.Any && facts.Floor is { Given: true, Value: > 1 and int floor, Node: { } node } && floor >= announcing)
        {
            facts.Errors.Add(
                node,
                string.Create(CultureInfo.InvariantCulture, $"needs more than {floor} PoPs with upstreams, and this file has {announcing}"),
                announcing > 1 ? string.Create(CultureInfo.InvariantCulture, $"1 to {announcing - 1}") : "1");
        }

        if (servers > FailoverPlan.MaxServers)
        {
            cluster.Report(
                string.Create(CultureInfo.InvariantCulture, $"has {servers} servers that announce, each of which has to know all others"),
                string.Create(CultureInfo.InvariantCulture, $"at most {FailoverPlan.MaxServers}: name those that hold sessions in the upstreams' edges"));
        }
    }
}
