using System.Collections.Immutable;

namespace OrleansCdn.Internet.Graph;

/// <summary>
/// Puts links on points: two networks meet in every place that both have, and where they have none in common at the closest pair.
/// A network whose places are not known has a point at each PoP that has a session with it, and meets everybody at all of them.
/// </summary>
public static class AsGraphBuilder
{
    private static readonly (int First, int Second)[] OnePair = [(0, 0)];
    private static readonly Place?[] NoPlace = [null];

    /// <param name="file">Networks and links.</param>
    /// <param name="sessions">Where the operator meets them; those with networks that are not in the file do not count.</param>
    public static AsGraph Build(GraphFile file, ImmutableArray<SessionPlace> sessions)
    {
        ImmutableArray<Network> networks = Placed(file.Networks, sessions);
        var byAsn = new Dictionary<uint, int>(networks.Length);
        int[] firstPoint = new int[networks.Length + 1];
        var places = new List<Place?>(networks.Length);
        for (int i = 0; i < networks.Length; i++)
        {
            byAsn.Add(networks[i].Asn, i);
            firstPoint[i] = places.Count;
            places.AddRange(networks[i].Places.IsEmpty ? NoPlace : networks[i].Places);
        }

        firstPoint[^1] = places.Count;
        var known = new KnownCarriers(sessions);
        bool[] isOfFile = [.. file.Networks.Select(n => !n.Places.IsEmpty)];
        var halves = new List<HalfLink>(file.Links.Length * 2);
        foreach (NetworkLink link in file.Links)
        {
            (int first, int second) = (byAsn[link.First], byAsn[link.Second]);
            foreach ((int mine, int theirs) in Meetings(networks[first], networks[second], isOfFile[first] && isOfFile[second]))
            {
                if (!link.ArePeers && !known.Meet(networks[second], theirs, link.First))
                {
                    continue;
                }

                (int firstAt, int secondAt) = (firstPoint[first] + mine, firstPoint[second] + theirs);
                halves.Add(new HalfLink(first, link.ArePeers ? Relation.Peer : Relation.Customer, new Arc(second, firstAt, secondAt, link.IsAtExchange)));
                halves.Add(new HalfLink(second, link.ArePeers ? Relation.Peer : Relation.Provider, new Arc(first, secondAt, firstAt, link.IsAtExchange)));
            }
        }

        (int[] firstArc, Arc[] arcs) = Sorted(networks.Length, halves);
        return new AsGraph(file.Name, networks, firstPoint, [.. places], firstArc, arcs, byAsn);
    }

    private static ImmutableArray<Network> Placed(ImmutableArray<Network> networks, ImmutableArray<SessionPlace> sessions)
    {
        ILookup<uint, Place> met = sessions.ToLookup(s => s.Asn, s => s.At);
        return [.. networks.Select(n => n.Places.IsEmpty && met.Contains(n.Asn) ? n with { Places = [.. met[n.Asn].DistinctBy(p => p.Id)] } : n)];
    }

    /// <returns>Indexes into the places of both.</returns>
    private static (int First, int Second)[] Meetings(Network first, Network second, bool arePlacesKnown)
    {
        int firstCount = Math.Max(1, first.Places.Length);
        int secondCount = Math.Max(1, second.Places.Length);
        if (firstCount * secondCount == 1)
        {
            return OnePair;
        }

        (int First, int Second)[] pairs = [.. Enumerable.Range(0, firstCount * secondCount).Select(i => (i / secondCount, i % secondCount))];
        if (!arePlacesKnown)
        {
            return pairs;
        }

        (int First, int Second)[] common = [.. pairs.Where(p => first.Places[p.First].Id == second.Places[p.Second].Id)];
        return common.Length > 0 ? common : [pairs.MinBy(p => first.Places[p.First].KilometresTo(second.Places[p.Second]))];
    }

    /// <summary>Counting sort by network and relation; neighbours ascend within, as their indexes follow their numbers.</summary>
    private static (int[] FirstArc, Arc[] Arcs) Sorted(int networks, List<HalfLink> halves)
    {
        const int Relations = 3;
        int[] firstArc = new int[(networks * Relations) + 1];
        foreach (HalfLink half in halves)
        {
            firstArc[half.Slot + 1]++;
        }

        for (int i = 1; i < firstArc.Length; i++)
        {
            firstArc[i] += firstArc[i - 1];
        }

        int[] next = firstArc.AsSpan(..^1).ToArray();
        var arcs = new Arc[halves.Count];
        foreach (HalfLink half in halves)
        {
            arcs[next[half.Slot]++] = half.Arc;
        }

        for (int slot = 0; slot + 1 < firstArc.Length; slot++)
        {
            if (firstArc[slot + 1] - firstArc[slot] > 1)
            {
                arcs.AsSpan(firstArc[slot]..firstArc[slot + 1]).Sort(static (a, b) => (a.Neighbor, a.Mine, a.Theirs).CompareTo((b.Neighbor, b.Mine, b.Theirs)));
            }
        }

        return (firstArc, arcs);
    }

    private readonly record struct HalfLink(int Network, Relation Relation, Arc Arc)
    {
        public int Slot => (Network * 3) + (int)Relation;
    }

    /// <summary>A carrier that the operator names behind a network at some of its PoPs is met there and nowhere else.</summary>
    private sealed class KnownCarriers(ImmutableArray<SessionPlace> sessions)
    {
        private readonly ILookup<(uint Network, uint Carrier), Place> _where =
            sessions.SelectMany(s => s.Carriers.Select(c => (Key: (s.Asn, c), s.At))).ToLookup(x => x.Key, x => x.At);

        private readonly HashSet<uint> _networks = [.. sessions.Where(s => !s.Carriers.IsEmpty).Select(s => s.Asn)];

        public bool Meet(Network network, int at, uint carrier)
        {
            if (!_networks.Contains(network.Asn) || !_where.Contains((network.Asn, carrier)))
            {
                return true;
            }

            return _where[(network.Asn, carrier)].Any(pop => Nearest(network, pop) == at);
        }

        private static int Nearest(Network network, Place pop) => Enumerable.Range(0, network.Places.Length).MinBy(i => network.Places[i].KilometresTo(pop));
    }
}
