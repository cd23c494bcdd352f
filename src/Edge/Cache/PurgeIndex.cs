using System.Collections.Concurrent;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Cache;

/// <summary>What the purge log says about an object that was stored at some place of it.</summary>
public enum PurgeVerdict
{
    /// <summary>No purge since then covers it.</summary>
    Clear,

    /// <summary>Its lifetime is over; validators and grace stay.</summary>
    Soft,

    /// <summary>It must not be used for anything.</summary>
    Hard,
}

/// <summary>
/// The purges that this edge has applied, as the last sequence number per URL, tag, site, host and prefix: a purge costs
/// one write whatever it covers, and a hit one comparison while nothing new was purged.
/// </summary>
/// <remarks>
/// Writers (the feed) are serialized by the caller's single thread; readers take no lock. An entry is visible before
/// <see cref="Applied"/> moves past it, so that a reader who saw the new cursor sees the purge.
/// </remarks>
public sealed class PurgeIndex
{
    private readonly ConcurrentDictionary<(string Site, PurgeKind Kind, string Value), PurgeSequences> _entries = new();

    /// <summary>By site.</summary>
    private readonly ConcurrentDictionary<string, HostPurges> _hosts = new(StringComparer.Ordinal);
    private readonly Lock _write = new();
    private long _applied;
    private long _horizon;
    private string _epoch = "";
    private long _logSequence;

    /// <summary>Local, ever-growing count of what was applied: what fills are stamped with. It does not go back when the log's epoch changes.</summary>
    public long Applied => Volatile.Read(ref _applied);

    /// <summary>Raised whenever entries or a gap were applied.</summary>
    public event Action? Changed;

    /// <summary>Entries held; see <see cref="Forget"/>.</summary>
    public int Count => _entries.Count + _hosts.Values.Sum(h => h.Count);

    /// <summary>Place in the silos' log that is applied.</summary>
    public PurgeCursor Cursor
    {
        get
        {
            lock (_write)
            {
                return new PurgeCursor(_epoch, _logSequence);
            }
        }
    }

    /// <summary>Starts from what an earlier process had applied; the cache is empty then, so nothing older matters.</summary>
    public void Resume(PurgeCursor cursor)
    {
        lock (_write)
        {
            (_epoch, _logSequence) = (cursor.Epoch, cursor.Sequence);
        }
    }

    /// <summary>Applies entries in the log's order. Entries at or before the cursor are repeats and do nothing.</summary>
    public void Apply(PurgeCursor through, ReadOnlySpan<PurgeEntry> entries)
    {
        lock (_write)
        {
            if (through.Epoch != _epoch)
            {
                throw new InvalidOperationException($"purges of log '{through.Epoch}' cannot follow those of '{_epoch}': a gap comes first");
            }

            long applied = _applied;
            foreach (PurgeEntry entry in entries)
            {
                if (entry.Sequence <= _logSequence)
                {
                    continue;
                }

                applied++;
                Record(entry, applied);
                _logSequence = entry.Sequence;
            }

            _logSequence = Math.Max(_logSequence, through.Sequence);
            Volatile.Write(ref _applied, applied);
        }

        Changed?.Invoke();
    }

    /// <summary>Nothing is known about what was purged up to here: all that was stored before must be asked for again.</summary>
    public void ApplyGap(PurgeCursor through)
    {
        lock (_write)
        {
            long applied = _applied + 1;
            Volatile.Write(ref _horizon, applied);
            (_epoch, _logSequence) = (through.Epoch, through.Sequence);
            _entries.Clear();
            _hosts.Clear();
            Volatile.Write(ref _applied, applied);
        }

        Changed?.Invoke();
    }

    /// <summary>Drops entries up to <paramref name="stamp"/>; anything stored before it and still there counts as hard-purged.</summary>
    /// <remarks>Called by the sweeper after it has looked at every stored object, with the oldest stamp that may still be in use.</remarks>
    public void Forget(long stamp)
    {
        lock (_write)
        {
            Volatile.Write(ref _horizon, Math.Max(_horizon, stamp));
            foreach (KeyValuePair<(string, PurgeKind, string), PurgeSequences> entry in _entries)
            {
                if (entry.Value.IsUpTo(stamp))
                {
                    _entries.TryRemove(entry);
                }
            }

            foreach (KeyValuePair<string, HostPurges> hosts in _hosts)
            {
                hosts.Value.Forget(stamp);
                if (hosts.Value.Count == 0)
                {
                    _hosts.TryRemove(hosts);
                }
            }
        }
    }

    /// <summary>Whether an object stored at <paramref name="stamp"/> (see <see cref="Applied"/>) may be used.</summary>
    public PurgeVerdict Check(string site, string url, ReadOnlySpan<string> tags, long stamp)
    {
        if (stamp < Volatile.Read(ref _horizon))
        {
            return PurgeVerdict.Hard;
        }

        bool soft = false;
        if (!_hosts.IsEmpty && _hosts.TryGetValue(site, out HostPurges? hosts) && hosts.Covers(url, stamp, ref soft))
        {
            return PurgeVerdict.Hard;
        }

        if (_entries.IsEmpty)
        {
            return soft ? PurgeVerdict.Soft : PurgeVerdict.Clear;
        }

        if (Matches((site, PurgeKind.Site, ""), stamp, ref soft) || Matches((site, PurgeKind.Url, url), stamp, ref soft))
        {
            return PurgeVerdict.Hard;
        }

        foreach (string tag in tags)
        {
            if (Matches((site, PurgeKind.Tag, tag), stamp, ref soft))
            {
                return PurgeVerdict.Hard;
            }
        }

        return soft ? PurgeVerdict.Soft : PurgeVerdict.Clear;
    }

    private void Record(PurgeEntry entry, long applied)
    {
        switch (entry.Kind)
        {
            case PurgeKind.Host:
                _hosts.GetOrAdd(entry.Site, static _ => new HostPurges()).ApplyHost(entry.Value, entry.Soft, applied, entry.Sequence);
                break;
            case PurgeKind.Prefix:
                _hosts.GetOrAdd(entry.Site, static _ => new HostPurges()).ApplyPrefix(entry.Value, entry.Soft, applied, entry.Sequence);
                break;
            default:
                (string, PurgeKind, string) key = (entry.Site, entry.Kind, entry.Value);
                _entries[key] = _entries.GetValueOrDefault(key).With(entry.Soft, applied, entry.Sequence);
                break;
        }
    }

    private bool Matches((string, PurgeKind, string) key, long stamp, ref bool soft) =>
        _entries.TryGetValue(key, out PurgeSequences sequences) && sequences.Covers(stamp, ref soft);
}
