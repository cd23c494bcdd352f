using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Internet.Graph;
using OrleansCdn.Internet.Routes;
using OrleansCdn.Routing.Catalogue;

namespace OrleansCdn.Internet.Catchments;

/// <summary>What one upstream sees, and would see.</summary>
public sealed record SeenAt(PopConfig Pop, UpstreamConfig Upstream, ImmutableArray<SeenRoute> Before, ImmutableArray<SeenRoute> After);

/// <summary>Which PoP is reached from where, before and after a change of routes.</summary>
public sealed record Forecast
{
    /// <summary>Name of the graph.</summary>
    public required string Graph { get; init; }

    /// <summary>Neighbours whose AS is not in the graph, as <c>lax/vultr (AS64515)</c>: what they pass on is not known.</summary>
    public required ImmutableArray<string> Unknown { get; init; }

    public required ImmutableArray<PrefixForecast> Prefixes { get; init; }

    /// <param name="file">The networks.</param>
    /// <param name="config">In force.</param>
    /// <param name="seen">All upstreams.</param>
    /// <param name="from">Networks to show; empty: the graph's vantage points.</param>
    public static Forecast Of(GraphFile file, CdnConfig config, ImmutableArray<SeenAt> seen, ImmutableArray<uint> from)
    {
        AsGraph graph = AsGraphBuilder.Build(file, [.. seen.Select(s => OriginRoute.SessionPlaceOf(config, s.Pop, s.Upstream))]);
        ImmutableArray<int> shown = from.IsEmpty
            ? [.. Enumerable.Range(0, graph.Networks.Length).Where(n => graph.Networks[n].IsVantage)]
            : [.. from.Select(graph.IndexOf).Where(n => n >= 0).Distinct()];

        // Prefixes that every upstream sees alike are one question.
        IEnumerable<IGrouping<string, IPNetwork>> groups = seen.SelectMany(s => s.Before.Concat(s.After)).Select(r => r.Prefix).Distinct().GroupBy(p => Key(seen, p));
        return new Forecast
        {
            Graph = file.Name,
            Unknown =
            [
                .. seen.Select(s => (Seen: s, Asn: OriginRoute.NetworkAsnOf(config, s.Upstream))).Where(s => graph.IndexOf(s.Asn) < 0)
                    .Select(s => $"{s.Seen.Pop.Id}/{s.Seen.Upstream.Id} (AS{s.Asn})"),
            ],
            Prefixes = [.. groups.Select(g => Of(graph, config, seen, [.. g], shown))],
        };
    }

    private static string Key(ImmutableArray<SeenAt> seen, IPNetwork prefix) => string.Join('\n', seen.SelectMany(s => new[] { Text(s.Before, prefix), Text(s.After, prefix) }));

    private static string Text(ImmutableArray<SeenRoute> routes, IPNetwork prefix) =>
        routes.FirstOrDefault(r => r.Prefix == prefix) is { Announced: true } route ? $"{route.AsPath};{string.Join(' ', route.Communities)}" : "";

    private static PrefixForecast Of(AsGraph graph, CdnConfig config, ImmutableArray<SeenAt> seen, ImmutableArray<IPNetwork> prefixes, ImmutableArray<int> shown)
    {
        ProviderCatalogue catalogue = ProviderCatalogue.Of(config);
        RoutingTable before = Table(s => s.Before);
        RoutingTable after = Table(s => s.After);
        return new PrefixForecast
        {
            Prefixes = [.. prefixes.Select(p => p.ToString())],
            Before = CatchmentTotals.Of(before),
            After = CatchmentTotals.Of(after),
            Moved = Enumerable.Range(0, graph.Networks.Length).Count(n => !before.PopsOf(n).AsSpan().SequenceEqual(after.PopsOf(n).AsSpan())),
            Shown = [.. shown.Select(n => new CatchmentChange(Catchment.Of(before, n), Catchment.Of(after, n)))],
        };

        RoutingTable Table(Func<SeenAt, ImmutableArray<SeenRoute>> side) => RoutingTable.Of(
            graph,
            [.. seen.Select(s => side(s).FirstOrDefault(r => r.Prefix == prefixes[0]) is { } route ? OriginRoute.Of(config, s.Pop, s.Upstream, route) : null).OfType<OriginRoute>()],
            catalogue);
    }
}

/// <summary>Of prefixes that are seen alike everywhere.</summary>
public sealed record PrefixForecast
{
    public required ImmutableArray<string> Prefixes { get; init; }

    public required CatchmentTotals Before { get; init; }

    public required CatchmentTotals After { get; init; }

    /// <summary>Networks that reach another PoP then, or know less or more surely which.</summary>
    public required int Moved { get; init; }

    public required ImmutableArray<CatchmentChange> Shown { get; init; }
}

/// <summary>One network before and after.</summary>
public sealed record CatchmentChange(Catchment Before, Catchment After)
{
    /// <summary>It reaches another PoP; a new way to the same one is no move.</summary>
    public bool IsMove => Before.Pop != After.Pop;
}
