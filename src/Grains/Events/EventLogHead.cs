namespace OrleansCdn.Grains.Events;

/// <summary>Which segments there are: the row of the event log's grain. Written before a segment that it names for the first time.</summary>
internal sealed record EventLogHead
{
    public const int CurrentFormat = 1;

    /// <summary>Version of this record's stored form.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Oldest segment that is kept.</summary>
    public long FirstSegment { get; init; }

    /// <summary>0: nothing was written yet.</summary>
    public long LastSegment { get; init; }
}
