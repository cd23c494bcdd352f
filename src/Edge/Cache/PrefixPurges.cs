using System.Collections.Concurrent;

namespace OrleansCdn.Edge.Cache;

/// <summary>
/// Purges by prefix of one authority. A check costs one lookup for each length that a live prefix has, whatever their
/// number is. One writer at a time; readers take no lock.
/// </summary>
internal sealed class PrefixPurges
{
    /// <summary>Lookups of one check at most. Prefixes of a site's own folders have a handful of lengths.</summary>
    public const int MaxLengths = 32;

    /// <summary>About 1 MiB with usual paths. What is forgotten after a sweep makes room again.</summary>
    public const int MaxPrefixes = 4096;

    private readonly ConcurrentDictionary<string, PurgeSequences> _prefixes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, PurgeSequences>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    /// <summary>Of the keys; ascending. Replaced whole, after the key is there.</summary>
    private volatile int[] _lengths = [];
    private int _count;

    public PrefixPurges() => _bySpan = _prefixes.GetAlternateLookup<ReadOnlySpan<char>>();

    public int Count => _count;

    /// <summary>False when it would be one too many: the caller records a broader purge instead.</summary>
    /// <param name="prefix">Of path and query; begins with a slash.</param>
    public bool TryApply(string prefix, bool soft, long applied, long log)
    {
        int at = Array.BinarySearch(_lengths, prefix.Length);
        bool isKnown = _prefixes.TryGetValue(prefix, out PurgeSequences old);
        if (!isKnown && (_count >= MaxPrefixes || (at < 0 && _lengths.Length >= MaxLengths)))
        {
            return false;
        }

        _prefixes[prefix] = old.With(soft, applied, log);
        _count += isKnown ? 0 : 1;
        if (at < 0)
        {
            _lengths = [.. _lengths[..~at], prefix.Length, .. _lengths[~at..]];
        }

        return true;
    }

    /// <summary>Shortest first: the broadest purge answers soonest.</summary>
    public bool Covers(ReadOnlySpan<char> target, long stamp, ref bool soft)
    {
        foreach (int length in _lengths)
        {
            if (length > target.Length)
            {
                break;
            }

            if (_bySpan.TryGetValue(target[..length], out PurgeSequences sequences) && sequences.Covers(stamp, ref soft))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Every prefix that a target begins with, with its purges.</summary>
    public IEnumerable<(string Prefix, PurgeSequences Sequences)> Of(string target)
    {
        foreach (int length in _lengths)
        {
            if (length <= target.Length && _prefixes.TryGetValue(target[..length], out PurgeSequences sequences))
            {
                yield return (target[..length], sequences);
            }
        }
    }

    public void Forget(long stamp)
    {
        var lengths = new SortedSet<int>();
        foreach (KeyValuePair<string, PurgeSequences> prefix in _prefixes)
        {
            if (prefix.Value.IsUpTo(stamp) && _prefixes.TryRemove(prefix))
            {
                _count--;
            }
            else
            {
                lengths.Add(prefix.Key.Length);
            }
        }

        _lengths = [.. lengths];
    }
}
