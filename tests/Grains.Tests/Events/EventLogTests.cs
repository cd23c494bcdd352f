using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Grains.Events;

namespace OrleansCdn.Grains.Tests.Events;

public sealed class EventLogTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The rows of a store, and a log that is opened from them anew.</summary>
    private sealed class Stored
    {
        private readonly Dictionary<long, EventSegment> _segments = [];
        private EventLogHead _head = new();

        public EventLog Log { get; private set; } = new(new EventLogHead(), []);

        public int Writes { get; private set; }

        public int Rows => _segments.Count;

        /// <param name="until">Writes that happen before the crash; null: all.</param>
        public void Append(DateTimeOffset now, int? until, params NewEvent[] events)
        {
            EventLogWrite write = Log.Plan([.. events], now);
            int left = until ?? int.MaxValue;
            if (write.Head is not null && left-- > 0)
            {
                _head = write.Head;
                Writes++;
            }

            foreach (EventSegment segment in write.Segments)
            {
                if (left-- > 0)
                {
                    _segments[segment.Index] = segment;
                    Writes++;
                }
            }

            if (until is not null)
            {
                return;
            }

            Log.Written(write);
            foreach (long dropped in write.Dropped)
            {
                _segments.Remove(dropped);
            }
        }

        public void Append(DateTimeOffset now, params NewEvent[] events) => Append(now, null, events);

        public void Reopen() => Log = new EventLog(_head, Range(_head).Select(i => _segments.GetValueOrDefault(i) ?? new EventSegment()));

        public ImmutableArray<CdnEvent> All() => Log.Read(new EventQuery { Limit = int.MaxValue }).Events;

        private static IEnumerable<long> Range(EventLogHead head)
        {
            for (long index = head.FirstSegment; index <= head.LastSegment; index++)
            {
                yield return index;
            }
        }
    }

    private static NewEvent Named(string what, string? pop = null, string? why = null, string? who = null, EventKind kind = EventKind.EdgeConnected) =>
        new() { Kind = kind, Severity = EventSeverity.Info, What = what, Pop = pop, Why = why, Who = who };

    private static NewEvent[] Many(int first, int count) => [.. Enumerable.Range(first, count).Select(i => Named($"e{i}"))];

    [Fact]
    public void The_newest_are_kept_in_rows_of_bounded_size_and_ids_go_up()
    {
        var stored = new Stored();
        const int kept = EventLog.SegmentEvents * EventLog.MaxSegments;
        long last = 0;
        for (int i = 0; i < 2 * kept; i += 70)
        {
            stored.Append(Start, Many(i, 70));
            ImmutableArray<CdnEvent> all = stored.All();
            Assert.True(all.Select(e => e.Id).Zip(all.Skip(1).Select(e => e.Id)).All(pair => pair.First < pair.Second));
            Assert.True(all[^1].Id >= last + 70);
            last = all[^1].Id;
        }

        Assert.InRange(stored.All().Length, kept - EventLog.SegmentEvents + 1, kept);
        Assert.Equal(EventLog.MaxSegments, stored.Rows);
        ImmutableArray<CdnEvent> before = stored.All();
        stored.Reopen();
        Assert.Equal(before.AsEnumerable(), stored.All());
    }

    [Fact]
    public void A_burst_costs_few_writes()
    {
        var stored = new Stored();
        stored.Append(Start, Many(0, EventOutbox.MaxBatch));
        Assert.Equal(EventOutbox.MaxBatch, stored.All().Length);
        Assert.InRange(stored.Writes, 1, 4);
    }

    [Fact]
    public void Wherever_a_write_ends_what_was_acknowledged_stays_and_ids_go_on_upwards()
    {
        for (int crash = 0; crash < 5; crash++)
        {
            var stored = new Stored();
            stored.Append(Start, Many(0, EventLog.SegmentEvents - 3));
            ImmutableArray<CdnEvent> acknowledged = stored.All();
            stored.Append(Start, crash, Many(1000, 2 * EventLog.SegmentEvents));
            stored.Reopen();
            ImmutableArray<CdnEvent> found = stored.All();
            Assert.Equal(acknowledged, found.Take(acknowledged.Length));
            stored.Append(Start, Named("after"));
            Assert.Equal("after", stored.All()[^1].What);
            Assert.True(stored.All()[^1].Id > found[^1].Id);
        }
    }

    [Fact]
    public void A_log_that_was_lost_is_followed_by_one_with_higher_ids()
    {
        var lost = new Stored();
        lost.Append(Start, Many(0, 3000));
        var next = new Stored();
        next.Append(Start.AddDays(1), Named("new"));
        Assert.True(next.All()[0].Id > lost.All()[^1].Id);
    }

    [Fact]
    public void Equal_events_are_counted_instead_of_repeated_and_the_newest_reason_is_shown()
    {
        var stored = new Stored();
        stored.Append(Start, Named("lost", "waw", "first"), Named("lost", "lax"), Named("lost", "waw", "second"));
        stored.Append(Start.AddMinutes(4), Named("lost", "waw", "third"));
        stored.Reopen();
        Assert.Equal([("waw", 3), ("lax", 1)], stored.All().Select(e => (e.Pop, e.Count)));
        Assert.Equal((Start, (DateTimeOffset?)Start.AddMinutes(4), "third"), (stored.All()[0].When, stored.All()[0].Last, stored.All()[0].Why));
        Assert.Null(stored.All()[1].Last);

        stored.Append(Start.AddMinutes(4) + EventLog.RepeatWithin + TimeSpan.FromSeconds(1), Named("lost", "waw"));
        Assert.Equal(3, stored.All().Length);
    }

    [Fact]
    public void What_differs_in_anything_but_time_and_reason_is_another_event()
    {
        var stored = new Stored();
        NewEvent one = Named("w", "waw", who: "ann");
        stored.Append(
            Start, one, one with { What = "v" }, one with { Pop = "lax" }, one with { Who = "ben" }, one with { Edge = "e" }, one with { Upstream = "u" },
            one with { Kind = EventKind.EdgeLost }, one with { Severity = EventSeverity.Problem });
        Assert.Equal(8, stored.All().Length);
    }

    /// <summary>A day of a session that goes up and down every ten seconds.</summary>
    [Fact]
    public void A_source_that_flaps_does_not_push_the_others_out()
    {
        var stored = new Stored();
        stored.Append(Start, Named("worth knowing", who: "ann"));
        for (DateTimeOffset now = Start; now < Start.AddDays(1); now = now.AddSeconds(20))
        {
            stored.Append(now, Named("up", "waw"));
            stored.Append(now.AddSeconds(10), Named("down", "waw"));
        }

        Assert.Equal("worth knowing", stored.All()[0].What);
        Assert.InRange(stored.All().Length, 40, 60);
        Assert.Equal(2 * 24 * 180, stored.All().Skip(1).Sum(e => e.Count));
    }

    [Fact]
    public void Reading_goes_on_where_it_ended_and_filters_lose_no_place()
    {
        var stored = new Stored();
        Assert.Equal((0, 0), (stored.Log.Read(new EventQuery { Limit = 9 }).Next, stored.Log.Read(new EventQuery { Limit = 9 }).Oldest));
        stored.Append(Start, Named("a", "waw"), Named("b", "lax"), Named("c", "waw"), Named("d", "waw"), Named("e", kind: EventKind.Config));
        EventsReply newest = stored.Log.Read(new EventQuery { Limit = 2 });
        Assert.Equal(["d", "e"], newest.Events.Select(e => e.What));
        long before = newest.Oldest - 1;
        EventsReply first = stored.Log.Read(new EventQuery { After = before, Pop = "waw", Limit = 2 });
        Assert.Equal(["a", "c"], first.Events.Select(e => e.What));
        EventsReply second = stored.Log.Read(new EventQuery { After = first.Next, Pop = "waw", Limit = 2 });
        Assert.Equal(["d"], second.Events.Select(e => e.What));
        Assert.Equal(newest.Next, second.Next);
        Assert.Equal(newest.Next, stored.Log.Read(new EventQuery { After = before, Pop = "none", Limit = 2 }).Next);
        Assert.Equal(["e"], stored.Log.Read(new EventQuery { Kind = EventKind.Config, Limit = 2 }).Events.Select(e => e.What));
        Assert.Empty(stored.Log.Read(new EventQuery { Since = Start.AddSeconds(1), Limit = 2 }).Events);
        stored.Append(Start.AddSeconds(1), Named("b", "lax"));
        Assert.Equal(["b"], stored.Log.Read(new EventQuery { Since = Start.AddSeconds(1), Limit = 2 }).Events.Select(e => e.What));
    }

    [Fact]
    public void Texts_are_one_line_of_bounded_length()
    {
        NewEvent happened = Named(new string('x', 10_000), why: "a\nb\u001b[31m" + new string('y', 238) + string.Concat(Enumerable.Repeat("😀", 400)), pop: new string('p', 1000));
        Assert.Equal(NewEvent.MaxWhatLength, happened.What.Length);
        Assert.InRange(happened.Why!.Length, NewEvent.MaxWhyLength - 1, NewEvent.MaxWhyLength);
        Assert.StartsWith("a?b?[31m", happened.Why, StringComparison.Ordinal);
        Assert.False(char.IsHighSurrogate(happened.Why[^2]));
        Assert.Equal(NewEvent.MaxNameLength, happened.Pop!.Length);
    }
}
