using System.Collections.Concurrent;

namespace OrleansCdn.Edge.Cache;

/// <summary>
/// Keys whose last answer could not be cached: requests for them go on alone instead of waiting for one another.
/// </summary>
public sealed class HitForMissTable
{
    /// <summary>Seconds; Varnish's default for hit-for-miss is the same.</summary>
    public const double Lifetime = 120;

    /// <summary>A visitor can make as many uncacheable URLs as it likes; the oldest are forgotten first. About 16 MiB at most.</summary>
    private const int MaxEntries = 65_536;

    private readonly ConcurrentDictionary<CacheKey, double> _until = new();
    private readonly ConcurrentQueue<CacheKey> _order = new();

    public bool Contains(CacheKey key, double now) => !_until.IsEmpty && _until.TryGetValue(key, out double until) && now < until;

    public void Add(CacheKey key, double now)
    {
        if (_until.TryAdd(key, now + Lifetime))
        {
            _order.Enqueue(key);
            while (_order.Count > MaxEntries && _order.TryDequeue(out CacheKey oldest))
            {
                _until.TryRemove(oldest, out _);
            }
        }
        else
        {
            _until[key] = now + Lifetime;
        }
    }

    /// <summary>Any cacheable answer ends it.</summary>
    public void Remove(CacheKey key)
    {
        if (!_until.IsEmpty)
        {
            // The order's entry stays until its turn: it removes at most a newer entry of the same key, early.
            _until.TryRemove(key, out _);
        }
    }
}
