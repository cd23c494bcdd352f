namespace OrleansCdn.Grains.Prewarm;

/// <summary>How far one URL is at one edge. The numbers are stored.</summary>
internal enum PrewarmCell : byte
{
    /// <summary>To be given out, or given out and not reported.</summary>
    Open = 0,

    Stored = 1,

    Fresh = 2,

    NotStored = 3,

    Failed = 4,

    /// <summary>Not this edge's to fetch, and not there.</summary>
    Skipped = 5,
}
