using System.Numerics;

namespace OrleansCdn.Dns.Steering;

/// <summary>
/// A trie to look up in: six bits a step, children and leaves of a node found by counting bits (Asai and Ohara, "Poptrie", SIGCOMM
/// 2015). A leaf is a value in the high 24 bits and, in the low eight, the length of the prefix that it is for.
/// </summary>
internal sealed class PrefixTrie
{
    public const int MaxValue = (1 << 24) - 1;

    private const int Stride = 6;
    private const int Slots = 1 << Stride;

    private readonly Node[] _nodes;
    private readonly uint[] _leaves;

    private PrefixTrie(Node[] nodes, uint[] leaves)
    {
        _nodes = nodes;
        _leaves = leaves;
    }

    public long Bytes => ((long)_nodes.Length * Node.Bytes) + ((long)_leaves.Length * sizeof(uint));

    public static PrefixTrie Of(BinaryTrie trie, int root)
    {
        var nodes = new List<Node> { default };
        var leaves = new List<uint>();
        var waiting = new Queue<(int Index, int Reference, int Depth)>();
        waiting.Enqueue((0, root, 0));
        Span<int> slots = stackalloc int[Slots];
        Span<byte> depths = stackalloc byte[Slots];
        while (waiting.TryDequeue(out (int Index, int Reference, int Depth) next))
        {
            Expand(trie, next.Reference, next.Depth, slots, depths);
            ulong children = 0;
            ulong starts = 0;
            int childBase = nodes.Count;
            int leafBase = leaves.Count;
            for (int slot = 0; slot < Slots; slot++)
            {
                if (!BinaryTrie.IsLeaf(slots[slot]))
                {
                    children |= 1UL << slot;
                    waiting.Enqueue((nodes.Count, slots[slot], next.Depth + Stride));
                    nodes.Add(default);
                    continue;
                }

                uint leaf = ((uint)BinaryTrie.Value(slots[slot]) << 8) | depths[slot];
                if (leaves.Count == leafBase || leaves[^1] != leaf)
                {
                    starts |= 1UL << slot;
                    leaves.Add(leaf);
                }
            }

            nodes[next.Index] = new Node(children, starts, childBase, leafBase);
        }

        return new PrefixTrie([.. nodes], [.. leaves]);
    }

    /// <summary>The leaf that the address is in; its bits stand at the top of <paramref name="high"/> and go on in <paramref name="low"/>.</summary>
    public uint Find(ulong high, ulong low)
    {
        ref readonly Node node = ref _nodes[0];
        while (true)
        {
            int slot = (int)(high >> (64 - Stride));
            ulong upTo = (2UL << slot) - 1; // All ones for the last slot: the shift leaves nothing.
            ulong bit = 1UL << slot;
            if ((node.Children & bit) == 0)
            {
                return _leaves[node.LeafBase + BitOperations.PopCount(node.LeafStarts & upTo) - 1];
            }

            node = ref _nodes[node.ChildBase + BitOperations.PopCount(node.Children & upTo) - 1];
            high = (high << Stride) | (low >> (64 - Stride));
            low <<= Stride;
        }
    }

    private static void Expand(BinaryTrie trie, int reference, int depth, Span<int> slots, Span<byte> depths)
    {
        if (slots.Length == 1 || BinaryTrie.IsLeaf(reference))
        {
            slots.Fill(reference);
            depths.Fill((byte)depth);
            return;
        }

        (int zero, int one) = trie[reference];
        int half = slots.Length / 2;
        Expand(trie, zero, depth + 1, slots[..half], depths[..half]);
        Expand(trie, one, depth + 1, slots[half..], depths[half..]);
    }

    /// <param name="Children">Slots that lead to a node.</param>
    /// <param name="LeafStarts">Slots with a leaf that is another one than the leaf before.</param>
    /// <param name="ChildBase">Index of the first child.</param>
    /// <param name="LeafBase">Index of the first leaf.</param>
    private readonly record struct Node(ulong Children, ulong LeafStarts, int ChildBase, int LeafBase)
    {
        public const int Bytes = 24;
    }
}
