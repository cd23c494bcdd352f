using System.Collections.Immutable;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains.Purge;

namespace OrleansCdn.Grains.Tests;

public sealed class PurgeLogTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Rows on a disk that outlive the log, which may crash between any two writes.</summary>
    private sealed class Disk
    {
        public PurgeLogHead Head { get; private set; } = new();

        public Dictionary<long, PurgeSegment> Segments { get; } = [];

        public void Write(PurgeLogWrite write)
        {
            switch (write)
            {
                case PurgeLogWrite.WriteSegment segment:
                    Segments[segment.Content.Index] = segment.Content;
                    break;
                case PurgeLogWrite.WriteHead head:
                    Head = head.Content;
                    break;
                case PurgeLogWrite.ClearSegment clear:
                    Segments.Remove(clear.Segment);
                    break;
            }
        }

        public PurgeLog Open(string newEpoch)
        {
            var opening = new PurgeLogOpening(Head);
            while (opening.NextSegment is { } segment)
            {
                opening.Offer(Segments.GetValueOrDefault(segment) ?? new PurgeSegment());
            }

            (PurgeLog log, bool isNew) = opening.Finish(newEpoch);
            if (isNew)
            {
                Head = log.Head;
            }

            return log;
        }

        public PurgeRead Read(PurgeLog log, PurgeCursor after) => log.Locate(after) switch
        {
            PurgeLogPlace.End => log.Nothing(),
            PurgeLogPlace.InMemory => log.Read(after, log.InMemory(PurgeLog.SegmentOf(after.Sequence + 1))),
            PurgeLogPlace.InStorage => log.Read(after, Segments.GetValueOrDefault(PurgeLog.SegmentOf(after.Sequence + 1))),
            _ => log.Gap(),
        };
    }

    [Theory]
    [InlineData(1)]
    [InlineData(42)]
    [InlineData(20261122)]
    public void What_was_acknowledged_survives_crashes_between_rows_and_has_no_gaps(int seed)
    {
        var random = new Random(seed);
        var disk = new Disk();
        PurgeLog log = disk.Open("epoch");
        var acknowledged = new SortedDictionary<long, string>();
        var receipts = new List<PurgeReceipt>();
        int value = 0;
        for (int round = 0; round < 300; round++)
        {
            var appends = new PurgeAppend[random.Next(1, 5)];
            for (int i = 0; i < appends.Length; i++)
            {
                appends[i] = Append(random.Next(10) == 0 ? random.Next(1, 1500) : random.Next(1, 4), ref value);
            }

            (ImmutableArray<PurgeLogWrite> writes, ImmutableArray<PurgeReceipt> planned) = log.Plan(appends, Now);
            int performed = random.Next(3) == 0 ? random.Next(0, writes.Length + 1) : writes.Length;
            foreach (PurgeLogWrite write in writes[..performed])
            {
                disk.Write(write);
                log.Written(write);
            }

            foreach ((PurgeReceipt receipt, PurgeAppend append) in planned.Zip(appends))
            {
                if (log.End.Covers(receipt.Cursor))
                {
                    receipts.Add(receipt);
                    for (int i = 0; i < append.Values.Length; i++)
                    {
                        acknowledged.Add(receipt.Cursor.Sequence - append.Values.Length + 1 + i, append.Values[i]);
                    }
                }
            }

            if (performed < writes.Length)
            {
                log = disk.Open("must not be needed");
                Assert.Equal("epoch", log.End.Epoch);
            }
        }

        // Read all that is kept, from its beginning.
        var cursor = new PurgeCursor("epoch", log.Oldest - 1);
        long expected = log.Oldest;
        while (cursor != log.End)
        {
            PurgeRead read = disk.Read(log, cursor);
            Assert.False(read.Gap, $"seed {seed}: gap at {cursor}");
            Assert.InRange(read.Entries.Length, 1, FeedProtocol.MaxPurgesPerMessage);
            foreach (PurgeEntry entry in read.Entries)
            {
                Assert.Equal(expected++, entry.Sequence);
                if (acknowledged.TryGetValue(entry.Sequence, out string? acked))
                {
                    Assert.Equal(acked, entry.Value);
                }
            }

            cursor = read.Through;
        }

        Assert.True(acknowledged.Keys.Last() < expected, $"seed {seed}: an acknowledged entry is past the end");
        foreach (PurgeReceipt receipt in receipts.Where(r => r.Cursor.Sequence >= log.Oldest))
        {
            Assert.True(PurgeId.TryParse(receipt.Id, out PurgeCursor at));
            Assert.Contains(receipt, disk.Segments[PurgeLog.SegmentOf(at.Sequence)].Receipts);
        }
    }

    [Fact]
    public void Retention_drops_whole_segments_and_readers_from_before_get_a_gap()
    {
        var disk = new Disk();
        PurgeLog log = disk.Open("e");
        int value = 0;
        for (int i = 0; i < PurgeLog.MaxSegments + 3; i++)
        {
            foreach (PurgeLogWrite write in log.Plan([Append(PurgeLog.SegmentEntries, ref value)], Now).Writes)
            {
                disk.Write(write);
                log.Written(write);
            }
        }

        Assert.Equal(PurgeLog.MaxSegments, disk.Segments.Count);
        Assert.Equal((3 * PurgeLog.SegmentEntries) + 1, log.Oldest);
        Assert.True(disk.Read(log, new PurgeCursor("e", log.Oldest - 2)).Gap);
        Assert.False(disk.Read(log, new PurgeCursor("e", log.Oldest - 1)).Gap);
        Assert.Equal(log.End, disk.Open("x").End);
    }

    /// <summary>Segments whose newest entries are a day apart; the last one is of <see cref="Now"/>.</summary>
    private static (Disk Disk, PurgeLog Log) Daily(int segments)
    {
        var disk = new Disk();
        PurgeLog log = disk.Open("e");
        int value = 0;
        for (int day = segments - 1; day >= 0; day--)
        {
            Perform(disk, log, log.Plan([Append(PurgeLog.SegmentEntries, ref value)], Now - TimeSpan.FromDays(day)).Writes);
        }

        return (disk, log);
    }

    private static void Perform(Disk disk, PurgeLog log, ImmutableArray<PurgeLogWrite> writes)
    {
        foreach (PurgeLogWrite write in writes)
        {
            disk.Write(write);
            log.Written(write);
        }
    }

    /// <summary>As long as anything is too old.</summary>
    private static int DropAll(Disk disk, PurgeLog log, DateTimeOffset now, TimeSpan age)
    {
        int dropped = 0;
        while (log.Droppable is { } oldest && log.PlanDrop(disk.Segments[oldest], now, age) is { IsEmpty: false } writes)
        {
            Perform(disk, log, writes);
            dropped++;
        }

        return dropped;
    }

    [Fact]
    public void Segments_that_are_too_old_are_dropped_and_readers_from_before_get_a_gap()
    {
        (Disk disk, PurgeLog log) = Daily(10);
        Assert.Equal(6, DropAll(disk, log, Now, TimeSpan.FromDays(3)));
        Assert.Equal([6, 7, 8, 9], disk.Segments.Keys.Order());
        Assert.Equal((6 * PurgeLog.SegmentEntries) + 1, log.Oldest);
        Assert.True(disk.Read(log, new PurgeCursor("e", log.Oldest - 2)).Gap);
        Assert.False(disk.Read(log, new PurgeCursor("e", log.Oldest - 1)).Gap);

        // And after a restart.
        PurgeLog reopened = disk.Open("x");
        Assert.Equal((log.End, log.Oldest), (reopened.End, reopened.Oldest));
    }

    [Fact]
    public void A_crash_before_the_row_is_cleared_costs_nothing_but_its_space()
    {
        (Disk disk, PurgeLog log) = Daily(3);
        disk.Write(log.PlanDrop(disk.Segments[0], Now, TimeSpan.FromHours(1))[0]);
        PurgeLog reopened = disk.Open("x");
        Assert.Equal((log.End, PurgeLog.FirstOf(1)), (reopened.End, reopened.Oldest));
        Assert.True(disk.Read(reopened, new PurgeCursor("e", 5)).Gap);
    }

    [Fact]
    public void A_clock_that_is_set_years_ahead_never_takes_the_end_of_the_log()
    {
        (Disk disk, PurgeLog log) = Daily(10);
        PurgeCursor end = log.End;
        Assert.Equal(9, DropAll(disk, log, Now.AddYears(20), TimeSpan.FromDays(30)));
        Assert.Null(log.Droppable);
        Assert.Equal((end, end), (log.End, disk.Open("x").End));
        Assert.False(disk.Read(log, end with { Sequence = end.Sequence - 3 }).Gap);
    }

    [Fact]
    public void A_clock_that_is_set_back_makes_no_entry_older_than_the_one_before_it()
    {
        (Disk disk, PurgeLog log) = Daily(3);
        int value = 0;
        Perform(disk, log, log.Plan([Append(PurgeLog.SegmentEntries, ref value)], DateTimeOffset.UnixEpoch).Writes);
        Perform(disk, log, log.Plan([Append(PurgeLog.SegmentEntries, ref value)], DateTimeOffset.UnixEpoch).Writes);
        Assert.Equal(0, DropAll(disk, log, Now, TimeSpan.FromDays(5)));
        Assert.Equal(Now, disk.Segments[4].Newest);
    }

    [Fact]
    public void What_older_software_wrote_without_a_time_is_not_dropped_for_its_age()
    {
        (Disk disk, PurgeLog log) = Daily(3);
        Assert.Empty(log.PlanDrop(disk.Segments[0] with { Newest = null }, Now, TimeSpan.FromHours(1)));
        Assert.Empty(log.PlanDrop(disk.Segments[1], Now, TimeSpan.FromHours(1))); // not the oldest
    }

    [Fact]
    public void A_log_that_lost_its_end_begins_anew_instead_of_giving_sequences_twice()
    {
        var disk = new Disk();
        PurgeLog log = disk.Open("e");
        int value = 0;
        foreach (PurgeLogWrite write in log.Plan([Append(3, ref value)], Now).Writes)
        {
            disk.Write(write);
            log.Written(write);
        }

        disk.Segments.Clear();
        PurgeLog reopened = disk.Open("f");
        Assert.Equal(new PurgeCursor("f", 0), reopened.End);
        Assert.True(reopened.Read(log.End, null).Gap);
    }

    [Theory]
    [InlineData("other", 1)]
    [InlineData("e", 4)]
    [InlineData("e", -1)]
    public void A_cursor_that_this_log_never_gave_is_a_gap(string epoch, long sequence)
    {
        var disk = new Disk();
        PurgeLog log = disk.Open("e");
        int value = 0;
        foreach (PurgeLogWrite write in log.Plan([Append(3, ref value)], Now).Writes)
        {
            log.Written(write);
        }

        Assert.Equal(PurgeLogPlace.Unknown, log.Locate(new PurgeCursor(epoch, sequence)));
    }

    [Fact]
    public void What_goes_ahead_is_the_beginning_of_the_group_and_changes_nothing()
    {
        var disk = new Disk();
        PurgeLog log = disk.Open("e");
        int value = 0;
        Perform(disk, log, log.Plan([Append(3, ref value)], Now).Writes);
        PurgePushAhead small = log.Ahead(log.Plan([Append(2, ref value), Append(1, ref value)], Now).Writes);
        Assert.Equal([4L, 5, 6], small.Entries.Select(e => e.Sequence));
        Assert.Equal(new PurgeCursor("e", 6), small.Through);
        PurgePushAhead large = log.Ahead(log.Plan([Append(5000, ref value)], Now).Writes);
        Assert.Equal((FeedProtocol.MaxPurgesPerMessage, 5003L), (large.Entries.Length, large.Through.Sequence));
        Assert.Equal(4, large.Entries[0].Sequence);
        Assert.Equal(new PurgeCursor("e", 3), log.End);
    }

    [Fact]
    public void Messages_are_bounded_in_text_but_hold_at_least_one_entry()
    {
        PurgeEntry Entry(int length) => new() { Sequence = 1, Site = "s", Kind = PurgeKind.Tag, Value = new string('x', length), Soft = false };
        Assert.Single(PurgeBatching.Take([Entry(2 * PurgeBatching.MaxValueChars), Entry(1)]));
        Assert.Equal(2, PurgeBatching.Take([Entry(1), Entry(1), Entry(PurgeBatching.MaxValueChars)]).Length);
        Assert.Equal(FeedProtocol.MaxPurgesPerMessage, PurgeBatching.Take([.. Enumerable.Repeat(Entry(1), 2000)]).Length);
        Assert.Empty(PurgeBatching.Take([]));
    }

    private static PurgeAppend Append(int values, ref int value)
    {
        ImmutableArray<string>.Builder texts = ImmutableArray.CreateBuilder<string>();
        for (int i = 0; i < values; i++)
        {
            texts.Add($"tag{value++}");
        }

        return new PurgeAppend { Site = "www", Kind = PurgeKind.Tag, Values = texts.ToImmutable(), Soft = false, Who = "test" };
    }
}
