namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>Sizes of the disk store; those that follow from its capacity are methods.</summary>
internal static class DiskLimits
{
    /// <summary>Checked on its own before it is sent: a read of the usual readahead, and one buffer of a visitor's stream.</summary>
    public const int PieceBytes = 64 * 1024;

    /// <summary>First read of a record: header, metadata and the body of most pages in one.</summary>
    public const int FirstReadBytes = 16 * 1024;

    /// <summary>A header of 64 KiB as edges take it, twice (as sent and as shown), 1,000 tags of 1 KiB, and the table of pieces of the largest body.</summary>
    public const int MaxMetaBytes = 4 * 1024 * 1024;

    /// <summary>Offsets and lengths are 32 bits wide.</summary>
    public const long MaxRecordBytes = 1L << 30;

    /// <summary>Bodies that wait to be written keep their memory: as much as a slow disk writes in a tenth of a second or two.</summary>
    public const long MaxPendingBytes = 32L << 20;

    /// <summary>Marks that wait to be written, some 4 MiB.</summary>
    public const int MaxPendingMarks = 65_536;

    /// <summary>Variants of one key that are kept; each is a read on the way to the right one.</summary>
    public const int MaxVariants = 8;

    /// <summary>Share of a reclaimed segment that is written again because it was asked for.</summary>
    public const double MaxReinsertedShare = 0.25;

    /// <summary>Threads that read, so that a slow disk holds none of those that answer hits: what keeps an NVMe queue busy.</summary>
    public const int ReadThreads = 8;

    /// <summary>Records that one look through the disk reads before requests have their turn again: a few milliseconds.</summary>
    public const int RecordsPerLook = 64;

    /// <summary>Requests that wait for a read; more are misses, the origin is asked.</summary>
    public const int MaxWaitingReads = 1024;

    /// <summary>Seconds of use that are left to an object without validator, below which it is not worth a write.</summary>
    public const double MinUsefulSeconds = 10;

    /// <summary>A confirmed object is written anew when it then holds for this long; else its old record is marked stale.</summary>
    public const double MinRewriteSeconds = 60;

    /// <summary>Purges that are remembered one by one for what is on disk, about 50 MiB at most; past it the disk is swept.</summary>
    public const int MaxRememberedPurges = 131_072;

    private const long LeastSegmentBytes = 1L << 20;
    private const long UsualSegmentBytes = 64L << 20;

    /// <summary>64 MiB; a smaller store has at least 32 segments, a larger one no more than some 1,024 open files.</summary>
    public static long SegmentBytes(long capacity) =>
        Math.Max(Math.Clamp(capacity / 32, LeastSegmentBytes, UsualSegmentBytes), capacity / 1024);

    /// <summary>An eighth of the store, so that no single object empties it.</summary>
    public static long LargestRecord(long capacity) => Math.Min(capacity / 8, MaxRecordBytes);

    /// <summary>Larger bodies are sent from disk and stay there; a smaller one moves to memory whole, before its header is sent.</summary>
    public static long PromoteBytes(long memory) => Math.Clamp(memory / 64, PieceBytes, 4L << 20);
}
