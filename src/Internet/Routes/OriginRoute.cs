using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Internet.Graph;
using OrleansCdn.Routing.Catalogue;

namespace OrleansCdn.Internet.Routes;

/// <summary>One prefix as one neighbour of the operator has it from one PoP.</summary>
public sealed record OriginRoute
{
    /// <summary>Longer paths are dropped by the limits that networks set (some at 50, most at 75 or 100).</summary>
    public const int MaxPath = 255;

    public required string Pop { get; init; }

    public required string Upstream { get; init; }

    public required Place At { get; init; }

    public required UpstreamKind Kind { get; init; }

    /// <summary>The neighbour's number in its session with the operator.</summary>
    public required uint SessionAsn { get; init; }

    /// <summary>Its number in AS paths, see <see cref="NetworkAsnOf"/>.</summary>
    public required uint NetworkAsn { get; init; }

    /// <summary>How the neighbour is told; null: only what is well known means something to it.</summary>
    public ProviderConfig? Provider { get; init; }

    /// <summary>As received: the nearest first, 1 to <see cref="MaxPath"/>.</summary>
    public required ImmutableArray<uint> Path { get; init; }

    public required ImmutableArray<Community> Communities { get; init; }

    /// <summary>RFC 8326.</summary>
    public bool IsGoing => Communities.Contains(Community.GracefulShutdown);

    /// <returns>Null when the neighbour does not have it.</returns>
    public static OriginRoute? Of(CdnConfig config, PopConfig pop, UpstreamConfig upstream, SeenRoute seen) => seen.Announced
        ? Of(config, pop, upstream, [.. seen.AsPath.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(asn => uint.Parse(asn, CultureInfo.InvariantCulture))], seen.Communities)
        : null;

    /// <param name="config">Says whose catalogue is the upstream's.</param>
    /// <param name="pop">Where the session is.</param>
    /// <param name="upstream">Whom it is with.</param>
    /// <param name="path">See <see cref="Path"/>.</param>
    /// <param name="communities">As received.</param>
    public static OriginRoute Of(CdnConfig config, PopConfig pop, UpstreamConfig upstream, ImmutableArray<uint> path, ImmutableArray<Community> communities) => new()
    {
        Pop = pop.Id,
        Upstream = upstream.Id,
        At = PlaceOf(pop),
        Kind = upstream.Kind,
        SessionAsn = upstream.Asn,
        NetworkAsn = NetworkAsnOf(config, upstream),
        Provider = ProviderCatalogue.Of(config).Find(upstream.Provider),
        Path = path,
        Communities = communities,
    };

    /// <summary>What the graph has to know of a session.</summary>
    public static SessionPlace SessionPlaceOf(CdnConfig config, PopConfig pop, UpstreamConfig upstream) =>
        new(NetworkAsnOf(config, upstream), PlaceOf(pop), [.. upstream.Carriers.Select(c => c.Asn)]);

    /// <summary>
    /// A neighbour that has a private number towards its customers takes it out of the paths: Vultr's 64515 is AS20473, as its
    /// catalogue says.
    /// </summary>
    public static uint NetworkAsnOf(CdnConfig config, UpstreamConfig upstream) =>
        IsPrivate(upstream.Asn) && ProviderCatalogue.Of(config).Find(upstream.Provider)?.Asn is { } asn ? asn : upstream.Asn;

    /// <summary>RFC 6996.</summary>
    private static bool IsPrivate(uint asn) => asn is (>= 64512 and <= 65534) or (>= 4_200_000_000 and <= 4_294_967_294);

    private static Place PlaceOf(PopConfig pop) => new("pop-" + pop.Id, pop.Name, pop.Location.Continent, pop.Location.Latitude, pop.Location.Longitude);
}
