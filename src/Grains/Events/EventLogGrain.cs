using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Events;

/// <summary>Performs the writes that <see cref="EventLog"/> plans, one batch at a time, and wakes those who wait for events.</summary>
internal sealed partial class EventLogGrain(
    [PersistentState("event-log", GrainKeys.Storage)] IPersistentState<EventLogHead> row, TimeProvider time, ILogger<EventLogGrain> log) : Grain, IEventLogGrain
{
    /// <summary>Calls that wait at a time; more are answered at once with what there is.</summary>
    private const int MaxWaiters = 256;

    private readonly SteadyClock _clock = new(time);
    private readonly Signal _news = new();
    private EventLog _log = new(new EventLogHead(), []);
    private int _waiters;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        EventLogHead head = row.RecordExists ? row.State : new EventLogHead();
        if (head.Format > EventLogHead.CurrentFormat)
        {
            throw new InvalidOperationException(
                $"the stored event log has format {head.Format}, this software reads up to {EventLogHead.CurrentFormat}: run the newer software that wrote it");
        }

        if (head.LastSegment > 0)
        {
            IEnumerable<long> indices = Enumerable.Range(0, (int)(head.LastSegment - head.FirstSegment + 1)).Select(i => head.FirstSegment + i);
            _log = new EventLog(head, await Task.WhenAll(indices.Select(index => Segment(index).ReadAsync(cancellationToken))));
        }
    }

    public async Task AppendAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Events.IsDefaultOrEmpty)
        {
            return;
        }

        EventLogWrite write = _log.Plan(batch.Events, time.GetUtcNow());
        try
        {
            if (write.Head is { } head)
            {
                row.State = head;
                await row.WriteStateAsync(CancellationToken.None);
            }

            foreach (EventSegment segment in write.Segments)
            {
                await Segment(segment.Index).WriteAsync(segment, CancellationToken.None);
            }
        }
        catch
        {
            // How much of it is durable is open: the next activation reads it.
            DeactivateOnIdle();
            throw;
        }

        _log.Written(write);
        _news.Raise();
        foreach (long dropped in write.Dropped)
        {
            await ClearAsync(dropped);
        }
    }

    public async Task<EventsReply> ReadAsync(EventQuery query, CancellationToken cancellationToken)
    {
        DateTimeOffset deadline = _clock.Now + (query.Wait < GrainLimits.MaxWait ? query.Wait : GrainLimits.MaxWait);
        bool mayWait = query.After is not null && _waiters < MaxWaiters;
        _waiters++;
        try
        {
            while (true)
            {
                Task news = _news.Next;
                EventsReply reply = _log.Read(query);
                if (!mayWait || !reply.Events.IsEmpty || !await Waiting.ForAsync(news, deadline - _clock.Now, time, cancellationToken))
                {
                    return reply;
                }
            }
        }
        finally
        {
            _waiters--;
        }
    }

    public Task<int> CountAsync(EventQuery query, CancellationToken cancellationToken) => Task.FromResult(_log.Count(query));

    /// <summary>A segment that is not cleared costs its space and nothing else.</summary>
    private async Task ClearAsync(long segment)
    {
        try
        {
            await Segment(segment).ClearAsync(CancellationToken.None);
        }
        catch (Exception error)
        {
            LogNotCleared(segment, error);
        }
    }

    private IEventSegmentGrain Segment(long index) => GrainFactory.GetGrain<IEventSegmentGrain>(GrainKeys.Of(index));

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old event segment {Segment} could not be cleared")]
    private partial void LogNotCleared(long segment, Exception error);
}
