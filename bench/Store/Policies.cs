namespace OrleansCdn.Bench.Store;

/// <summary>Hits of the policies that the store is held against, counted in objects; requests before <c>warmUp</c> are not counted.</summary>
internal static class Policies
{
    public static int Fifo(int[] trace, int capacity, int warmUp)
    {
        var order = new Queue<int>();
        var held = new HashSet<int>();
        int hits = 0;
        for (int i = 0; i < trace.Length; i++)
        {
            if (!held.Add(trace[i]))
            {
                hits += i >= warmUp ? 1 : 0;
                continue;
            }

            order.Enqueue(trace[i]);
            if (held.Count > capacity)
            {
                held.Remove(order.Dequeue());
            }
        }

        return hits;
    }

    public static int Lru(int[] trace, int capacity, int warmUp)
    {
        var order = new LinkedList<int>();
        var held = new Dictionary<int, LinkedListNode<int>>();
        int hits = 0;
        for (int i = 0; i < trace.Length; i++)
        {
            if (held.TryGetValue(trace[i], out LinkedListNode<int>? node))
            {
                hits += i >= warmUp ? 1 : 0;
                order.Remove(node);
                order.AddLast(node);
                continue;
            }

            held.Add(trace[i], order.AddLast(trace[i]));
            if (held.Count > capacity)
            {
                held.Remove(order.First!.Value);
                order.RemoveFirst();
            }
        }

        return hits;
    }

    /// <summary>Belady: whatever is needed latest goes, the new object itself too. Nobody without the future does better.</summary>
    public static int Ideal(int[] trace, int capacity, int warmUp)
    {
        int[] next = new int[trace.Length];
        var seen = new Dictionary<int, int>();
        for (int i = trace.Length - 1; i >= 0; i--)
        {
            next[i] = seen.TryGetValue(trace[i], out int later) ? later : int.MaxValue;
            seen[trace[i]] = i;
        }

        // The latest first; entries of an earlier use are skipped when they come up.
        var latest = new PriorityQueue<int, long>();
        var held = new Dictionary<int, int>();
        int hits = 0;
        for (int i = 0; i < trace.Length; i++)
        {
            hits += held.ContainsKey(trace[i]) && i >= warmUp ? 1 : 0;
            held[trace[i]] = next[i];
            latest.Enqueue(trace[i], -(long)next[i]);
            while (held.Count > capacity)
            {
                latest.TryDequeue(out int victim, out long use);
                if (held.TryGetValue(victim, out int known) && known == -use)
                {
                    held.Remove(victim);
                }
            }
        }

        return hits;
    }
}
