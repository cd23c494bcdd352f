namespace OrleansCdn.Edge.Cache;

/// <summary>Last purges of either kind of one URL, tag, site, host or prefix.</summary>
/// <param name="Soft">Of <see cref="PurgeIndex.Applied"/>; 0: never.</param>
/// <param name="Hard">Of <see cref="PurgeIndex.Applied"/>; 0: never.</param>
/// <param name="SoftLog">The soft one's place in the silos' log, for people.</param>
/// <param name="HardLog">The hard one's place in the silos' log, for people.</param>
internal readonly record struct PurgeSequences(long Soft, long Hard, long SoftLog, long HardLog)
{
    public PurgeSequences With(bool soft, long applied, long log) =>
        soft ? this with { Soft = applied, SoftLog = log } : this with { Hard = applied, HardLog = log };

    public bool IsUpTo(long stamp) => Soft <= stamp && Hard <= stamp;

    /// <summary>True when a hard purge covers what was stored at <paramref name="stamp"/>; a soft one is noted in <paramref name="soft"/>.</summary>
    public bool Covers(long stamp, ref bool soft)
    {
        soft |= Soft > stamp;
        return Hard > stamp;
    }
}
