using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Grains.Routing;

/// <summary>Desired routes as a neighbour sees them. Pure.</summary>
internal static class SeenRoutes
{
    /// <summary>One for each prefix, in the order of the config.</summary>
    public static ImmutableArray<SeenRoute> Of(uint asn, ImmutableArray<IPNetwork> prefixes, ImmutableArray<DesiredRoute> routes) =>
    [
        .. prefixes.Select(prefix => routes.FirstOrDefault(r => r.Prefix == prefix) is { } route
            ? new SeenRoute { Prefix = prefix, Announced = true, AsPath = AsPath(asn, route.Prepend), Communities = route.Communities }
            : new SeenRoute { Prefix = prefix, Announced = false, AsPath = "", Communities = [] }),
    ];

    public static string AsPath(uint asn, int prepend) =>
        string.Join(' ', Enumerable.Repeat(asn.ToString(CultureInfo.InvariantCulture), 1 + prepend));
}
