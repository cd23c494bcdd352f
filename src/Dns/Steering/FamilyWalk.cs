using System.Globalization;

namespace OrleansCdn.Dns.Steering;

/// <summary>Builds one family's trie: depth first, bottom up.</summary>
internal sealed class FamilyWalk(FamilyTrees trees, SelectionChain chain, ListPool lists, CancellationToken cancellationToken)
{
    /// <summary>
    /// Databases of MaxMind lead to the tree of IPv4 from four places (RFC 4291 mapped, 6to4, Teredo), of which special blocks take three
    /// away. A file that was made to be walked for ever is stopped here.
    /// </summary>
    private const int VisitsPerNode = 4;

    /// <summary>Of trees with next to no nodes: special blocks alone.</summary>
    private const int LeastVisits = 1 << 16;

    /// <summary>How often is looked whether anybody waits still.</summary>
    private const int VisitsPerLook = 1 << 16;

    private readonly Dictionary<(int Prefix, int Place, int Network, int Rtt), int> _decided = [];
    private readonly long _mostVisits = LeastVisits + (VisitsPerNode * trees.Nodes);
    private long _visits;

    public BinaryTrie Trie { get; } = new();

    /// <summary>Why the trie cannot be used; null: it can.</summary>
    public string? Error { get; private set; }

    /// <returns>The root's reference.</returns>
    public int Run() => Walk(trees.Root, 0);

    private int Walk(in FamilyCursor at, int depth)
    {
        if (at.IsSettled)
        {
            return BinaryTrie.Leaf(Decide(at));
        }

        if (depth == trees.Length || ++_visits > _mostVisits || Trie.IsFull)
        {
            Error ??= depth == trees.Length
                ? "a database's tree goes deeper than an address has bits"
                : _visits > _mostVisits
                    ? "a database's tree leads to the same nodes over and over"
                    : string.Create(CultureInfo.InvariantCulture, $"steering needs more than {BinaryTrie.MaxNodes} nodes: give fewer PoPs, or a database with less detail");
        }

        if (_visits % VisitsPerLook == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return Error is null
            ? Trie.Join(Walk(trees.Child(at, 0, depth), depth + 1), Walk(trees.Child(at, 1, depth), depth + 1))
            : BinaryTrie.Leaf(0);
    }

    private int Decide(in FamilyCursor at)
    {
        ChainFacts facts = trees.Facts(at);

        // ASes that nobody mentions are alike: there are some 80,000 of them in every country's networks.
        bool isSpecial = at.Special.Value != PrefixTree.None;
        var key = (facts.Prefix, isSpecial ? -1 : at.Place.Record, chain.MentionedAsns.Contains(facts.Asn) ? at.Network.Record : -1, facts.Rtt);
        if (facts.Prefix != PrefixTree.None)
        {
            key = (facts.Prefix, -1, -1, -1);
        }

        if (!_decided.TryGetValue(key, out int list))
        {
            _decided.Add(key, list = lists.Add(chain.Decide(facts).Order));
        }

        return list;
    }
}
