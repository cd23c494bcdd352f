using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Events;

/// <summary>
/// The newest events, in segments. An event's id is its place, so that ids go up whatever gets lost. Pure: it plans writes, and takes
/// them in when they are durable; what is read is durable.
/// </summary>
internal sealed class EventLog
{
    /// <summary>Of the longest texts that is a row of 60 KB, of usual ones of 15: what one more event costs.</summary>
    public const int SegmentEvents = 50;

    /// <summary>2,000 events: weeks of a network of twenty PoPs, and half a megabyte of memory.</summary>
    public const int MaxSegments = 40;

    /// <summary>An event that is equal to one of so recently is counted there: a source that flaps has one line of each kind…</summary>
    public static readonly TimeSpan RepeatWithin = TimeSpan.FromMinutes(5);

    /// <summary>… in an hour, so that it cannot push everything else out in less than weeks.</summary>
    public static readonly TimeSpan RepeatSpan = TimeSpan.FromHours(1);

    private readonly SortedDictionary<long, EventSegment> _segments = [];

    /// <param name="head">As stored.</param>
    /// <param name="segments">Those that it names; what is missing is empty.</param>
    public EventLog(EventLogHead head, IEnumerable<EventSegment> segments)
    {
        Head = head;
        foreach (EventSegment segment in segments.Where(s => !s.Events.IsDefaultOrEmpty))
        {
            _segments[segment.Index] = segment;
        }
    }

    public EventLogHead Head { get; private set; }

    public EventLogWrite Plan(ImmutableArray<NewEvent> batch, DateTimeOffset now)
    {
        EventLogHead head = Head.LastSegment > 0 ? Head : First(now);
        var touched = new SortedDictionary<long, ImmutableArray<CdnEvent>>();
        Dictionary<Likeness, long> recent = Recent(now);
        foreach (NewEvent happened in batch)
        {
            DateTimeOffset when = happened.When ?? now;
            var likeness = Likeness.Of(happened);
            if (recent.TryGetValue(likeness, out long id) && Find(id) is { } first && IsRepeat(first, when))
            {
                touched[id / SegmentEvents] = Events(id / SegmentEvents).Replace(first, Repeated(first, when, happened.Why));
                continue;
            }

            if (Events(head.LastSegment).Length >= SegmentEvents)
            {
                head = head with { LastSegment = head.LastSegment + 1 };
            }

            ImmutableArray<CdnEvent> events = Events(head.LastSegment);
            id = (head.LastSegment * SegmentEvents) + events.Length;
            touched[head.LastSegment] = events.Add(Made(id, happened, when));
            recent[likeness] = id;
        }

        head = head with { FirstSegment = Math.Max(head.FirstSegment, head.LastSegment - MaxSegments + 1) };
        return new EventLogWrite(
            head == Head ? null : head,
            [.. touched.Where(t => t.Key >= head.FirstSegment).Select(t => new EventSegment { Index = t.Key, Events = t.Value })],
            [.. _segments.Keys.Where(index => index < head.FirstSegment)]);

        ImmutableArray<CdnEvent> Events(long index) =>
            touched.TryGetValue(index, out ImmutableArray<CdnEvent> now) ? now : _segments.TryGetValue(index, out EventSegment? stored) ? stored.Events : [];

        CdnEvent? Find(long of) => Events(of / SegmentEvents).ElementAtOrDefault((int)(of % SegmentEvents));
    }

    /// <summary>All of it is durable.</summary>
    public void Written(EventLogWrite write)
    {
        Head = write.Head ?? Head;
        foreach (EventSegment segment in write.Segments)
        {
            _segments[segment.Index] = segment;
        }

        foreach (long dropped in write.Dropped)
        {
            _segments.Remove(dropped);
        }
    }

    public EventsReply Read(EventQuery query)
    {
        IEnumerable<CdnEvent> all = _segments.Values.SelectMany(s => s.Events);
        CdnEvent[] found = [.. all.Where(query.Wants)];
        bool isCut = query.After is not null && found.Length > query.Limit;
        ImmutableArray<CdnEvent> events = [.. query.After is null ? found.TakeLast(query.Limit) : found.Take(query.Limit)];
        long newest = _segments.Count == 0 ? 0 : _segments.Last().Value.Events[^1].Id;
        return new EventsReply
        {
            Events = events,
            Next = isCut ? events[^1].Id : Math.Max(newest, query.After ?? 0),
            Oldest = _segments.Count == 0 ? 0 : _segments.First().Value.Events[0].Id,
        };
    }

    public int Count(EventQuery query) => _segments.Values.SelectMany(s => s.Events).Count(query.Wants);

    /// <summary>By the clock, as no log writes an event a second for long: one that is lost is followed by one with higher ids.</summary>
    private static EventLogHead First(DateTimeOffset now)
    {
        long segment = (Math.Max(0, now.ToUnixTimeSeconds()) / SegmentEvents) + 1;
        return new EventLogHead { FirstSegment = segment, LastSegment = segment };
    }

    private Dictionary<Likeness, long> Recent(DateTimeOffset now)
    {
        var recent = new Dictionary<Likeness, long>();
        foreach (CdnEvent happened in _segments.Values.SelectMany(s => s.Events).Where(e => now - e.When <= RepeatSpan))
        {
            recent[Likeness.Of(happened)] = happened.Id;
        }

        return recent;
    }

    private static bool IsRepeat(CdnEvent first, DateTimeOffset when) =>
        when - (first.Last ?? first.When) <= RepeatWithin && when - first.When <= RepeatSpan && first.Count < int.MaxValue;

    private static CdnEvent Repeated(CdnEvent first, DateTimeOffset when, string? why) =>
        first with { Count = first.Count + 1, Last = when, Why = why ?? first.Why };

    private static CdnEvent Made(long id, NewEvent happened, DateTimeOffset when) => new()
    {
        Id = id,
        When = when,
        Kind = happened.Kind,
        Severity = happened.Severity,
        Pop = happened.Pop,
        Edge = happened.Edge,
        Upstream = happened.Upstream,
        Webhook = happened.Webhook,
        What = happened.What,
        Why = happened.Why,
        Who = happened.Who,
        Count = 1,
    };

    /// <summary>What equal events have in common: all but when and why.</summary>
    private readonly record struct Likeness(EventKind Kind, EventSeverity Severity, string? Pop, string? Edge, string? Upstream, string? Webhook, string What, string? Who)
    {
        public static Likeness Of(NewEvent e) => new(e.Kind, e.Severity, e.Pop, e.Edge, e.Upstream, e.Webhook, e.What, e.Who);

        public static Likeness Of(CdnEvent e) => new(e.Kind, e.Severity, e.Pop, e.Edge, e.Upstream, e.Webhook, e.What, e.Who);
    }
}
