using System.Collections.Concurrent;

namespace OrleansCdn.Edge.Cache;

/// <summary>Why the last answer for a key was not kept; times are monotonic seconds.</summary>
/// <param name="At">When that was.</param>
/// <param name="Until">Until then requests for the key go on alone; not after <paramref name="At"/>: they do not.</param>
public readonly record struct NotStored(NotStoredReason Reason, double At, double Until);

/// <summary>
/// Keys whose last answer was not kept, and why. Requests for one that could not be cached go on alone instead of waiting
/// for one another.
/// </summary>
public sealed class HitForMissTable
{
    /// <summary>Seconds; Varnish's default for hit-for-miss is the same.</summary>
    public const double Lifetime = 120;

    /// <summary>A visitor can make as many uncacheable URLs as it likes; the oldest are forgotten first. About 16 MiB at most.</summary>
    private const int MaxEntries = 65_536;

    private readonly ConcurrentDictionary<CacheKey, NotStored> _entries = new();
    private readonly ConcurrentQueue<CacheKey> _order = new();

    public bool Contains(CacheKey key, double now) => !_entries.IsEmpty && _entries.TryGetValue(key, out NotStored entry) && now < entry.Until;

    /// <summary>Null: nothing is known, or the last answer was stored.</summary>
    public NotStored? Find(CacheKey key) => _entries.TryGetValue(key, out NotStored entry) ? entry : null;

    /// <summary>The answer was for one request alone, and the next one will be.</summary>
    public void Add(CacheKey key, NotStoredReason reason, double now) => Put(key, new NotStored(reason, now, now + Lifetime));

    /// <summary>For people: it was not kept this time, which says nothing about the next.</summary>
    public void Note(CacheKey key, NotStoredReason reason, double now) =>
        Put(key, new NotStored(reason, now, _entries.TryGetValue(key, out NotStored known) ? known.Until : now));

    /// <summary>Any cacheable answer ends it.</summary>
    public void Remove(CacheKey key)
    {
        if (!_entries.IsEmpty)
        {
            // The order's entry stays until its turn: it removes at most a newer entry of the same key, early.
            _entries.TryRemove(key, out _);
        }
    }

    private void Put(CacheKey key, NotStored entry)
    {
        if (!_entries.TryAdd(key, entry))
        {
            _entries[key] = entry;
            return;
        }

        _order.Enqueue(key);
        while (_order.Count > MaxEntries && _order.TryDequeue(out CacheKey oldest))
        {
            _entries.TryRemove(oldest, out _);
        }
    }
}
