namespace OrleansCdn.Edge.Cache;

/// <summary>
/// How long one request waits for headers that other requests fetch. A fill that shows none for
/// <see cref="MaxFillSeconds"/> is left to the one who began it: whoever waits elects a new one. A request that has
/// waited for <see cref="MaxTotalSeconds"/> in all goes to the origin by itself, and what it gets is not stored.
/// </summary>
/// <param name="Since">Monotonic seconds at which the request began to wait.</param>
public readonly record struct FillPatience(double Since)
{
    /// <summary>nginx's <c>proxy_cache_lock_age</c>.</summary>
    public const double MaxFillSeconds = 5;

    /// <summary>nginx's <c>proxy_cache_lock_timeout</c> is 5 s; here a fill that was elected meanwhile gets as long as the first.</summary>
    public const double MaxTotalSeconds = 2 * MaxFillSeconds;

    /// <summary>Nobody new waits for a fill that is as old as this and has no header yet.</summary>
    public static bool IsTooOld(Fill fill, double now) => !fill.Result.IsCompleted && now - fill.StartedAt >= MaxFillSeconds;

    public bool IsOver(double now) => now - Since >= MaxTotalSeconds;

    /// <summary>How much longer this fill is waited for; never negative.</summary>
    public TimeSpan For(Fill fill, double now) =>
        TimeSpan.FromSeconds(Math.Max(0, Math.Min(fill.StartedAt + MaxFillSeconds, Since + MaxTotalSeconds) - now));
}
