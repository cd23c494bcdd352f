namespace OrleansCdn.Grains.Purge;

/// <summary>Where the log begins, and a segment that it reaches at least: the row of the purge log grain.</summary>
internal sealed record PurgeLogHead
{
    public const int CurrentFormat = 1;

    /// <summary>Version of this record's stored form.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Random id of this log; empty before the first write.</summary>
    public string Epoch { get; init; } = "";

    /// <summary>Oldest segment that is kept.</summary>
    public long FirstSegment { get; init; }

    /// <summary>A segment that was written; later ones may follow, because a segment's row is written before this one.</summary>
    public long LastSegment { get; init; } = -1;
}
