using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache.Disk;

namespace OrleansCdn.Edge.Cache;

/// <summary>Groups that answers to unsafe methods invalidated (RFC 9875 §3): purges of this edge alone, which are in no silo's log.</summary>
public sealed partial class PurgeIndex
{
    /// <summary>
    /// Groups of one site that are remembered at a time, about 20 MiB: whoever may send unsafe requests makes them. Past it
    /// the whole site is purged instead, which is more than was asked for, never less.
    /// </summary>
    internal const int MaxGroupsPerSite = 65_536;

    /// <summary>By site; written under the lock.</summary>
    private readonly Dictionary<string, int> _groups = new(StringComparer.Ordinal);

    /// <summary>Whether a site will soon have more groups than are remembered: what is on disk is better compared with them now.</summary>
    internal bool IsCrowded
    {
        get
        {
            lock (_write)
            {
                return _groups.Values.Any(static count => count > MaxGroupsPerSite / 2);
            }
        }
    }

    /// <summary>When this returns, nothing stored under one of them is used any more. It outlives the process, where anything stored does.</summary>
    /// <param name="groups">As <see cref="CacheGroups"/> names them; null: too many to tell, so everything of the site goes.</param>
    public void InvalidateGroups(string site, string[]? groups)
    {
        lock (_write)
        {
            bool isSite = groups is null || _groups.GetValueOrDefault(site) + groups.Length > MaxGroupsPerSite;
            ImmutableArray<PurgeEntry> entries = isSite
                ? [NewEntry(site, PurgeKind.Site, "")]
                : [.. groups!.Select(group => NewEntry(site, PurgeKind.Tag, group))];
            if (_journal is { } journal)
            {
                journal.Append(new JournalFrame
                {
                    Epoch = _epoch,
                    Sequence = _logSequence,
                    Applied = _applied + entries.Length,
                    Numbers = [.. Enumerable.Range(1, entries.Length).Select(n => _applied + n)],
                    Entries = entries,
                });

                // Nothing is forgotten, but the same groups again and again are one entry each in a file made anew.
                journal.Forget(_horizon);
            }

            long applied = _applied;
            foreach (PurgeEntry entry in entries)
            {
                Record(entry, ++applied);
            }

            Volatile.Write(ref _applied, applied);
        }

        Changed?.Invoke();
    }

    private PurgeEntry NewEntry(string site, PurgeKind kind, string value) =>
        new() { Sequence = _logSequence, Site = site, Kind = kind, Value = value, Soft = false };

    private void CountGroup(PurgeEntry entry)
    {
        if (entry.Kind == PurgeKind.Tag && CacheGroups.IsGroup(entry.Value) && !_entries.ContainsKey((entry.Site, entry.Kind, entry.Value)))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_groups, entry.Site, out _)++;
        }
    }

    private void UncountGroup((string Site, PurgeKind Kind, string Value) key)
    {
        if (key.Kind == PurgeKind.Tag && CacheGroups.IsGroup(key.Value) && --CollectionsMarshal.GetValueRefOrAddDefault(_groups, key.Site, out _) <= 0)
        {
            _groups.Remove(key.Site);
        }
    }
}
