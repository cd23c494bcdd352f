using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Internet.Catchments;
using OrleansCdn.Internet.Graph;
using OrleansCdn.Internet.Routes;
using OrleansCdn.Routing.Catalogue;

namespace OrleansCdn.Cli.LabInternet;

/// <summary>
/// What every neighbour has received, which routes the networks use because of it, and what has changed. Sessions write from their own
/// threads; <see cref="Settle"/> works out the rest, once for all that has come in since.
/// </summary>
internal sealed class InternetBook
{
    /// <summary>A lab of an hour with a change every few seconds.</summary>
    private const int MaxChanges = 1_000;

    /// <summary>Words about one change: every session of a large lab going down at once.</summary>
    private const int MaxWords = 500;

    /// <summary>Twice what a config may announce; a neighbour with such a limit ends the session, this one takes no more.</summary>
    private const int MaxRoutes = 2 * ConfigLimits.Prefixes;

    private readonly Lock _lock = new();
    private readonly CdnConfig _config;
    private readonly ProviderCatalogue _catalogue;
    private readonly AsGraph _graph;
    private readonly TimeProvider _time;
    private readonly Held[] _held;
    private readonly List<string> _words = [];
    private readonly Queue<InternetChange> _changes = [];
    private ImmutableSortedDictionary<string, ImmutableArray<Catchment>> _views = ImmutableSortedDictionary<string, ImmutableArray<Catchment>>.Empty;

    public InternetBook(CdnConfig config, ImmutableArray<NeighborPlan> plans, GraphFile file, TimeProvider time)
    {
        _config = config;
        _catalogue = ProviderCatalogue.Of(config);
        _graph = AsGraphBuilder.Build(file, [.. plans.Select(p => OriginRoute.SessionPlaceOf(config, p.Pop, p.Upstream))]);
        _time = time;
        _held = [.. plans.Select(p => new Held(p, time.GetUtcNow()))];
    }

    /// <summary>A session's state has changed; out of Established nothing that it brought counts any more (RFC 4271 §9).</summary>
    public void Change(int session, BgpState from, BgpState to)
    {
        lock (_lock)
        {
            Held held = _held[session];
            (held.State, held.Since) = (to, _time.GetUtcNow());
            if (to == BgpState.Established)
            {
                Say($"{held.Plan.Name}: session with {held.Plan.Edge} established");
            }
            else if (from == BgpState.Established)
            {
                Say($"{held.Plan.Name}: session with {held.Plan.Edge} down, {Count(held.Routes.Count)} gone with it");
                held.Routes.Clear();
            }
        }
    }

    /// <summary>An UPDATE has come.</summary>
    /// <param name="session">Index of its plan.</param>
    /// <param name="body">Of the message.</param>
    /// <param name="isFourOctet">See <see cref="UpdateReader"/>.</param>
    public void Update(int session, ReadOnlySpan<byte> body, bool isFourOctet)
    {
        UpdateReadResult read = UpdateReader.Read(body, isFourOctet);
        lock (_lock)
        {
            Held held = _held[session];
            if (read.Status == UpdateStatus.SessionReset)
            {
                Say($"{held.Plan.Name}: an UPDATE of {held.Plan.Edge} cannot be read; all of its routes are given up");
                held.Routes.Clear();
                return;
            }

            foreach (IPNetwork prefix in read.Update.Withdrawn)
            {
                Withdraw(held, prefix, "withdraws");
            }

            foreach (IPNetwork prefix in read.Update.Announced)
            {
                Announce(held, prefix, read.Update);
            }
        }
    }

    /// <summary>Works out what the networks use now, and writes down what moved.</summary>
    /// <returns>False: nothing has come in since the last time.</returns>
    public bool Settle()
    {
        ImmutableArray<string> words;
        ImmutableArray<(string Prefix, OriginRoute Route)> routes;
        lock (_lock)
        {
            if (_words.Count == 0)
            {
                return false;
            }

            words = [.. _words];
            _words.Clear();
            routes =
            [
                .. _held.SelectMany(h => h.Routes.Values.Select(r => (r.Prefix, OriginRoute.Of(_config, h.Plan.Pop, h.Plan.Upstream, r.AsPath, r.Communities)))),
            ];
        }

        ILookup<string, OriginRoute> byPrefix = routes.ToLookup(r => r.Prefix, r => r.Route);
        ImmutableSortedDictionary<string, ImmutableArray<Catchment>> before = _views;
        var views = before.Keys.Union(byPrefix.Select(g => g.Key)).Take(MaxRoutes)
            .ToImmutableSortedDictionary(p => p, p => Catchment.OfVantages(RoutingTable.Of(_graph, [.. byPrefix[p]], _catalogue)), StringComparer.Ordinal);
        var change = new InternetChange
        {
            When = _time.GetUtcNow(),
            What = words,
            Moved = [.. views.SelectMany(v => Moves(v.Key, before.GetValueOrDefault(v.Key, []), v.Value))],
        };
        lock (_lock)
        {
            _views = views;
            _changes.Enqueue(change);
            if (_changes.Count > MaxChanges)
            {
                _changes.Dequeue();
            }
        }

        return true;
    }

