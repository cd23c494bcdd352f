namespace OrleansCdn.Node.Links;

/// <summary>
/// Waits between attempts: doubling from <see cref="First"/> to <see cref="Longest"/>, each drawn from the upper half of
/// its step, so that edges that lost the same silo do not come back in one wave.
/// </summary>
public sealed class Backoff(Random random)
{
    /// <summary>A silo that restarts is back within about a second; a shorter wait would only spin.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);

    /// <summary>How long an edge may stay without news after a long outage has ended.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private int _failures;

    public TimeSpan Next()
    {
        // 2^7 × 100 ms is past the longest wait; the cap also keeps the shift from overflowing.
        TimeSpan step = TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << Math.Min(_failures, 7)));
        _failures++;
        return step * (0.5 + (random.NextDouble() / 2));
    }

    /// <summary>After a connection that has proved itself.</summary>
    public void Reset() => _failures = 0;
}
