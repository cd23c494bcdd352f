using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Popularity;

/// <summary>
/// What is asked for most of one site: Space-Saving (Metwally et al., ICDT 2005) with counts that halve with time. A bounded
/// number of URLs is counted; a new one takes the place of the least and inherits its count as its error. Not thread safe.
/// </summary>
/// <param name="capacity">URLs that are counted.</param>
internal sealed class SiteTop(int capacity)
{
    /// <summary>Counts that are less are not worth telling: half a request.</summary>
    private const double LeastCount = 0.5;

    /// <summary>Half-lives after which the counts are brought down: they grow instead of shrinking, and doubles have room for ten times that.</summary>
    private const double MaxHalfLives = 100;

    /// <summary>A rate is of at least so many seconds: the first request is not sixty a minute.</summary>
    private const double LeastSeconds = 10;

    private static readonly double HalfLife = PopularityLimits.HalfLife.TotalSeconds;

    private readonly Dictionary<string, Counter> _counters = new(StringComparer.Ordinal);

    /// <summary>The least first, as a binary heap.</summary>
    private readonly List<Counter> _heap = [];

    private double _total;
    private double _misses;

    /// <summary>Counts are as if of this moment.</summary>
    private double _base = double.NaN;
    private double _since;

    public int Count => _heap.Count;

    private sealed class Counter(string url)
    {
        public string Url => url;

        public double Count { get; set; }

        public double Error { get; set; }

        public double Misses { get; set; }

        public int Place { get; set; }
    }

    /// <param name="weight">Requests that it stands for.</param>
    /// <param name="now">Monotonic seconds.</param>
    public void Add(string url, bool isMiss, double weight, double now)
    {
        if (double.IsNaN(_base))
        {
            (_base, _since) = (now, now);
        }

        Rebase(now);
        weight *= Math.Pow(2, (now - _base) / HalfLife);
        double missed = isMiss ? weight : 0;
        _total += weight;
        _misses += missed;
        if (url.Length > PopularityLimits.MaxUrlLength)
        {
            return;
        }

        if (!_counters.TryGetValue(url, out Counter? counter))
        {
            counter = _heap.Count < capacity ? Append(url) : TakeOver(url);
        }

        counter.Count += weight;
        counter.Misses += missed;
        Sink(counter.Place);
    }

    /// <summary>In parts that fit a line; empty when nobody has asked for anything lately.</summary>
    public ImmutableArray<EdgePopularity> Report(string site, double now)
    {
        if (double.IsNaN(_base))
        {
            return [];
        }

        Rebase(now);
        double seconds = Math.Max(LeastSeconds, now - _since);
        double counts = Math.Pow(2, -(now - _base) / HalfLife);
        // A steady rate r adds up to r·h/ln 2 in the end, and to this part of it after so many seconds.
        double rates = counts * Math.Log(2) / HalfLife * 60 / (1 - Math.Pow(2, -seconds / HalfLife));
        if (_total * counts < LeastCount)
        {
            return [];
        }

        double least = Math.Max(LeastCount / counts, _heap.Count < capacity ? 0 : _heap[0].Count);
        UrlPopularity[] urls =
        [
            .. _heap.Where(c => c.Count * counts >= LeastCount)
                .OrderByDescending(c => c.Count - c.Error).ThenBy(c => c.Url, StringComparer.Ordinal)
                .Select(c => new UrlPopularity(c.Url, Round(c.Count * rates), Math.Min(Round(c.Error * rates), Round(c.Count * rates)), Round(c.Misses * rates))),
        ];
        ImmutableArray<EdgePopularity>.Builder parts = ImmutableArray.CreateBuilder<EdgePopularity>();
        int at = 0;
        do
        {
            int first = at;
            for (int chars = 0; at < urls.Length && at - first < PopularityLimits.MaxPartUrls; at++)
            {
                chars += urls[at].Url.Length;
                if (chars > PopularityLimits.MaxPartChars)
                {
                    break;
                }
            }

            parts.Add(new EdgePopularity
            {
                Site = site,
                Part = parts.Count,
                IsLast = at == urls.Length,
                PerMinute = Round(_total * rates),
                MissesPerMinute = Round(_misses * rates),
                Floor = Round(least * rates),
                Urls = [.. urls[first..at]],
            });
        }
        while (at < urls.Length);
        return parts.ToImmutable();
    }

    private static double Round(double rate) => Math.Round(rate, 3);

    private void Rebase(double now)
    {
        if (now - _base <= MaxHalfLives * HalfLife)
        {
            return;
        }

        double factor = Math.Pow(2, -(now - _base) / HalfLife);
        _base = now;
        _total *= factor;
        _misses *= factor;
        foreach (Counter counter in _heap)
        {
            // All by the same: their order stays.
            (counter.Count, counter.Error, counter.Misses) = (counter.Count * factor, counter.Error * factor, counter.Misses * factor);
        }
    }

    private Counter Append(string url)
    {
        var counter = new Counter(url) { Place = _heap.Count };
        _counters.Add(url, counter);
        _heap.Add(counter);
        // It has counted nothing yet, so that it is the least of all.
        for (int parent = (counter.Place - 1) / 2; counter.Place > 0; parent = (counter.Place - 1) / 2)
        {
            Swap(counter.Place, parent);
        }

        return counter;
    }

    private Counter TakeOver(string url)
    {
        Counter least = _heap[0];
        _counters.Remove(least.Url);
        var counter = new Counter(url) { Count = least.Count, Error = least.Count };
        _counters.Add(url, counter);
        _heap[0] = counter;
        return counter;
    }

    private void Sink(int place)
    {
        while ((2 * place) + 1 is var child && child < _heap.Count)
        {
            child = child + 1 < _heap.Count && _heap[child + 1].Count < _heap[child].Count ? child + 1 : child;
            if (_heap[place].Count <= _heap[child].Count)
            {
                return;
            }

            Swap(place, child);
            place = child;
        }
    }

    private void Swap(int one, int other)
    {
        (_heap[one], _heap[other]) = (_heap[other], _heap[one]);
        (_heap[one].Place, _heap[other].Place) = (one, other);
    }
}
