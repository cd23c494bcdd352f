using System.Collections.Immutable;
using OrleansCdn.Internet.Graph;
using OrleansCdn.Routing.Catalogue;
using OrleansCdn.Routing.Intent;

namespace OrleansCdn.Internet.Routes;

/// <summary>
/// Where routes end up when every network prefers its customers' routes to its peers', those to its providers', and shorter paths
/// among equals, and passes on to peers and providers only what its customers have told it (Gao and Rexford, 2001). Preference and
/// length are then the same all over a network, so that each is settled once, in the order: (1) up, from customers to providers,
/// by length; (2) across, to peers; (3) down, from providers to customers, by length. Each link is looked at once in all.
/// Among equal routes a point takes its own exit, else the nearest (hot potato), then the neighbour with the lowest number.
/// </summary>
internal sealed class Propagation
{
    private readonly AsGraph _graph;
    private readonly ImmutableArray<OriginRoute> _origins;
    private readonly RouteActions _actions;
    private readonly SortedSet<int> _going;
    private readonly PopSets _pops = new();
    private readonly RoutePreference[] _preference;
    private readonly int[] _length;
    private readonly PointRoute[] _routes;
    private readonly Candidates _candidates;
    private readonly List<List<int>> _byLength = [];

    /// <param name="graph">Networks.</param>
    /// <param name="origins">The operator's routes.</param>
    /// <param name="actions">What their communities do.</param>
    /// <param name="going">Networks that use routes which are about to go.</param>
    private Propagation(AsGraph graph, ImmutableArray<OriginRoute> origins, RouteActions actions, SortedSet<int> going)
    {
        _going = going;
        _graph = graph;
        _origins = origins;
        _actions = actions;
        _preference = new RoutePreference[graph.Networks.Length];
        _length = new int[graph.Networks.Length];
        _routes = new PointRoute[graph.PointCount];
        Array.Fill(_routes, PointRoute.None);
        _candidates = new Candidates(graph.Networks.Length);
    }

    public static RoutingTable Run(AsGraph graph, ImmutableArray<OriginRoute> origins, ProviderCatalogue catalogue)
    {
        var actions = new RouteActions(graph, origins, catalogue);
        ImmutableArray<Telling> tellings = Telling.Of(graph, origins, actions);
        var going = new SortedSet<int>();
        var spared = new HashSet<int>();
        while (true)
        {
            var run = new Propagation(graph, origins, actions, going);
            run.Spread(tellings);

            // Who has nothing but a route that is about to go uses it, and others may have it from there: one neighbour after the
            // other, by number, since two that could have it from one another would each rather not use their own (RFC 4264).
            IGrouping<int, Telling>? next = tellings.Where(t => origins[t.Candidate.Origin].IsGoing && run.Lacks(t)).GroupBy(t => t.Neighbor).MinBy(g => g.Key);
            if (next is not null)
            {
                going.UnionWith(next.Select(t => t.Network));
                continue;
            }

            // Where communities keep a route from one of the two alone, the other may have begun too early. Once is enough to see it.
            var table = new RoutingTable(graph, origins, actions, run._preference, run._length, run._routes, run._pops);
            int early = going.FirstOrDefault(n => !spared.Contains(n) && table.HeardBy(n).Any(h => h.Preference != RoutePreference.Going), -1);
            if (early < 0)
            {
                return table;
            }

            spared.Add(early);
            going.Remove(early);
        }
    }

    private void Spread(ImmutableArray<Telling> tellings)
    {
        // :: Step 1
        Offer(tellings, toProviders: true);
        SettleByLength(RoutePreference.FromCustomer, Relation.Provider);

        // :: Step 2. Only those have something for peers: what they use is from customers.
        int[] settled = [.. Enumerable.Range(0, _preference.Length).Where(n => _preference[n] != RoutePreference.None)];
        Offer(tellings, toProviders: false);
        foreach (int network in settled)
        {
            Export(network, Relation.Peer);
        }

        SettleByLength(RoutePreference.FromPeer, null);

        // :: Step 3
        for (int network = 0; network < _preference.Length; network++)
        {
            if (_preference[network] != RoutePreference.None)
            {
                Bucket(_length[network]).Add(network);
            }
        }

        SettleByLength(RoutePreference.FromProvider, Relation.Customer);
    }

    private void Offer(ImmutableArray<Telling> tellings, bool toProviders)
    {
        foreach (Telling telling in tellings)
        {
            OriginRoute origin = _origins[telling.Candidate.Origin];
            if (telling.IsToProvider == toProviders && (!origin.IsGoing || _going.Contains(telling.Network)))
            {
                Offer(telling.Network, telling.Length, telling.Candidate with { PopSet = _pops.Of(origin.Pop) });
            }
        }
    }

