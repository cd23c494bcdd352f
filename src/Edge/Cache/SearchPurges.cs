using System.Collections.Concurrent;

namespace OrleansCdn.Edge.Cache;

/// <summary>
/// Purged URLs by their path: a response with <c>No-Vary-Search</c> goes with every URL that is its own under what it said.
/// One writer at a time; readers take no lock.
/// </summary>
internal sealed class SearchPurges
{
    /// <summary>URLs of one path that are told apart; with more, a purge of one of them counts for all.</summary>
    private const int MaxUrlsPerPath = 32;

    /// <summary>An empty URL stands for all of the path.</summary>
    private readonly ConcurrentDictionary<(string Site, string Path), (string Url, PurgeSequences Sequences)[]> _paths = new();

    public int Count => _paths.Count;

    public void Apply(string site, string url, bool soft, long applied, long log)
    {
        (string, string) path = (site, PathOf(url));
        (string Url, PurgeSequences Sequences)[] known = _paths.GetValueOrDefault(path) ?? [];
        int same = Array.FindIndex(known, k => k.Url == url || k.Url.Length == 0);
        _paths[path] = same >= 0 ? [.. known[..same], (known[same].Url, known[same].Sequences.With(soft, applied, log)), .. known[(same + 1)..]]
            : known.Length < MaxUrlsPerPath ? [.. known, (url, default(PurgeSequences).With(soft, applied, log))]
            : [("", known.Aggregate(default(PurgeSequences), Later).With(soft, applied, log))];
    }

    /// <summary>True when a hard purge covers the response; a soft one is noted.</summary>
    /// <param name="tags">Of the response.</param>
    public bool Covers(string site, string url, ReadOnlySpan<string> tags, long stamp, ref bool soft)
    {
        SearchVariance? variance = null;
        foreach ((string purged, PurgeSequences sequences) in Of(site, url, tags))
        {
            bool isSoft = false;
            if ((sequences.Covers(stamp, ref isSoft) || isSoft) && IsMeant(purged, url, tags, ref variance))
            {
                soft |= isSoft;
                if (sequences.Hard > stamp)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>For people: the purged URLs that mean this response.</summary>
    public IEnumerable<(string Url, PurgeSequences Sequences)> Of(string site, string url, string[] tags)
    {
        SearchVariance? variance = null;
        return Of(site, url, tags.AsSpan()).Where(of => IsMeant(of.Url, url, tags, ref variance));
    }

    public void Forget(long stamp)
    {
        foreach (KeyValuePair<(string, string), (string Url, PurgeSequences Sequences)[]> path in _paths)
        {
            if (Array.TrueForAll(path.Value, purged => purged.Sequences.IsUpTo(stamp)))
            {
                _paths.TryRemove(path);
            }
        }
    }

    public void Clear() => _paths.Clear();

    private (string Url, PurgeSequences Sequences)[] Of(string site, string url, ReadOnlySpan<string> tags) =>
        !tags.IsEmpty && SearchVariance.IsTag(tags[^1]) && _paths.TryGetValue((site, PathOf(url)), out (string, PurgeSequences)[]? known) ? known : [];

    private static bool IsMeant(string purged, string url, ReadOnlySpan<string> tags, ref SearchVariance? variance) =>
        purged.Length == 0 || (variance ??= SearchVariance.Of(tags))?.AreEquivalent(purged, url) == true;

    private static PurgeSequences Later(PurgeSequences so, (string Url, PurgeSequences Sequences) next) => new(
        Math.Max(so.Soft, next.Sequences.Soft), Math.Max(so.Hard, next.Sequences.Hard),
        Math.Max(so.SoftLog, next.Sequences.SoftLog), Math.Max(so.HardLog, next.Sequences.HardLog));

    private static string PathOf(string url)
    {
        int question = url.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? url : url[..question];
    }
}
