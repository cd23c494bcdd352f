namespace OrleansCdn.Grains;

/// <summary>
/// Numbers of what is decided, that only go up, also above what others have from a database that was lost, whose last number nobody knows. So the first one
/// of a database is the second of its making, which is above all that a database before it can have counted to at less than a change a second,
/// and what others are seen with raises it further.
/// </summary>
internal static class RisingNumber
{
    /// <summary>
    /// How far above the seconds of the clock somebody else's word may carry it: more than a database of a century counts to, and less than would
    /// use the numbers up.
    /// </summary>
    private const long MaxLead = 1L << 32;

    /// <summary>What the number has to be at least.</summary>
    /// <param name="observed">The highest that somebody is known to have.</param>
    /// <param name="now">Time of day.</param>
    public static long Least(long observed, DateTimeOffset now) => observed > 0 && observed <= now.ToUnixTimeSeconds() + MaxLead ? observed : 0;

    /// <param name="current">0: there was none.</param>
    /// <param name="observed">The highest that somebody is known to have.</param>
    /// <param name="now">Time of day.</param>
    public static long Next(long current, long observed, DateTimeOffset now) =>
        Math.Max(current == 0 ? now.ToUnixTimeSeconds() : current + 1, Least(observed, now) + 1);
}
