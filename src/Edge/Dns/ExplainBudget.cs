namespace OrleansCdn.Edge.Dns;

/// <summary>
/// How many answers a second may ask the chain for its reasons: names that explain, and those that remember visits. Such an answer costs
/// a hundred times what another one does, and an attacker chooses what is asked.
/// </summary>
internal sealed class ExplainBudget(TimeProvider time)
{
    /// <summary>At some 20 µs each, 4 % of one core.</summary>
    public const int PerSecond = 2_000;

    private long _second = long.MinValue;
    private int _left;

    /// <summary>By any thread; where two meet at the turn of a second, a few more or fewer pass.</summary>
    public bool TryTake()
    {
        long second = time.GetTimestamp() / time.TimestampFrequency;
        if (Interlocked.Exchange(ref _second, second) != second)
        {
            Volatile.Write(ref _left, PerSecond);
        }

        return Volatile.Read(ref _left) > 0 && Interlocked.Decrement(ref _left) >= 0;
    }
}
