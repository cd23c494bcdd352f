namespace OrleansCdn.Grains.Purge;

/// <summary>How far the purge log goes back, beside <see cref="PurgeLog.MaxSegments"/>.</summary>
/// <param name="Age">Of a segment's newest entry, by the wall clock; older segments are dropped.</param>
public sealed record PurgeLogOptions(TimeSpan Age)
{
    /// <summary>An edge that was away for a month has little left that is still fresh.</summary>
    public static readonly TimeSpan DefaultAge = TimeSpan.FromDays(30);

    /// <summary>An edge that is restarted, or a server that is repaired, is back by then.</summary>
    public static readonly TimeSpan MinAge = TimeSpan.FromHours(1);

    /// <summary>Ten years: for those who keep it as an audit trail.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(3650);

    /// <summary>
    /// Between two looks at the oldest segment; each drops one at most. All of a full log (<see cref="PurgeLog.MaxSegments"/>) is gone
    /// within two days after it became too old, which is early enough, and a clock that was set years ahead costs six an hour until
    /// somebody sees it.
    /// </summary>
    public static readonly TimeSpan DropInterval = TimeSpan.FromMinutes(10);
}