    public InternetReply Look()
    {
        lock (_lock)
        {
            return new InternetReply
            {
                When = _time.GetUtcNow(),
                Graph = _graph.Name,
                Prefixes = [.. _views.Select(v => new PrefixView(v.Key, v.Value))],
                Neighbors = [.. _held.Select(View)],
                Changes = [.. _changes],
            };
        }
    }

    private static IEnumerable<VantageMove> Moves(string prefix, ImmutableArray<Catchment> before, ImmutableArray<Catchment> after) =>
        after.Index().Select(a => (From: before.IsEmpty ? null : before[a.Index].Pop, To: a.Item)).Where(m => m.From != m.To.Pop)
            .Select(m => new VantageMove(m.To.Who, m.To.Region, m.To.Place, prefix, m.From, m.To.Pop));

    private static string Count(int routes) => routes == 1 ? "1 route" : string.Create(CultureInfo.InvariantCulture, $"{routes} routes");

    private void Announce(Held held, IPNetwork prefix, UpdateMessage update)
    {
        // RFC 4271 §6.3: the first number of the path is the neighbour's own.
        if (update.AsPath.Length is 0 or > OriginRoute.MaxPath || update.AsPath[0] != _config.Cluster.Asn)
        {
            Withdraw(held, prefix, "announces with a path that nobody takes, which counts as withdrawn:");
            return;
        }

        if (held.Routes.Count >= MaxRoutes && !held.Routes.ContainsKey(prefix))
        {
            Say($"{held.Plan.Name}: {prefix} of {held.Plan.Edge} is left out, it announces more than {MaxRoutes} prefixes");
            return;
        }

        var route = new ReceivedRoute
        {
            Prefix = prefix.ToString(),
            AsPath = update.AsPath,
            Communities = update.Communities,
            NextHop = $"{(prefix.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? update.NextHopIpv4 : update.NextHopIpv6)}",
            Since = _time.GetUtcNow(),
        };
        if (held.Routes.TryGetValue(prefix, out ReceivedRoute? known) && known.AsPath.SequenceEqual(route.AsPath) && known.Communities.SequenceEqual(route.Communities))
        {
            return;
        }

        held.Routes[prefix] = route;
        Say($"{held.Plan.Name}: {held.Plan.Edge} announces {prefix}, path {string.Join(' ', route.AsPath)}{(route.Communities.IsEmpty ? "" : ", " + string.Join(' ', route.Communities))}");
    }

    private void Withdraw(Held held, IPNetwork prefix, string how)
    {
        if (held.Routes.Remove(prefix))
        {
            Say($"{held.Plan.Name}: {held.Plan.Edge} {how} {prefix}");
        }
    }

    private void Say(string words)
    {
        if (_words.Count < MaxWords)
        {
            _words.Add(words);
        }
    }

    private NeighborView View(Held held)
    {
        uint asn = OriginRoute.NetworkAsnOf(_config, held.Plan.Upstream);
        int network = _graph.IndexOf(asn);
        return new NeighborView
        {
            Pop = held.Plan.Pop.Id,
            Edge = held.Plan.Edge,
            Upstream = held.Plan.Upstream.Id,
            Asn = held.Plan.Upstream.Asn,
            NetworkAsn = asn,
            Network = network < 0 ? "" : _graph.Networks[network].Name,
            Address = held.Plan.Session.Neighbor.ToString(),
            State = held.State,
            Since = held.Since,
            Routes = [.. held.Routes.Values.OrderBy(r => r.Prefix, StringComparer.Ordinal)],
        };
    }

    private sealed class Held(NeighborPlan plan, DateTimeOffset since)
    {
        public NeighborPlan Plan { get; } = plan;

        public BgpState State { get; set; } = BgpState.Idle;

        public DateTimeOffset Since { get; set; } = since;

        public Dictionary<IPNetwork, ReceivedRoute> Routes { get; } = [];
    }
}
