namespace OrleansCdn.Edge.Popularity;

/// <summary>
/// Takes every request while there are few and one of 2ⁿ while there are many, and keeps their URLs until somebody fetches them.
/// For any number of threads, without a lock or an allocation; one fetches at a time.
/// </summary>
public sealed class RequestSampler
{
    /// <summary>Samples a second that are wanted: what is popular shows within seconds, and they cost a thousandth of a core.</summary>
    internal const int WantedPerSecond = 2048;

    /// <summary>Kept until they are fetched, of each kind: twice what is wanted, for bursts. The oldest ones go.</summary>
    internal const int Places = 4096;

    /// <summary>2³² divided by the golden ratio: its multiples fall evenly however the requests alternate.</summary>
    private const uint Step = 2_654_435_769;

    private readonly Ring _answered = new();
    private readonly Ring _missed = new();
    private volatile uint _limit = uint.MaxValue;
    private int _shift;

    /// <summary>Requests that a sample stands for.</summary>
    internal int Weight => 1 << _shift;

    /// <summary>Whether a request is one of the sample.</summary>
    /// <param name="number">Counts the requests.</param>
    public bool Takes(long number) => unchecked((uint)number * Step) <= _limit;

    /// <param name="url">As purges name it.</param>
    /// <param name="isMiss">It was not answered from the cache.</param>
    public void Take(string url, bool isMiss) => (isMiss ? _missed : _answered).Add(url);

    /// <summary>Hands over and forgets what was taken.</summary>
    /// <param name="take">URL, whether it was a miss, and the number of requests that it stands for.</param>
    internal void Fetch(Action<string, bool, double> take)
    {
        _answered.Fetch((url, weight) => take(url, false, weight * Weight));
        _missed.Fetch((url, weight) => take(url, true, weight * Weight));
    }

    /// <summary>Sets the share for the time to come; right after a fetch, since what is taken counts by it.</summary>
    internal void Adapt(double requestsPerSecond)
    {
        int shift = 0;
        while (shift < 31 && requestsPerSecond / (1L << shift) > WantedPerSecond)
        {
            shift++;
        }

        (_shift, _limit) = (shift, uint.MaxValue >> shift);
    }

    private sealed class Ring
    {
        private readonly string?[] _urls = new string?[Places];
        private int _next;

        public void Add(string url) => Volatile.Write(ref _urls[Interlocked.Increment(ref _next) & (Places - 1)], url);

        /// <summary>Those that were overwritten count with the ones that are left.</summary>
        public void Fetch(Action<string, double> take)
        {
            uint taken = (uint)Interlocked.Exchange(ref _next, 0);
            if (taken == 0)
            {
                return;
            }

            double weight = Math.Max(1, taken / (double)Places);
            for (int i = 0; i < Places; i++)
            {
                if (Volatile.Read(ref _urls[i]) is not null && Interlocked.Exchange(ref _urls[i], null) is { } url)
                {
                    take(url, weight);
                }
            }
        }
    }
}
