using Microsoft.AspNetCore.Http;

namespace OrleansCdn.Edge.Cache;

/// <summary>All that is known of one key: its stored variants and the fills under way.</summary>
public sealed class CachedResource(CacheKey key)
{
    /// <summary>More variants than that are an attack or a mistake (a Vary on a unique field); the oldest goes.</summary>
    public const int MaxVariants = 64;

    private readonly Lock _lock = new();
    private readonly List<Fill> _fills = [];
    private volatile StoredResponse[] _variants = [];
    private string[] _varyNames = [];
    private bool _dead;

    public CacheKey Key { get; } = key;

    /// <summary>The stored response that this request selects (RFC 9111 §4.1), the newest when several match; null when none does.</summary>
    public StoredResponse? Select(IHeaderDictionary request)
    {
        StoredResponse[] variants = _variants;
        for (int i = variants.Length - 1; i >= 0; i--)
        {
            if (variants[i].Vary.Matches(request))
            {
                return variants[i];
            }
        }

        return null;
    }

    public StoredResponse[] Variants => _variants;

    /// <summary>Under way now.</summary>
    public int FillCount
    {
        get
        {
            lock (_lock)
            {
                return _fills.Count;
            }
        }
    }

    /// <summary>
    /// Joins a fill that may serve this request, or begins one. Null when this resource has just been dropped: look it up again.
    /// </summary>
    /// <param name="isJoinable">Whether a fill is still worth joining (not purged since it began).</param>
    /// <param name="begin">Called while nothing is stored or begun here; null when there is no need any more.</param>
    /// <param name="isLeader">True: the caller runs the new fill, if there is one.</param>
    public Fill? JoinOrBegin(IHeaderDictionary request, Func<Fill, bool> isJoinable, Func<VarySelector, Fill?> begin, out bool isLeader)
    {
        lock (_lock)
        {
            isLeader = false;
            if (_dead)
            {
                return null;
            }

            if (FindJoinable(request, isJoinable) is { } joined)
            {
                return joined;
            }

            isLeader = true;
            Fill? started = begin(VarySelector.Of(_varyNames, request));
            if (started is not null)
            {
                _fills.Add(started);
            }

            return started;
        }
    }

    /// <summary>Takes note of a fill that nobody joins, so that what invalidates the resource reaches it too. False when this resource has just been dropped.</summary>
    public bool TryBeginAlone(Fill fill)
    {
        lock (_lock)
        {
            if (!_dead)
            {
                _fills.Add(fill);
            }

            return !_dead;
        }
    }

    /// <summary>A fill under way that serves this request; null: none.</summary>
    public Fill? TryJoin(IHeaderDictionary request, Func<Fill, bool> isJoinable)
    {
        lock (_lock)
        {
            return FindJoinable(request, isJoinable);
        }
    }

    private Fill? FindJoinable(IHeaderDictionary request, Func<Fill, bool> isJoinable)
    {
        foreach (Fill fill in _fills)
        {
            if (!fill.IsAlone && !fill.IsInvalidated && fill.Serves(request) && isJoinable(fill) && fill.TryJoin())
            {
                return fill;
            }
        }

        return null;
    }

    /// <summary>What fills under way bring is no longer the resource (RFC 9111 §4.4).</summary>
    public void InvalidateFills()
    {
        lock (_lock)
        {
            foreach (Fill fill in _fills)
            {
                fill.IsInvalidated = true;
            }
        }
    }

    /// <summary>Remembers what responses of this resource vary by, for the fills to come.</summary>
    public void LearnVary(string[] names)
    {
        lock (_lock)
        {
            _varyNames = names;
        }
    }

    /// <summary>True when nothing is left here and the resource was closed: the caller takes it out of the index.</summary>
    public bool End(Fill fill)
    {
        lock (_lock)
        {
            _fills.Remove(fill);
            return CloseIfEmpty();
        }
    }

    /// <summary>Puts a response in the place of the one with the same selecting fields.</summary>
    /// <returns>What it replaced, and what had to go for it; false when this resource has just been dropped.</returns>
    public bool TryPut(StoredResponse response, out StoredResponse? replaced)
    {
        lock (_lock)
        {
            replaced = null;
            if (_dead)
            {
                return false;
            }

            var variants = new List<StoredResponse>(_variants);
            int same = variants.FindIndex(v => v.Vary.SameAs(response.Vary));
            if (same >= 0)
            {
                replaced = variants[same];
                variants.RemoveAt(same);
            }
            else if (variants.Count >= MaxVariants)
            {
                replaced = variants[0];
                variants.RemoveAt(0);
            }

            variants.Add(response);
            _variants = [.. variants];
            return true;
        }
    }

    /// <summary>Adds a response from disk as the oldest; false when its variant is here or there are too many; null when this resource has just been dropped.</summary>
    internal bool? TryAdd(StoredResponse response)
    {
        lock (_lock)
        {
            if (_dead)
            {
                return null;
            }

            if (_variants.Length >= MaxVariants || Array.Exists(_variants, v => v.Vary.SameAs(response.Vary)))
            {
                return false;
            }

            _variants = [response, .. _variants];
            _varyNames = _varyNames.Length == 0 ? response.Vary.Names.ToArray() : _varyNames;
            return true;
        }
    }

    /// <summary>True when nothing is left here and the resource was closed: the caller takes it out of the index.</summary>
    public bool Remove(StoredResponse response)
    {
        lock (_lock)
        {
            int index = Array.IndexOf(_variants, response);
            if (index >= 0)
            {
                _variants = [.. _variants[..index], .. _variants[(index + 1)..]];
            }

            return CloseIfEmpty();
        }
    }

    private bool CloseIfEmpty()
    {
        if (_dead || _variants.Length > 0 || _fills.Count > 0)
        {
            return false;
        }

        _dead = true;
        return true;
    }
}
