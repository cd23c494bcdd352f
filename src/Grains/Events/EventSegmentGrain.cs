using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Events;

internal sealed class EventSegmentGrain(
    [PersistentState("event-segment", GrainKeys.Storage)] IPersistentState<EventSegment> row) : Grain, IEventSegmentGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken) =>
        row.RecordExists && row.State.Format > EventSegment.CurrentFormat
            ? throw new InvalidOperationException(
                $"the stored event log has format {row.State.Format}, this software reads up to {EventSegment.CurrentFormat}: run the newer software that wrote it")
            : Task.CompletedTask;

    public async Task WriteAsync(EventSegment segment, CancellationToken cancellationToken)
    {
        row.State = segment;
        await row.WriteStateOrReloadAsync(this);
        LeaveIfNotWrittenTo(segment);
    }

    public Task<EventSegment> ReadAsync(CancellationToken cancellationToken)
    {
        EventSegment segment = row.RecordExists ? row.State : new EventSegment();
        LeaveIfNotWrittenTo(segment);
        return Task.FromResult(segment);
    }

    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        if (row.RecordExists)
        {
            await row.ClearStateAsync(cancellationToken);
        }

        DeactivateOnIdle();
    }

    /// <summary>The log has all segments in memory; only the one that it fills is worth a second copy.</summary>
    private void LeaveIfNotWrittenTo(EventSegment segment)
    {
        if (segment.Events.Length is 0 or >= EventLog.SegmentEvents)
        {
            DeactivateOnIdle();
        }
    }
}
