using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Dns.Steering;

/// <summary>Prefixes of one address family with a number each, as a binary tree that other trees can be walked beside.</summary>
internal sealed class PrefixTree
{
    /// <summary>In place of a node: nothing longer is below.</summary>
    public const int Nowhere = -1;

    /// <summary>In place of a value.</summary>
    public const int None = -1;

    private readonly List<Node> _nodes = [new Node(Nowhere, Nowhere, None)];

    /// <summary>Of the prefixes of that family, the last one counts where two are the same.</summary>
    public static PrefixTree Of(bool isIpv4, IEnumerable<(IPNetwork Prefix, int Value)> prefixes)
    {
        var tree = new PrefixTree();
        foreach ((IPNetwork prefix, int value) in prefixes)
        {
            if (prefix.BaseAddress.AddressFamily == (isIpv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6))
            {
                tree.Add(AddressBits.Of(prefix.BaseAddress), isIpv4 ? 32 : 128, prefix.PrefixLength, value);
            }
        }

        return tree;
    }

    public PrefixCursor Root => Enter(0, None, 0, 0);

    /// <param name="at">With a node.</param>
    /// <param name="bit">0 or 1.</param>
    /// <param name="depth">How many bits led to <paramref name="at"/>.</param>
    public PrefixCursor Child(PrefixCursor at, int bit, int depth)
    {
        Node node = _nodes[at.Node];
        int child = bit == 0 ? node.Zero : node.One;
        return child == Nowhere ? at with { Node = Nowhere } : Enter(child, at.Value, at.Bits, depth + 1);
    }

    /// <summary>The longest prefix that an address is in.</summary>
    public PrefixCursor Find(UInt128 address, int length)
    {
        PrefixCursor at = Root;
        for (int depth = 0; at.Node != Nowhere; depth++)
        {
            at = Child(at, (int)(address >> (length - 1 - depth)) & 1, depth);
        }

        return at;
    }

    private PrefixCursor Enter(int index, int inherited, int inheritedBits, int depth)
    {
        Node node = _nodes[index];
        bool hasValue = node.Value != None;
        return new PrefixCursor(
            node is { Zero: Nowhere, One: Nowhere } ? Nowhere : index, hasValue ? node.Value : inherited, hasValue ? depth : inheritedBits);
    }

    private void Add(UInt128 address, int length, int bits, int value)
    {
        int at = 0;
        for (int depth = 0; depth < bits; depth++)
        {
            bool one = ((address >> (length - 1 - depth)) & 1) != 0;
            Node node = _nodes[at];
            int child = one ? node.One : node.Zero;
            if (child == Nowhere)
            {
                child = _nodes.Count;
                _nodes.Add(new Node(Nowhere, Nowhere, None));
                _nodes[at] = one ? node with { One = child } : node with { Zero = child };
            }

            at = child;
        }

        _nodes[at] = _nodes[at] with { Value = value };
    }

    private readonly record struct Node(int Zero, int One, int Value);
}

/// <param name="Node">Where longer prefixes are, or <see cref="PrefixTree.Nowhere"/>.</param>
/// <param name="Value">Of the longest prefix up to here, or <see cref="PrefixTree.None"/>.</param>
/// <param name="Bits">That prefix's length.</param>
internal readonly record struct PrefixCursor(int Node, int Value, int Bits)
{
    public static readonly PrefixCursor Nothing = new(PrefixTree.Nowhere, PrefixTree.None, 0);
}
