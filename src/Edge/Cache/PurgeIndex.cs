using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache.Disk;

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
public sealed partial class PurgeIndex
{
    private readonly ConcurrentDictionary<(string Site, PurgeKind Kind, string Value), PurgeSequences> _entries = new();

    /// <summary>By site.</summary>
    private readonly ConcurrentDictionary<string, HostPurges> _hosts = new(StringComparer.Ordinal);

    /// <summary>For responses that more than their own URL stands for.</summary>
    private readonly SearchPurges _search = new();
    private readonly Lock _write = new();
    private long _applied;
    private long _horizon;
    private string _epoch = "";
    private long _logSequence;

    /// <summary>Local, ever-growing count of what was applied: what fills are stamped with. It does not go back when the log's epoch changes.</summary>
    public long Applied => Volatile.Read(ref _applied);

    /// <summary>What was stored before it counts as purged.</summary>
    internal long Horizon => Volatile.Read(ref _horizon);

    /// <summary>Raised whenever entries or a gap were applied.</summary>
    public event Action? Changed;

    /// <summary>Entries held; see <see cref="Forget"/>.</summary>
    public int Count => _entries.Count + _search.Count + _hosts.Values.Sum(h => h.Count);

    /// <summary>Place in the silos' log that is applied.</summary>
    public PurgeCursor Cursor => _cursor.Value;

    private volatile StrongBox<PurgeCursor> _cursor = new(PurgeCursor.None);

    /// <summary>Null: nothing that is stored outlives this process.</summary>
    private PurgeJournal? _journal;

    /// <summary>Starts from what an earlier process had applied; the cache is empty then, so nothing older matters.</summary>
    public void Resume(PurgeCursor cursor)
    {
        lock (_write)
        {
            (_epoch, _logSequence) = (cursor.Epoch, cursor.Sequence);
            _cursor = new StrongBox<PurgeCursor>(cursor);
        }
    }

    /// <summary>Starts from what an earlier process had applied, with what it stored on disk; before any purge and any reader.</summary>
    internal void Resume(JournalState state)
    {
        lock (_write)
        {
            foreach ((PurgeEntry entry, long number) in state.Entries.Values.OrderBy(e => e.Number))
            {
                Record(entry, number);
            }

            (_epoch, _logSequence) = (state.Cursor.Epoch, state.Cursor.Sequence);
            Volatile.Write(ref _horizon, state.Horizon);
            Volatile.Write(ref _applied, state.Applied);
            _cursor = new StrongBox<PurgeCursor>(state.Cursor);
        }
    }

    /// <summary>From here on every change is in a journal before it is in force.</summary>
    /// <param name="open">Is given what is in force: the cursor, and the count below which nothing on disk may be used.</param>
    internal void Attach(Func<PurgeCursor, long, PurgeJournal> open)
    {
        lock (_write)
        {
            _journal = open(_cursor.Value, _applied);
        }
    }

    /// <summary>When this returns, what <see cref="Cursor"/> said before the call is on disk as far as anything stored depends on it.</summary>
    public void Flush() => _journal?.Flush();

    /// <summary>Applies entries in the log's order. Entries at or before the cursor are repeats and do nothing.</summary>
    /// <param name="storedUrl">Gives the URL under which the answer to a purged one is stored: that one is purged, too. Null: under itself.</param>
    public void Apply(PurgeCursor through, ReadOnlySpan<PurgeEntry> entries, Func<PurgeEntry, string?>? storedUrl = null)
    {
        lock (_write)
        {
            if (through.Epoch != _epoch)
            {
                throw new InvalidOperationException($"purges of log '{through.Epoch}' cannot follow those of '{_epoch}': a gap comes first");
            }

            List<NumberedPurge> news = NumberNews(entries, storedUrl, out long applied);
            long end = Math.Max(news.Count == 0 ? _logSequence : news[^1].Entry.Sequence, through.Sequence);
            if (end > _logSequence)
            {
                WriteAhead(news, end, applied);
            }

            foreach (NumberedPurge purge in news)
            {
                Record(purge.Entry, purge.Number);
            }

            _logSequence = Math.Max(_logSequence, end);
            Volatile.Write(ref _applied, applied);
            _cursor = new StrongBox<PurgeCursor>(new PurgeCursor(_epoch, _logSequence));
        }

        Changed?.Invoke();
    }

