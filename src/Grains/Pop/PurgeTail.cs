using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains.Purge;

namespace OrleansCdn.Grains.Pop;

/// <summary>The newest entries of the purge log, for edges that are nearly up to date. Older ones are read from the log.</summary>
internal sealed class PurgeTail
{
    /// <summary>Eight messages: what an edge misses while it reconnects.</summary>
    public const int MaxEntries = 8 * FeedProtocol.MaxPurgesPerMessage;

    /// <summary>8 MiB of text.</summary>
    public const int MaxValueChars = 4 * 1024 * 1024;

    private readonly Queue<PurgeEntry> _entries = new();
    private long _chars;

    /// <summary>Of the last entry; an empty epoch: nothing is known of the log yet.</summary>
    public PurgeCursor End { get; private set; } = PurgeCursor.None;

    public int Count => _entries.Count;

    /// <summary>Forgets the entries and goes on from another place.</summary>
    public void Restart(PurgeCursor end)
    {
        _entries.Clear();
        (_chars, End) = (0, end);
    }

    /// <summary>True when the entries connect; repeats of known ones are dropped. False: nothing was changed, and the log has to be read.</summary>
    public bool TryAppend(PurgeCursor after, PurgeBatch batch)
    {
        if (!End.Covers(after) || batch.Through.Epoch != End.Epoch)
        {
            return false;
        }

        foreach (PurgeEntry entry in batch.Entries)
        {
            if (entry.Sequence <= End.Sequence)
            {
                continue;
            }

            _entries.Enqueue(entry);
            _chars += entry.Value.Length;
            End = End with { Sequence = entry.Sequence };
        }

        while (_entries.Count > MaxEntries || _chars > MaxValueChars)
        {
            _chars -= _entries.Dequeue().Value.Length;
        }

        return true;
    }

    /// <summary>What follows a place; null: it is not in this tail.</summary>
    public PurgeBatch? After(PurgeCursor cursor)
    {
        long missing = End.Sequence - cursor.Sequence;
        if (cursor.Epoch != End.Epoch || missing <= 0 || missing > _entries.Count)
        {
            return null;
        }

        PurgeEntry[] following = [.. _entries.Skip(_entries.Count - (int)missing).Take(FeedProtocol.MaxPurgesPerMessage)];
        ImmutableArray<PurgeEntry> entries = PurgeBatching.Take(following);
        return new PurgeBatch { Through = cursor with { Sequence = entries[^1].Sequence }, Entries = entries };
    }
}
