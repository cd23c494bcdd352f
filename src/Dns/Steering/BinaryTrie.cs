namespace OrleansCdn.Dns.Steering;

/// <summary>A trie while it is being built, bottom up: a reference below zero is a leaf (the complement of its value), others are nodes.</summary>
internal sealed class BinaryTrie
{
    /// <summary>More than any table of routes has prefixes, eight times over; 128 MiB.</summary>
    public const int MaxNodes = 1 << 24;

    private readonly List<(int Zero, int One)> _nodes = [];

    public bool IsFull => _nodes.Count >= MaxNodes;

    public int Count => _nodes.Count;

    public static int Leaf(int value) => ~value;

    public static bool IsLeaf(int reference) => reference < 0;

    public static int Value(int reference) => ~reference;

    public (int Zero, int One) this[int reference] => _nodes[reference];

    /// <summary>What stands above two halves: where both are the same leaf, that leaf, so that it is as wide as its answer goes.</summary>
    public int Join(int zero, int one)
    {
        if (zero == one && IsLeaf(zero))
        {
            return zero;
        }

        _nodes.Add((zero, one));
        return _nodes.Count - 1;
    }
}
