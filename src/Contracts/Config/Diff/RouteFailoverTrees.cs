using OrleansCdn.Contracts.Config.Sections;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Contracts.Config.Diff;

/// <summary>The tree of when routes are withdrawn.</summary>
internal static class RouteFailoverTrees
{
    public static ConfigBranch Of(RouteFailoverConfig failover) => ConfigTreeBuilder.Keys(
        ConfigTreeBuilder.Leaf(RouteFailoverSection.Floor, (int?)failover.Floor),
        ConfigTreeBuilder.Leaf(RouteFailoverSection.Fall, (int?)failover.Fall),
        ConfigTreeBuilder.Leaf(RouteFailoverSection.FirstRise, (int?)failover.FirstRise),
        ConfigTreeBuilder.Leaf(RouteFailoverSection.Rise, (int?)failover.Rise),
        ConfigTreeBuilder.Leaf(RouteFailoverSection.Drain, (TimeSpan?)failover.Drain),
        ConfigTreeBuilder.Leaf(RouteFailoverSection.Connections, (TimeSpan?)failover.Connections),
        ConfigTreeBuilder.Leaf(RouteFailoverSection.WarmUp, (TimeSpan?)failover.WarmUp),
        ConfigTreeBuilder.Leaf(RouteFailoverSection.RescueAfter, (TimeSpan?)failover.RescueAfter),
        ConfigTreeBuilder.Leaf(RouteFailoverSection.SuspectWithin, (TimeSpan?)failover.SuspectWithin),
        ConfigTreeBuilder.Leaf(RouteFailoverSection.VoluntaryGap, (TimeSpan?)failover.VoluntaryGap),
        (RouteFailoverSection.Damping, Of(failover.Damping)));

    private static ConfigBranch Of(DampingPolicy damping) => ConfigTreeBuilder.Keys(
        ConfigTreeBuilder.Leaf(DampingSection.PerWithdrawal, (int?)(int)damping.PerWithdrawal),
        ConfigTreeBuilder.Leaf(DampingSection.PerChange, (int?)(int)damping.PerAttributeChange),
        ConfigTreeBuilder.Leaf(DampingSection.HalfLife, (TimeSpan?)damping.HalfLife),
        ConfigTreeBuilder.Leaf(DampingSection.HoldFrom, (int?)(int)damping.HoldFrom),
        ConfigTreeBuilder.Leaf(DampingSection.ReleaseBelow, (int?)(int)damping.ReleaseBelow),
        ConfigTreeBuilder.Leaf(DampingSection.MaxHold, (TimeSpan?)damping.MaxHold));
}
