using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Contracts.Routing;

/// <summary>What of the desired routes an upstream is told at each level. Announcers do it, silos compare with it.</summary>
public static class RouteLevel
{
    public static ImmutableArray<DesiredRoute> At(this ImmutableArray<DesiredRoute> routes, AnnouncementLevel level) => level switch
    {
        AnnouncementLevel.Normal => routes,
        AnnouncementLevel.Depreferred => [.. routes.Select(Depreferred)],
        _ => [],
    };

    /// <summary>
    /// RFC 8326 asks a neighbour that knows the community to take any other way; the longest path asks those that do not. What the operator
    /// wants besides stays: a route that was not to reach a carrier does not reach it now either.
    /// </summary>
    private static DesiredRoute Depreferred(DesiredRoute route) => route with
    {
        Prepend = ConfigLimits.MaxPrepend,
        Communities = [.. route.Communities.Append(Community.GracefulShutdown).Distinct().Order(Comparer<Community>.Create(Community.Compare))],
    };
}
