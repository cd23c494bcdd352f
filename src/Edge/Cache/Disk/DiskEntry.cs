namespace OrleansCdn.Edge.Cache.Disk;

[Flags]
internal enum EntryFlags : uint
{
    None = 0,

    /// <summary>Asked for since it was written.</summary>
    Hit = 1,

    /// <summary>To be confirmed by the origin before it is used.</summary>
    Stale = 2,

    /// <summary>A soft purge was found to cover it.</summary>
    SoftPurged = 4,
}

/// <summary>Where one variant of one key is. 48 bytes; with its share of the buckets below 64.</summary>
internal struct DiskEntry
{
    public DiskKey Key;
    public long Stamp;
    public uint Segment;
    public uint Offset;

    /// <summary>Of the whole record.</summary>
    public uint Length;
    public uint Variant;
    public EntryFlags Flags;

    /// <summary>In the same bucket, or in the list of free places; -1: none.</summary>
    internal int Next;

    public readonly bool IsAt(uint segment, uint offset) => Segment == segment && Offset == offset;

    public readonly bool IsNewerThan(in DiskEntry other) => Segment != other.Segment ? Segment > other.Segment : Offset > other.Offset;
}
