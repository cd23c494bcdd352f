namespace OrleansCdn.Dns.Steering;

/// <summary>Builds one family's trie: depth first, bottom up.</summary>
internal sealed class FamilyWalk(FamilyTrees trees, SelectionChain chain, ListPool lists, CancellationToken cancellationToken)
{
    /// <summary>How often is looked whether anybody waits still.</summary>
    private const int VisitsPerLook = 1 << 16;

    private readonly Dictionary<(int Prefix, int Place, int Network, int Rtt), int> _decided = [];
    private long _visits;

    public BinaryTrie Trie { get; } = new();

    /// <returns>The root's reference.</returns>
    public int Run() => Walk(trees.Root, 0);

    private int Walk(in FamilyCursor at, int depth)
    {
        if (at.IsSettled)
        {
            return BinaryTrie.Leaf(Decide(at));
        }

        if (Trie.IsFull)
        {
            return BinaryTrie.Leaf(0);
        }

        if (++_visits % VisitsPerLook == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return Trie.Join(Walk(trees.Child(at, 0, depth), depth + 1), Walk(trees.Child(at, 1, depth), depth + 1));
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
