using System.Collections.Immutable;
using OrleansCdn.Internet.Graph;
using OrleansCdn.Routing.Catalogue;
using OrleansCdn.Routing.Intent;

namespace OrleansCdn.Internet.Routes;

/// <summary>A route as a network has it, or could have it.</summary>
/// <param name="Preference">How it is preferred.</param>
/// <param name="Path">As it stands in the table of the network: without its own number.</param>
/// <param name="Origin">The operator's route that it comes from.</param>
/// <param name="Pops">Where it may lead to when nothing tells equal routes apart: the origin's PoP, and others if any.</param>
public sealed record HeldRoute(RoutePreference Preference, ImmutableArray<uint> Path, OriginRoute Origin, ImmutableArray<string> Pops);

/// <summary>Which route every network uses for one prefix. Immutable.</summary>
public sealed class RoutingTable
{
    private readonly RouteActions _actions;
    private readonly RoutePreference[] _preference;
    private readonly int[] _length;
    private readonly PointRoute[] _routes;
    private readonly PopSets _pops;

    internal RoutingTable(
        AsGraph graph, ImmutableArray<OriginRoute> origins, RouteActions actions, RoutePreference[] preference, int[] length, PointRoute[] routes, PopSets pops)
    {
        Graph = graph;
        Origins = origins;
        _actions = actions;
        _preference = preference;
        _length = length;
        _routes = routes;
        _pops = pops;
    }

    public AsGraph Graph { get; }

    public ImmutableArray<OriginRoute> Origins { get; }

    /// <param name="graph">Networks.</param>
    /// <param name="origins">What the operator's neighbours have, of one prefix.</param>
    /// <param name="catalogue">What communities mean to them.</param>
    public static RoutingTable Of(AsGraph graph, ImmutableArray<OriginRoute> origins, ProviderCatalogue catalogue) => Propagation.Run(graph, origins, catalogue);

    public RoutePreference PreferenceOf(int network) => _preference[network];

    /// <summary>Of the path, without the network's own number; 0: no route.</summary>
    public int LengthOf(int network) => _length[network];

    /// <returns>Null: it has none.</returns>
    public HeldRoute? RouteAt(int point)
    {
        PointRoute route = _routes[point];
        return route.Origin < 0
            ? null
            : new HeldRoute(_preference[Graph.NetworkAt(point)], PathAt(point), Origins[route.Origin], _pops[route.PopSet]);
    }

    /// <summary>Every PoP that packets of this network may reach: of all its points, and where nothing tells equal routes apart.</summary>
    public ImmutableArray<string> PopsOf(int network)
    {
        (int first, int end) = Graph.PointsOf(network);
        int set = 0;
        for (int point = first; point < end; point++)
        {
            set = _pops.Union(set, _routes[point].PopSet);
        }

        return _pops[set];
    }

    /// <summary>What the neighbours of a network tell it, and those of its own sessions with the operator; the one in use among them.</summary>
    public ImmutableArray<HeldRoute> HeardBy(int network)
    {
        var heard = ImmutableArray.CreateBuilder<HeldRoute>();
        foreach (Telling telling in Telling.Of(Graph, Origins, _actions).Where(t => t.Network == network))
        {
            OriginRoute origin = Origins[telling.Candidate.Origin];
            RoutePreference preference = origin.IsGoing ? RoutePreference.Going : telling.IsToProvider ? RoutePreference.FromCustomer : RoutePreference.FromPeer;
            heard.Add(new HeldRoute(preference, Repeated(origin.Path, telling.Candidate.Repeats), origin, [origin.Pop]));
        }

        Hear(heard, network, Relation.Customer, RoutePreference.FromCustomer);
        Hear(heard, network, Relation.Peer, RoutePreference.FromPeer);
        Hear(heard, network, Relation.Provider, RoutePreference.FromProvider);
        return heard.ToImmutable();
    }

    private void Hear(ImmutableArray<HeldRoute>.Builder heard, int network, Relation from, RoutePreference preference)
    {
        Relation back = from switch { Relation.Customer => Relation.Provider, Relation.Provider => Relation.Customer, _ => Relation.Peer };
        uint own = Graph.Networks[network].Asn;
        foreach (Arc arc in Graph.ArcsOf(network, from))
        {
            PointRoute route = _routes[arc.Theirs];
            if (route.Origin < 0 || (back != Relation.Customer && !IsForAll(arc.Neighbor)))
            {
                continue;
            }

            CarrierAction action = _actions.Towards(
                arc.Neighbor, route.Origin, _actions.IsFirst(route.Origin, route.From), new Arc(network, arc.Theirs, arc.Mine, arc.IsAtExchange), back);
            ImmutableArray<uint> path = [.. Enumerable.Repeat(Graph.Networks[arc.Neighbor].Asn, 1 + action.Prepend), .. PathAt(arc.Theirs)];
            if (!action.Withdraw && !path.Contains(own))
            {
                heard.Add(new HeldRoute(preference, path, Origins[route.Origin], _pops[route.PopSet]));
            }
        }
    }

    /// <summary>What customers say is passed on to everybody; what others say to customers alone.</summary>
    private bool IsForAll(int network) => _preference[network] switch
    {
        RoutePreference.FromCustomer => true,
        RoutePreference.Going => Origins[_routes[Graph.PointsOf(network).First].Origin].Kind == Contracts.Config.UpstreamKind.Transit,
        _ => false,
    };

    private ImmutableArray<uint> PathAt(int point)
    {
        var path = ImmutableArray.CreateBuilder<uint>();
        PointRoute route = _routes[_routes[point].Exit];
        while (route.From >= 0)
        {
            path.AddRange(Enumerable.Repeat(Graph.Networks[Graph.NetworkAt(route.From)].Asn, 1 + route.Repeats));
            route = _routes[_routes[route.From].Exit];
        }

        path.AddRange(Repeated(Origins[route.Origin].Path, route.Repeats));
        return path.ToImmutable();
    }

    private static ImmutableArray<uint> Repeated(ImmutableArray<uint> path, int times) => [.. Enumerable.Repeat(path[0], times), .. path];
}