    /// <summary>Networks in the order of their paths' lengths; each tells its neighbours as soon as it is settled.</summary>
    /// <param name="preference">Of the networks that are settled now.</param>
    /// <param name="towards">Whom they tell; null: nobody yet.</param>
    private void SettleByLength(RoutePreference preference, Relation? towards)
    {
        for (int length = 0; length < _byLength.Count; length++)
        {
            // A network that is told tells on with a longer path: this one does not grow.
            foreach (int network in _byLength[length])
            {
                if (_preference[network] == RoutePreference.None)
                {
                    Settle(network, preference);
                }

                if (towards is { } relation && _length[network] == length)
                {
                    Export(network, relation);
                }
            }

            _byLength[length].Clear();
        }
    }

    /// <summary>Tells the neighbours of one kind what the network uses where it meets them.</summary>
    private void Export(int network, Relation towards)
    {
        foreach (Arc arc in _graph.ArcsOf(network, towards))
        {
            if (_preference[arc.Neighbor] != RoutePreference.None)
            {
                continue;
            }

            PointRoute route = _routes[arc.Mine];
            CarrierAction action = _actions.Towards(network, route.Origin, _actions.IsFirst(route.Origin, route.From), arc, towards);
            if (!action.Withdraw)
            {
                Offer(arc.Neighbor, _length[network] + 1 + action.Prepend, new Candidate(arc.Theirs, route.Origin, arc.Mine, action.Prepend, route.PopSet));
            }
        }
    }

    private void Offer(int network, int length, Candidate candidate)
    {
        if (_preference[network] != RoutePreference.None || IsLoop(network, candidate.Origin))
        {
            return;
        }

        if (_candidates.Add(network, length, candidate))
        {
            Bucket(length).Add(network);
        }
    }

    private void Settle(int network, RoutePreference preference)
    {
        _length[network] = _candidates.LengthOf(network);
        (int first, int end) = _graph.PointsOf(network);
        foreach (Candidate candidate in _candidates.Of(network))
        {
            PointRoute known = _routes[candidate.Point];
            int set = _pops.Union(known.PopSet, candidate.PopSet);
            _routes[candidate.Point] = known.Origin < 0 || Compare(candidate, known) < 0
                ? new PointRoute(candidate.Point, candidate.Origin, candidate.From, candidate.Repeats, set)
                : known with { PopSet = set };
        }

        int[] exits = end - first == 1 ? [first] : [.. Enumerable.Range(first, end - first).Where(point => _routes[point].Origin >= 0)];
        for (int point = first; point < end; point++)
        {
            if (_routes[point].Origin < 0)
            {
                _routes[point] = Nearest(point, exits);
            }
        }

        bool isGoing = _routes[exits[0]] is { From: < 0 } only && _origins[only.Origin].IsGoing;
        _preference[network] = isGoing ? RoutePreference.Going : preference;
    }

    private PointRoute Nearest(int point, int[] exits)
    {
        double nearest = double.PositiveInfinity;
        PointRoute best = PointRoute.None;
        foreach (int exit in exits)
        {
            double distance = _graph.Kilometres(point, exit);
            PointRoute route = _routes[exit];
            if (distance < nearest || (distance == nearest && Compare(new Candidate(exit, route.Origin, route.From, route.Repeats, 0), best) < 0))
            {
                int set = distance < nearest ? route.PopSet : _pops.Union(best.PopSet, route.PopSet);
                (nearest, best) = (distance, route with { PopSet = set });
            }
            else if (distance == nearest)
            {
                best = best with { PopSet = _pops.Union(best.PopSet, route.PopSet) };
            }
        }

        return best;
    }

    /// <summary>Among equals: the neighbour with the lowest number, then its first point, then the operator's first route.</summary>
    private int Compare(Candidate candidate, PointRoute known) =>
        (NeighborOf(candidate.From, candidate.Origin), candidate.From, candidate.Origin).CompareTo((NeighborOf(known.From, known.Origin), known.From, known.Origin));

    private uint NeighborOf(int from, int origin) => from < 0 ? _origins[origin].Path[0] : _graph.Networks[_graph.NetworkAt(from)].Asn;

    private bool Lacks(Telling telling) =>
        _preference[telling.Network] == RoutePreference.None && !IsLoop(telling.Network, telling.Candidate.Origin);

    /// <summary>
    /// A network that stands in the path already does not take it (RFC 4271 §9.1.2). Behind the operator's own part of the path none
    /// can come twice: it is settled before it tells anybody.
    /// </summary>
    private bool IsLoop(int network, int origin) => _origins[origin].Path.Contains(_graph.Networks[network].Asn);

    private List<int> Bucket(int length)
    {
        while (_byLength.Count <= length)
        {
            _byLength.Add([]);
        }

        return _byLength[length];
    }
}
