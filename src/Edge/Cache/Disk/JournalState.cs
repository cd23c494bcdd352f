using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>What the purge index must know again after a restart, when something stored before it is still there.</summary>
public sealed class JournalState
{
    /// <summary>Random id of the log of segments that these numbers belong to.</summary>
    public long Lineage { get; init; }

    public PurgeCursor Cursor { get; private set; } = PurgeCursor.None;

    /// <summary><see cref="PurgeIndex.Applied"/>.</summary>
    public long Applied { get; private set; }

    /// <summary>What was stored before counts as purged.</summary>
    public long Horizon { get; private set; }

    /// <summary>The last purge of each kind of each thing, with its number.</summary>
    internal Dictionary<(string Site, PurgeKind Kind, string Value, bool Soft), (PurgeEntry Entry, long Number)> Entries { get; } = [];

    /// <summary>For a store that begins empty.</summary>
    internal static JournalState Fresh(long lineage, PurgeCursor cursor, long applied)
    {
        var state = new JournalState { Lineage = lineage };
        state.Add(new JournalFrame { Epoch = cursor.Epoch, Sequence = cursor.Sequence, Applied = applied, Horizon = applied });
        return state;
    }

    /// <summary>Whether every purge that was acknowledged is known here: only then may anything on the disk be used.</summary>
    /// <param name="saved">The cursor that was acknowledged at most; null in standalone mode, where nothing is purged.</param>
    internal bool Knows(PurgeCursor? saved) => saved is { } known ? Cursor.Covers(known) : Cursor == PurgeCursor.None;

    internal void Add(JournalFrame frame)
    {
        if (frame.Clears)
        {
            Entries.Clear();
        }

        for (int i = 0; i < frame.Entries.Length; i++)
        {
            PurgeEntry entry = frame.Entries[i];
            Entries[(entry.Site, entry.Kind, entry.Value, entry.Soft)] = (entry, frame.Numbers[i]);
        }

        Cursor = new PurgeCursor(frame.Epoch, frame.Sequence);
        Applied = Math.Max(Applied, frame.Applied);
        Horizon = Math.Max(Horizon, frame.Horizon);
    }

    /// <summary>Entries up to <paramref name="stamp"/> are forgotten; what was stored before it counts as purged.</summary>
    internal void Forget(long stamp)
    {
        Horizon = Math.Max(Horizon, stamp);
        foreach (var old in Entries.Where(e => e.Value.Number <= stamp).ToArray())
        {
            Entries.Remove(old.Key);
        }
    }

    /// <summary>
    /// The frames of a journal that says the same. The last one alone says how far it goes: one that is cut off before it, by a
    /// drive that did not flush when it said so, does not claim to know what it has lost.
    /// </summary>
    internal IEnumerable<JournalFrame> ToFrames()
    {
        var part = new JournalFrame { Epoch = "", Sequence = 0, Applied = 0, Horizon = Horizon };
        yield return part with { Lineage = Lineage };
        foreach ((PurgeEntry Entry, long Number)[] some in Entries.Values.OrderBy(e => e.Number).Chunk(JournalFrame.MaxEntries))
        {
            yield return part with { Entries = [.. some.Select(e => e.Entry)], Numbers = [.. some.Select(e => e.Number)] };
        }

        yield return new JournalFrame { Epoch = Cursor.Epoch, Sequence = Cursor.Sequence, Applied = Applied, Horizon = Horizon };
    }
}
