namespace OrleansCdn.Edge.Cache;

/// <summary>Last purges of either kind of one URL, tag, site, host or prefix.</summary>
/// <param name="Soft">Of <see cref="PurgeIndex.Applied"/>; 0: never.</param>
/// <param name="Hard">Of <see cref="PurgeIndex.Applied"/>; 0: never.</param>
/// <param name="SoftLog">The soft one's place in the silos' log, for people.</param>
/// <param name="HardLog">The hard one's place in the silos' log, for people.</param>
internal readonly record struct PurgeSequences(long Soft, long Hard, long SoftLog, long HardLog)
{
    /// <summary>With one more purge. One that is older than what is known changes nothing: it is covered.</summary>
    public PurgeSequences With(bool soft, long applied, long log) =>
        applied <= (soft ? Soft : Hard) ? this
        : soft ? this with { Soft = applied, SoftLog = log } : this with { Hard = applied, HardLog = log };

    public bool IsUpTo(long stamp) => Soft <= stamp && Hard <= stamp;

    /// <summary>True when a hard purge covers what was stored at <paramref name="stamp"/>; a soft one is noted in <paramref name="soft"/>.</summary>
    public bool Covers(long stamp, ref bool soft)
    {
        soft |= Soft > stamp;
        return Hard > stamp;
    }
}
