namespace OrleansCdn.Grains.Prewarm;

/// <summary>
/// How fast an origin may be asked: token buckets of requests and bytes, and a guard that halves the pace when the origin
/// slows down or fails, and lets it grow again little by little. Pure: it is handed the time.
/// </summary>
internal sealed class PrewarmPace(double requestsPerSecond, long? bytesPerSecond, DateTimeOffset now)
{
    /// <summary>Answers that a judgement needs: few enough to be quick at ten requests a second, many enough for a median.</summary>
    public const int Sample = 16;

    /// <summary>A median this many times the best one means that the origin is loaded.</summary>
    public const double SlowFactor = 2.5;

    /// <summary>Below this many milliseconds above the best one a slow-down is noise.</summary>
    public const double SlowSlack = 50;

    /// <summary>Troubles among a sample that count: single failures are the URL's.</summary>
    private const int TroubleLimit = 3;

    /// <summary>The least share of what was asked for, so that a job finds out when the origin is well again.</summary>
    private const double MinShare = 1.0 / 64;

    /// <summary>What an undisturbed second gives back, as a share of what was asked for.</summary>
    private const double Recovery = 0.02;

    /// <summary>Requests that may come at once after a pause, in seconds of the pace.</summary>
    private const double BurstSeconds = 0.25;

    /// <summary>A backlog of answers from before must not halve the pace again at once.</summary>
    private static readonly TimeSpan HalvingInterval = TimeSpan.FromSeconds(2);

    private readonly double[] _latencies = new double[Sample];
    private int _count;
    private int _troubles;
    private double _best = double.PositiveInfinity;
    private double _share = 1;
    private double _requests = 1;
    private double _bytes;
    private DateTimeOffset _filled = now;
    private DateTimeOffset _halved = DateTimeOffset.MinValue;

    /// <summary>Requests per second now.</summary>
    public double Rate => requestsPerSecond * _share;

    /// <summary>Takes the right to one request; false: not yet.</summary>
    public bool TryTake(DateTimeOffset now)
    {
        Fill(now);
        if (_requests < 1 || (bytesPerSecond is not null && _bytes < 0))
        {
            return false;
        }

        _requests--;
        return true;
    }

    /// <summary>The answer to what was taken: what it cost more or less than one request, and how it came.</summary>
    /// <param name="requests">Asked of the origin, 0 and more, beyond what was taken for; -1: none was needed.</param>
    /// <param name="bytes">From the origin.</param>
    /// <param name="milliseconds">Null: the origin was not asked.</param>
    /// <param name="isTrouble">The origin failed.</param>
    /// <param name="now">Time of the answer.</param>
    public void Observe(int requests, long bytes, double? milliseconds, bool isTrouble, DateTimeOffset now)
    {
        Fill(now);
        _requests -= requests;
        _bytes -= bytesPerSecond is null ? 0 : bytes;
        if (milliseconds is not { } latency)
        {
            return;
        }

        _latencies[_count++] = latency;
        _troubles += isTrouble ? 1 : 0;
        if (_troubles >= TroubleLimit)
        {
            Halve(now);
            (_count, _troubles) = (0, 0);
        }
        else if (_count == Sample)
        {
            Judge(now);
        }
    }

    private void Judge(DateTimeOffset now)
    {
        double[] sorted = [.. _latencies.Order()];
        double median = sorted[Sample / 2];
        _best = Math.Min(_best, median);
        if (median > Math.Max(_best * SlowFactor, _best + SlowSlack))
        {
            Halve(now);
        }

        (_count, _troubles) = (0, 0);
    }

    private void Halve(DateTimeOffset now)
    {
        if (now - _halved >= HalvingInterval)
        {
            _share = Math.Max(MinShare, _share / 2);
            _halved = now;
        }
    }

    private void Fill(DateTimeOffset now)
    {
        double seconds = Math.Max(0, (now - _filled).TotalSeconds);
        if (seconds == 0)
        {
            return;
        }

        _filled = now;
        if (now - _halved >= HalvingInterval)
        {
            _share = Math.Min(1, _share + (Recovery * seconds));
        }

        _requests = Math.Min(Math.Max(1, Rate * BurstSeconds), _requests + (Rate * seconds));
        if (bytesPerSecond is { } limit)
        {
            _bytes = Math.Min(limit * BurstSeconds, _bytes + (limit * _share * seconds));
        }
    }
}
