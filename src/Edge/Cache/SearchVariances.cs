using System.Collections.Concurrent;

namespace OrleansCdn.Edge.Cache;

/// <summary>
/// What the latest response with <c>No-Vary-Search</c> of each path said, for the sites that ask for it: under what key a
/// request is looked up. It is a guess that each response itself has to confirm (<see cref="SearchVariance.Of"/>).
/// </summary>
public sealed class SearchVariances
{
    /// <summary>A visitor may ask for as many paths as it likes; the oldest are forgotten first. About 30 MiB at most.</summary>
    private const int MaxPaths = 8192;

    private const int MaxPathLength = 1024;

    /// <summary>The target of these keys is the path alone.</summary>
    private readonly ConcurrentDictionary<CacheKey, SearchVariance> _paths = new();
    private readonly ConcurrentQueue<CacheKey> _order = new();

    /// <summary>What the origin said of the path; null: nothing that is known.</summary>
    public SearchVariance? Find(CacheKey key) => _paths.IsEmpty ? null : _paths.GetValueOrDefault(PathOf(key));

    /// <summary>The key without what does not count of its query.</summary>
    public CacheKey Simplify(CacheKey key) =>
        key.Target.Contains('?', StringComparison.Ordinal) && Find(key) is { } variance ? key with { Target = variance.Simplify(key.Target) } : key;

    /// <summary>To be called with each response that may be stored.</summary>
    /// <param name="variance">Of the response; null: its whole query counts.</param>
    public void Learn(CacheKey key, int status, SearchVariance? variance)
    {
        CacheKey path = PathOf(key);
        if (variance is null)
        {
            // An error page says nothing about the resource.
            if (status == 200)
            {
                _paths.TryRemove(path, out _);
            }

            return;
        }

        if (path.Target.Length > MaxPathLength)
        {
            return;
        }

        if (!_paths.TryAdd(path, variance))
        {
            _paths[path] = variance;
            return;
        }

        // A path that was removed stands here until its turn, and then goes early at most.
        _order.Enqueue(path);
        while (_order.Count > MaxPaths && _order.TryDequeue(out CacheKey oldest))
        {
            _paths.TryRemove(oldest, out _);
        }
    }

    private static CacheKey PathOf(CacheKey key)
    {
        int question = key.Target.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? key : key with { Target = key.Target[..question] };
    }
}
