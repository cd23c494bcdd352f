using System.Collections.Immutable;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Purge;

/// <summary>
/// The purge log without its storage: says which rows to write for an append, is told when they are durable, and answers
/// reads from its newest part.
/// </summary>
/// <remarks>
/// Segment <c>i</c> holds the sequences <c>i·SegmentEntries + 1 … (i + 1)·SegmentEntries</c>. A crash between two rows
/// leaves a log that ends earlier, never one with a hole: rows are written in the order of the log, and opening it
/// (<see cref="PurgeLogOpening"/>) goes on from the head's last segment until one is missing.
/// </remarks>
internal sealed class PurgeLog
{
    /// <summary>Entries of a segment, and so of the row that each append rewrites: some 60 KB of usual tags and URLs.</summary>
    public const int SegmentEntries = 512;

    /// <summary>
    /// Segments that are kept: 131,072 entries, if they are not too old (<see cref="PurgeLogOptions"/>). An edge that was away for
    /// longer asks the origin about everything it kept.
    /// </summary>
    public const int MaxSegments = 256;

    /// <summary>Segments that are kept in memory: what edges miss that were away for a moment.</summary>
    public const int TailSegments = 4;

    private ImmutableList<PurgeSegment> _tail;
    private PurgeLogHead _head;

    /// <param name="head">As stored.</param>
    /// <param name="tail">The newest segments in order, without a gap; empty for an empty log.</param>
    public PurgeLog(PurgeLogHead head, IEnumerable<PurgeSegment> tail)
    {
        _head = head;
        _tail = [.. tail];
        End = new PurgeCursor(head.Epoch, _tail is [.., { } last] ? FirstOf(last.Index) + last.Entries.Length - 1 : 0);
    }

    public PurgeLogHead Head => _head;

    /// <summary>Of the last durable entry.</summary>
    public PurgeCursor End { get; private set; }

    /// <summary>Sequence of the oldest entry that is kept; one past the end for an empty log.</summary>
    public long Oldest => FirstOf(_head.FirstSegment);

    public static long SegmentOf(long sequence) => (sequence - 1) / SegmentEntries;

    public static long FirstOf(long segment) => (segment * SegmentEntries) + 1;

    /// <summary>Rows to write for appends, in order. Nothing changes here before <see cref="Written"/>.</summary>
    /// <param name="appends">At least one, each with at least one value.</param>
    public (ImmutableArray<PurgeLogWrite> Writes, ImmutableArray<PurgeReceipt> Receipts) Plan(
        IReadOnlyList<PurgeAppend> appends, DateTimeOffset now)
    {
        var writes = ImmutableArray.CreateBuilder<PurgeLogWrite>();
        var receipts = ImmutableArray.CreateBuilder<PurgeReceipt>(appends.Count);
        PurgeLogHead head = _head;
        long sequence = End.Sequence;
        PurgeSegment open = Open(sequence);
        // A clock that is set back makes nothing older than what came before it.
        DateTimeOffset newest = _tail is [.., { Newest: { } last }] && last > now ? last : now;
        ImmutableArray<PurgeEntry>.Builder entries = open.Entries.ToBuilder();
        ImmutableArray<PurgeReceipt>.Builder segmentReceipts = open.Receipts.ToBuilder();

        foreach (PurgeAppend append in appends)
        {
            for (int i = 0; i < append.Values.Length; i++)
            {
                if (entries.Count == SegmentEntries)
                {
                    Close();
                }

                sequence++;
                entries.Add(new PurgeEntry
                {
                    Sequence = sequence,
                    Site = append.Site,
                    Kind = append.Kind,
                    Value = append.Values[i],
                    Soft = append.Soft,
                });
            }

            PurgeReceipt receipt = Receipt(append, new PurgeCursor(_head.Epoch, sequence), now);
            receipts.Add(receipt);
            segmentReceipts.Add(receipt);
        }

        Close();
        return (writes.ToImmutable(), receipts.MoveToImmutable());

        void Close()
        {
            PurgeSegment full = open with { Entries = entries.DrainToImmutable(), Receipts = segmentReceipts.DrainToImmutable(), Newest = newest };
            writes.Add(new PurgeLogWrite.WriteSegment(full));
            if (full.Index != head.LastSegment)
            {
                // Only now is there a new segment to name, and perhaps an old one too many.
                long first = Math.Max(head.FirstSegment, full.Index - MaxSegments + 1);
                long dropped = head.FirstSegment;
                head = head with { LastSegment = full.Index, FirstSegment = first };
                writes.Add(new PurgeLogWrite.WriteHead(head));
                for (; dropped < first; dropped++)
                {
                    writes.Add(new PurgeLogWrite.ClearSegment(dropped));
                }
            }

            open = new PurgeSegment { Epoch = _head.Epoch, Index = full.Index + 1 };
        }
    }

