using System.Collections.Concurrent;

namespace OrleansCdn.Cli.LabOrigin;

/// <summary>How often each path was asked for; bounded.</summary>
internal sealed class RequestCounts
{
    public const string Path = "/__origin/counts";

    /// <summary>Where paths beyond <see cref="MaxPaths"/> are counted.</summary>
    public const string Others = "(other paths)";

    // A lab's tests use a few hundred paths; a crawler that is let loose on it must not fill the memory.
    private const int MaxPaths = 10_000;

    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>The number of this request among those of its path, from 1.</summary>
    public long Add(string path)
    {
        string key = _counts.Count < MaxPaths || _counts.ContainsKey(path) ? path : Others;
        return _counts.AddOrUpdate(key, 1, static (_, count) => count + 1);
    }

    public SortedDictionary<string, long> Snapshot() => new(_counts.ToDictionary(), StringComparer.Ordinal);

    public void Reset() => _counts.Clear();
}
