using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Interop.Tests.Peers;

/// <summary>A route as it is in a peer's table, attribute by attribute, in one form for all of them.</summary>
/// <param name="Prefix">What it leads to.</param>
/// <param name="AsPath">AS numbers, the nearest first.</param>
/// <param name="NextHop">The global one.</param>
/// <param name="Origin"><c>igp</c>, <c>egp</c> or <c>incomplete</c>.</param>
/// <param name="Communities">Of all three kinds, sorted, in their text form.</param>
internal sealed record SeenRoute(IPNetwork Prefix, string AsPath, IPAddress NextHop, string Origin, string Communities)
{
    public static SeenRoute Of(IPNetwork prefix, IEnumerable<uint> path, IPAddress nextHop, string origin, IEnumerable<Community> communities) => new(
        prefix,
        string.Join(' ', path),
        nextHop,
        origin,
        string.Join(' ', communities.Order(Comparer<Community>.Create(Community.Compare))));

    /// <summary>What a peer has to see of a desired route.</summary>
    public static SeenRoute Expected(DesiredRoute route, uint asn, IPAddress nextHop) =>
        Of(route.Prefix, Enumerable.Repeat(asn, route.Prepend + 1), nextHop, "igp", route.Communities);

    /// <summary>In the order of their prefixes.</summary>
    public static ImmutableArray<SeenRoute> Sorted(IEnumerable<SeenRoute> routes) => [.. routes.OrderBy(r => r.Prefix.ToString(), StringComparer.Ordinal)];
}
