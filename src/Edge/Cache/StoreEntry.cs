namespace OrleansCdn.Edge.Cache;

/// <summary>What the memory store keeps and evicts one by one: a response with its body, or one block of a sliced object.</summary>
public abstract class StoreEntry
{
    // Linked by MemoryStore under its lock.
    internal StoreQueue Queue { get; set; }

    internal StoreEntry? Previous { get; set; }

    internal StoreEntry? Next { get; set; }

    internal long Weight { get; set; }

    /// <summary>S3-FIFO's two-bit counter. Lost updates of racing hits do no harm.</summary>
    internal byte Frequency;

    /// <summary>What a ghost remembers of it.</summary>
    internal abstract int GhostHash { get; }
}

internal enum StoreQueue : byte
{
    /// <summary>Not yet linked.</summary>
    None,
    Small,
    Main,

    /// <summary>Taken out, for good.</summary>
    Removed,

    /// <summary>The head of a sliced object: it goes with the last of its blocks.</summary>
    Head,
}
