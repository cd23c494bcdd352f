using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Internet.Graph;
using OrleansCdn.Internet.Routes;

namespace OrleansCdn.Internet.Tests;

/// <summary>
/// BGP as it is, without any of the model's shortcuts: every point of every network holds what each of its sessions told it, decides by
/// itself, tells its own network and its neighbours, and again in random order until nothing changes. Paths are whole and checked for
/// loops. Of communities it knows the two forms of <see cref="Withdraw"/> and <see cref="Prepend"/>, at every network.
/// </summary>
internal sealed class NaiveBgp
{
    /// <summary>Far more than a stable outcome needs on graphs of these sizes.</summary>
    private const int MaxRounds = 1_000;

    private readonly AsGraph _graph;
    private readonly ImmutableArray<OriginRoute> _origins;
    private readonly Held?[] _own;

    public NaiveBgp(AsGraph graph, ImmutableArray<OriginRoute> origins)
    {
        _graph = graph;
        _origins = origins;
        Best = new Held?[graph.PointCount];
        _own = new Held?[graph.PointCount];
    }

    public sealed record Held(Relation From, bool IsGoing, ImmutableArray<uint> Path, int Origin, int Exit, int Neighbor)
    {
        public int Preference => IsGoing ? 0 : From switch { Relation.Customer => 3, Relation.Peer => 2, _ => 1 };
    }

    /// <summary>What each point uses.</summary>
    public Held?[] Best { get; }

    public static Community Withdraw(ushort network) => Community.Standard(64600, network);

    public static Community Prepend(ushort network) => Community.Standard(64602, network);

    /// <returns>False: it never comes to rest.</returns>
    public bool Run(Random random)
    {
        int[] networks = [.. Enumerable.Range(0, _graph.Networks.Length)];
        for (int round = 0; round < MaxRounds; round++)
        {
            random.Shuffle(networks);
            bool changed = false;
            foreach (int network in networks)
            {
                changed |= Decide(network);
            }

            if (!changed)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>All points of a network decide anew.</summary>
    public bool Decide(int network)
    {
        (int first, int end) = _graph.PointsOf(network);
        for (int point = first; point < end; point++)
        {
            _own[point] = Heard(network, point).OrderByDescending(h => h.Preference).ThenBy(h => h.Path.Length).ThenBy(h => h.Path[0]).ThenBy(h => h.Neighbor).ThenBy(h => h.Origin).FirstOrDefault();
        }

        bool changed = false;
        for (int point = first; point < end; point++)
        {
            // What is learnt outside comes before what the network's other points say, and that from the nearest of them.
            Held? best = Enumerable.Range(first, end - first).Select(p => _own[p]).OfType<Held>()
                .OrderByDescending(h => h.Preference)
                .ThenBy(h => h.Path.Length)
                .ThenBy(h => h.Exit == point ? -1 : _graph.Kilometres(point, h.Exit))
                .ThenBy(h => h.Path[0])
                .ThenBy(h => h.Neighbor)
                .ThenBy(h => h.Origin)
                .FirstOrDefault();
            changed |= !Same(best, Best[point]);
            Best[point] = best;
        }

        return changed;
    }

    private IEnumerable<Held> Heard(int network, int point)
    {
        uint asn = _graph.Networks[network].Asn;
        for (int i = 0; i < _origins.Length; i++)
        {
            OriginRoute origin = _origins[i];
            if (origin.NetworkAsn == asn && _graph.PointNear(network, origin.At) == point && !origin.Path.Contains(asn))
            {
                yield return new Held(origin.Kind == UpstreamKind.Transit ? Relation.Customer : Relation.Peer, origin.IsGoing, origin.Path, i, point, -1);
            }
        }

        foreach (Relation relation in Enum.GetValues<Relation>())
        {
            foreach (Arc arc in _graph.ArcsOf(network, relation).ToArray())
            {
                if (arc.Mine == point && Told(arc, relation, asn) is { } path && !path.Contains(asn))
                {
                    yield return new Held(relation, false, path, Best[arc.Theirs]!.Origin, point, arc.Theirs);
                }
            }
        }
    }

    private ImmutableArray<uint>? Told(Arc arc, Relation relationOfTeller, uint listener)
    {
        if (Best[arc.Theirs] is not { } held || (relationOfTeller != Relation.Provider && held.From != Relation.Customer))
        {
            return null;
        }

        OriginRoute origin = _origins[held.Origin];
        bool isFirst = held.Path.Length == origin.Path.Length;
        if (origin.Communities.Contains(Withdraw((ushort)listener)) || (isFirst && origin.Communities.Contains(Community.NoExport)))
        {
            return null;
        }

        int times = origin.Communities.Contains(Prepend((ushort)listener)) ? 3 : 1;
        return [.. Enumerable.Repeat(_graph.Networks[arc.Neighbor].Asn, times), .. held.Path];
    }

    private static bool Same(Held? one, Held? other) =>
        one is null || other is null ? one == other : one.Origin == other.Origin && one.Exit == other.Exit && one.Neighbor == other.Neighbor && one.Path.SequenceEqual(other.Path);
}
