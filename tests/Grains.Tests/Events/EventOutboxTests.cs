using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Grains.Events;

namespace OrleansCdn.Grains.Tests.Events;

public sealed class EventOutboxTests
{
    private static NewEvent Named(int number) => new() { Kind = EventKind.Config, Severity = EventSeverity.Info, What = $"e{number}" };

    [Fact]
    public void What_finds_no_room_is_counted_and_said_and_nobody_waits()
    {
        var outbox = new EventOutbox(TimeProvider.System);
        for (int i = 0; i < EventOutbox.Capacity + 7; i++)
        {
            outbox.Tell(Named(i));
        }

        var taken = new List<NewEvent>();
        for (ImmutableArray<NewEvent> batch = outbox.Take(); !batch.IsEmpty; batch = outbox.Take())
        {
            Assert.InRange(batch.Length, 1, EventOutbox.MaxBatch + 1);
            taken.AddRange(batch);
        }

        Assert.Equal(Enumerable.Range(0, EventOutbox.Capacity).Select(i => $"e{i}"), taken.Take(EventOutbox.Capacity).Select(e => e.What));
        NewEvent dropped = Assert.Single(taken.Skip(EventOutbox.Capacity));
        Assert.Equal(EventKind.EventsDropped, dropped.Kind);
        Assert.StartsWith("7 ", dropped.Why, StringComparison.Ordinal);
        outbox.Tell(Named(0));
        Assert.Equal("e0", Assert.Single(outbox.Take()).What);
    }

    [Fact]
    public async Task Time_is_when_it_was_told_and_waiting_ends_then()
    {
        var outbox = new EventOutbox(TimeProvider.System);
        Task waiting = outbox.WaitAsync(CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        outbox.Tell(Named(1) with { When = DateTimeOffset.UnixEpoch });
        outbox.Tell(Named(2));
        await waiting;
        ImmutableArray<NewEvent> batch = outbox.Take();
        Assert.Equal(DateTimeOffset.UnixEpoch, batch[0].When);
        Assert.NotNull(batch[1].When);
    }
}
