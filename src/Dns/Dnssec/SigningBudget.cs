namespace OrleansCdn.Dns.Dnssec;

/// <summary>
/// How many signatures are made anew in a second, so that a flood of names that do not exist cannot take the whole of the processor: a token bucket of one second.
/// The last quarter is kept for records that do exist.
/// </summary>
internal sealed class SigningBudget(int perSecond, TimeProvider time)
{
    /// <summary>
    /// One core makes some 30,000 signatures of P-256 a second: half of one is given away. The rest of the queries is then answered at their usual pace.
    /// </summary>
    public const int DefaultPerSecond = 15_000;

    private readonly Lock _lock = new();
    private double _tokens = perSecond;
    private long _last = time.GetTimestamp();

    public bool TryTake(bool isDenial)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            _tokens = Math.Min(perSecond, _tokens + (time.GetElapsedTime(_last, now).TotalSeconds * perSecond));
            _last = now;
            if (_tokens < (isDenial ? perSecond / 4.0 : 0) + 1)
            {
                return false;
            }

            _tokens--;
            return true;
        }
    }
}
