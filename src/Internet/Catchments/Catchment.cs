using System.Collections.Immutable;
using OrleansCdn.Internet.Graph;
using OrleansCdn.Internet.Routes;

namespace OrleansCdn.Internet.Catchments;

/// <summary>Which PoP the visitors of one network reach, and why.</summary>
public sealed record Catchment
{
    public required uint Asn { get; init; }

    public required string Name { get; init; }

    /// <summary>Empty where the graph has no places.</summary>
    public required string Region { get; init; }

    /// <summary>Town; empty where the graph has no places.</summary>
    public required string Place { get; init; }

    /// <summary>Null: no route reaches it.</summary>
    public string? Pop { get; init; }

    /// <summary>Of the PoP.</summary>
    public string? Upstream { get; init; }

    /// <summary>Other PoPs that it may reach as well: nothing that is known tells equal routes apart.</summary>
    public ImmutableArray<string> Or { get; init; } = [];

    /// <summary>As in the network's own table, the nearest first; empty without route.</summary>
    public string AsPath { get; init; } = "";

    /// <summary>The same in names, without the operator's own.</summary>
    public string Way { get; init; } = "";

    /// <summary>What its neighbours tell it, the best first.</summary>
    public ImmutableArray<HeardRoute> Heard { get; init; } = [];

    public string Who => Name.Length == 0 ? $"AS{Asn}" : Name;

    /// <summary>Those that are marked as vantage points, in the order of their numbers; of a network with several places the first.</summary>
    public static ImmutableArray<Catchment> OfVantages(RoutingTable table) =>
        [.. Enumerable.Range(0, table.Graph.Networks.Length).Where(n => table.Graph.Networks[n].IsVantage).Select(n => Of(table, n))];

    /// <param name="table">Of one prefix.</param>
    /// <param name="index">Of the network.</param>
    public static Catchment Of(RoutingTable table, int index)
    {
        Network network = table.Graph.Networks[index];
        Place? place = network.Places.FirstOrDefault();
        HeldRoute? route = table.RouteAt(table.Graph.PointsOf(index).First);
        var catchment = new Catchment
        {
            Asn = network.Asn,
            Name = network.Name,
            Region = place?.Region ?? "",
            Place = place?.Name ?? "",
            Heard = [.. table.HeardBy(index).OrderByDescending(r => r.Preference).ThenBy(r => r.Path.Length).ThenBy(r => r.Path[0]).Select(r => HeardRoute.Of(table.Graph, r, route))],
        };
        return route is null ? catchment : catchment with
        {
            Pop = route.Origin.Pop,
            Upstream = route.Origin.Upstream,
            Or = table.PopsOf(index).Remove(route.Origin.Pop),
            AsPath = string.Join(' ', route.Path),
            Way = InNames(table.Graph, route),
        };
    }

    internal static string InNames(AsGraph graph, HeldRoute route) => string.Join(", ", route.Path
        .Take(route.Path.Length - route.Origin.Path.Length)
        .Distinct()
        .Select(asn => graph.IndexOf(asn) is >= 0 and var index && graph.Networks[index].Name is { Length: > 0 } name ? name : $"AS{asn}"));
}

/// <summary>A route that a neighbour tells a network.</summary>
/// <param name="Preference">By who the neighbour is to it.</param>
/// <param name="AsPath">The nearest first.</param>
/// <param name="Way">In names, without the operator's own.</param>
/// <param name="Pop">Where it leads.</param>
/// <param name="Or">See <see cref="Catchment.Or"/>.</param>
/// <param name="IsUsed">It is the one.</param>
public sealed record HeardRoute(RoutePreference Preference, string AsPath, string Way, string Pop, ImmutableArray<string> Or, bool IsUsed)
{
    internal static HeardRoute Of(AsGraph graph, HeldRoute heard, HeldRoute? used) => new(
        heard.Preference,
        string.Join(' ', heard.Path),
        Catchment.InNames(graph, heard),
        heard.Origin.Pop,
        heard.Pops.Remove(heard.Origin.Pop),
        used is not null && heard.Preference == used.Preference && heard.Origin == used.Origin && heard.Path.AsSpan().SequenceEqual(used.Path.AsSpan()));
}