    /// <summary>
    /// Applies entries that are not in the log yet, under numbers of this edge alone: what they cover is not used from here on, and the
    /// cursor stays. They are applied again, under new numbers, when they come with the log: what was fetched meanwhile may come from an
    /// edge that had not heard of them.
    /// </summary>
    public void ApplyAhead(ReadOnlySpan<PurgeEntry> entries, Func<PurgeEntry, string?>? storedUrl = null)
    {
        lock (_write)
        {
            List<NumberedPurge> news = NumberNews(entries, storedUrl, out long applied);
            if (news.Count == 0)
            {
                return;
            }

            for (int i = 0; i < news.Count; i++)
            {
                // It has no place in the log yet, and may never have one.
                news[i] = news[i] with { Entry = news[i].Entry with { Sequence = 0 } };
            }

            WriteAhead(news, _logSequence, applied);
            foreach (NumberedPurge purge in news)
            {
                Record(purge.Entry, purge.Number);
            }

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
            _journal?.Append(new JournalFrame { Epoch = through.Epoch, Sequence = through.Sequence, Applied = applied, Horizon = applied, Clears = true });
            Volatile.Write(ref _horizon, applied);
            (_epoch, _logSequence) = (through.Epoch, through.Sequence);
            _entries.Clear();
            _hosts.Clear();
            _groups.Clear();
            _search.Clear();
            Volatile.Write(ref _applied, applied);
            _cursor = new StrongBox<PurgeCursor>(through);
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
                if (entry.Value.IsUpTo(stamp) && _entries.TryRemove(entry))
                {
                    UncountGroup(entry.Key);
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

            _search.Forget(stamp);
            _journal?.Forget(stamp);
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

        if (_search.Covers(site, url, tags, stamp, ref soft))
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

    /// <summary>What is past the cursor, with its number; an entry's other URL has the same.</summary>
    private List<NumberedPurge> NumberNews(ReadOnlySpan<PurgeEntry> entries, Func<PurgeEntry, string?>? storedUrl, out long applied)
    {
        var news = new List<NumberedPurge>(entries.Length);
        applied = _applied;
        long last = _logSequence;
        foreach (PurgeEntry entry in entries)
        {
            if (entry.Sequence <= last)
            {
                continue;
            }

            (last, applied) = (entry.Sequence, applied + 1);
            news.Add(new NumberedPurge(entry, applied));
            if (storedUrl?.Invoke(entry) is { } url)
            {
                news.Add(new NumberedPurge(entry with { Value = url }, applied));
            }
        }

        return news;
    }

    private void WriteAhead(List<NumberedPurge> purges, long sequence, long applied) => _journal?.Append(new JournalFrame
    {
        Epoch = _epoch,
        Sequence = sequence,
        Applied = applied,
        Numbers = [.. purges.Select(p => p.Number)],
        Entries = [.. purges.Select(p => p.Entry)],
    });

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
                CountGroup(entry);
                if (entry.Kind == PurgeKind.Url)
                {
                    _search.Apply(entry.Site, entry.Value, entry.Soft, applied, entry.Sequence);
                }

                _entries[key] = _entries.GetValueOrDefault(key).With(entry.Soft, applied, entry.Sequence);
                break;
        }
    }

    /// <param name="Number">Of <see cref="Applied"/>.</param>
    private readonly record struct NumberedPurge(PurgeEntry Entry, long Number);

    private bool Matches((string, PurgeKind, string) key, long stamp, ref bool soft) =>
        _entries.TryGetValue(key, out PurgeSequences sequences) && sequences.Covers(stamp, ref soft);
}
