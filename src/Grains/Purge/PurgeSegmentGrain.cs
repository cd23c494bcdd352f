using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Purge;

internal sealed class PurgeSegmentGrain(
    [PersistentState("purge-segment", GrainKeys.Storage)] IPersistentState<PurgeSegment> row) : Grain, IPurgeSegmentGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken) =>
        row.RecordExists && row.State.Format > PurgeSegment.CurrentFormat
            ? throw new InvalidOperationException(
                $"the stored purge log has format {row.State.Format}, this software reads up to {PurgeSegment.CurrentFormat}: run the newer software that wrote it")
            : Task.CompletedTask;

    public async Task WriteAsync(PurgeSegment segment, CancellationToken cancellationToken)
    {
        if (row.RecordExists && !Continues(row.State, segment))
        {
            // Two activations of the log after a partition: the one that does not know what is stored here is out of date.
            throw new InvalidOperationException($"segment {segment.Index} holds entries that the writer does not know");
        }

        row.State = segment;
        await row.WriteStateOrReloadAsync(this);
        LeaveIfFull(segment);
    }

    public Task<PurgeSegment> ReadAsync(CancellationToken cancellationToken)
    {
        PurgeSegment segment = row.RecordExists ? row.State : new PurgeSegment();
        LeaveIfFull(segment);
        return Task.FromResult(segment);
    }

    public Task<PurgeSegmentReceipts> ReceiptsAsync(CancellationToken cancellationToken)
    {
        PurgeSegment segment = row.RecordExists ? row.State : new PurgeSegment();
        LeaveIfFull(segment);
        return Task.FromResult(PurgeTrail.Of(segment));
    }

    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        if (row.RecordExists)
        {
            await row.ClearStateAsync(cancellationToken);
        }

        DeactivateOnIdle();
    }

    /// <summary>What is stored is where the new content begins; another log's content counts as nothing.</summary>
    private static bool Continues(PurgeSegment stored, PurgeSegment segment) =>
        stored.Epoch != segment.Epoch || stored.Entries.IsEmpty
        || (stored.Entries.Length <= segment.Entries.Length && stored.Entries[^1] == segment.Entries[stored.Entries.Length - 1]);

    /// <summary>Only the segment that is written to is worth its memory.</summary>
    private void LeaveIfFull(PurgeSegment segment)
    {
        if (segment.Entries.Length is 0 or >= PurgeLog.SegmentEntries)
        {
            DeactivateOnIdle();
        }
    }
}