    /// <summary>The first of the new entries in planned rows, as many as one message holds; and where the log will end.</summary>
    public PurgePushAhead Ahead(ImmutableArray<PurgeLogWrite> writes)
    {
        PurgeSegment[] segments = [.. writes.OfType<PurgeLogWrite.WriteSegment>().Select(w => w.Content)];
        PurgeEntry[] first = [.. segments.SelectMany(s => s.Entries).SkipWhile(e => e.Sequence <= End.Sequence).Take(FeedProtocol.MaxPurgesPerMessage)];
        return new PurgePushAhead(End with { Sequence = segments[^1].Entries[^1].Sequence }, PurgeBatching.Take(first));
    }

    /// <summary>The oldest segment, if there is another behind it: the last one is never dropped, so that the log always knows its end.</summary>
    public long? Droppable => _head.FirstSegment < _head.LastSegment ? _head.FirstSegment : null;

    /// <summary>Rows to write so that <see cref="Droppable"/> is dropped when all of it is too old; none when it is not.</summary>
    /// <param name="oldest">Its content. One without a time stays until there are too many.</param>
    public ImmutableArray<PurgeLogWrite> PlanDrop(PurgeSegment oldest, DateTimeOffset now, TimeSpan age) =>
        oldest.Index == Droppable && now - oldest.Newest > age
            ? [new PurgeLogWrite.WriteHead(_head with { FirstSegment = oldest.Index + 1 }), new PurgeLogWrite.ClearSegment(oldest.Index)]
            : [];

    /// <summary>A row is durable.</summary>
    public void Written(PurgeLogWrite write)
    {
        switch (write)
        {
            case PurgeLogWrite.WriteSegment { Content: { } segment }:
                _tail = _tail is [.., { } last] && last.Index == segment.Index ? _tail.SetItem(_tail.Count - 1, segment) : _tail.Add(segment);
                if (_tail.Count > TailSegments)
                {
                    _tail = _tail.RemoveAt(0);
                }

                End = End with { Sequence = FirstOf(segment.Index) + segment.Entries.Length - 1 };
                break;
            case PurgeLogWrite.WriteHead { Content: { } head }:
                _head = head;
                break;
        }
    }

    /// <summary>What can be said about a place in the log without reading a row.</summary>
    public PurgeLogPlace Locate(PurgeCursor after) =>
        after.Epoch != End.Epoch || after.Sequence > End.Sequence || after.Sequence + 1 < Oldest || after.Sequence < 0 ? PurgeLogPlace.Unknown
        : after.Sequence == End.Sequence ? PurgeLogPlace.End
        : InMemory(SegmentOf(after.Sequence + 1)) is not null ? PurgeLogPlace.InMemory
        : PurgeLogPlace.InStorage;

    /// <summary>A segment of the part that is kept in memory; null: it is not.</summary>
    public PurgeSegment? InMemory(long segment) =>
        _tail is [{ } first, ..] && segment >= first.Index && segment - first.Index < _tail.Count ? _tail[(int)(segment - first.Index)] : null;

    /// <summary>What follows <paramref name="after"/> in the segment that holds the next entry.</summary>
    /// <param name="segment">Null, or another log's: it is gone, so nothing can be said.</param>
    public PurgeRead Read(PurgeCursor after, PurgeSegment? segment)
    {
        int skip = (int)(after.Sequence + 1 - FirstOf(SegmentOf(after.Sequence + 1)));
        if (segment is null || segment.Epoch != End.Epoch || segment.Index != SegmentOf(after.Sequence + 1) || segment.Entries.Length <= skip)
        {
            return Gap();
        }

        ImmutableArray<PurgeEntry> entries = PurgeBatching.Take(segment.Entries.AsSpan()[skip..]);
        return new PurgeRead { Gap = false, Through = after with { Sequence = after.Sequence + entries.Length }, Entries = entries, End = End };
    }

    public PurgeRead Gap() => new() { Gap = true, Through = End, Entries = [], End = End };

    public PurgeRead Nothing() => new() { Gap = false, Through = End, Entries = [], End = End };

    private PurgeSegment Open(long end) =>
        _tail is [.., { } last] && last.Entries.Length < SegmentEntries
            ? last
            : new PurgeSegment { Epoch = _head.Epoch, Index = SegmentOf(end + 1) };

    private static PurgeReceipt Receipt(PurgeAppend append, PurgeCursor cursor, DateTimeOffset now) => new()
    {
        Id = PurgeId.Of(cursor),
        Cursor = cursor,
        When = now,
        Who = append.Who,
        Site = append.Site,
        Kind = append.Kind,
        Soft = append.Soft,
        Entries = append.Values.Length,
        From = append.From,
        Key = append.Key,
    };
}

internal enum PurgeLogPlace
{
    /// <summary>Another log, before its beginning, or past its end.</summary>
    Unknown,

    /// <summary>Nothing follows.</summary>
    End,

    InMemory,

    /// <summary>In a segment that has to be read.</summary>
    InStorage,
}
