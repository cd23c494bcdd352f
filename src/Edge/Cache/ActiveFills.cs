using System.Collections.Concurrent;

namespace OrleansCdn.Edge.Cache;

/// <summary>The fills under way, so that purges which they must still be compared with are not forgotten.</summary>
public sealed class ActiveFills
{
    private readonly ConcurrentDictionary<Fill, byte> _fills = new();

    public int Count => _fills.Count;

    public void Add(Fill fill) => _fills.TryAdd(fill, 0);

    public void Remove(Fill fill) => _fills.TryRemove(fill, out _);

    /// <summary><see cref="long.MaxValue"/> when there is none.</summary>
    public long OldestStamp()
    {
        long oldest = long.MaxValue;
        foreach (KeyValuePair<Fill, byte> fill in _fills)
        {
            oldest = Math.Min(oldest, fill.Key.Stamp);
        }

        return oldest;
    }
}
