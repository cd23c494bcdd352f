using System.Collections.Immutable;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Purge;

/// <summary>Reads the receipts of the purge log backwards: who purged what, for as long as the log goes back.</summary>
public static class PurgeTrail
{
    /// <summary>The receipts before a place in the log, newest first, segment by segment.</summary>
    /// <param name="grains">To reach the segments, which are read one at a time.</param>
    /// <param name="end">Of the log; where to begin.</param>
    /// <param name="below">Only sequences below this.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async IAsyncEnumerable<ImmutableArray<PurgeReceiptSample>> BackwardsAsync(
        IGrainFactory grains, PurgeCursor end, long below, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long last = Math.Min(end.Sequence, below - 1);
        for (long index = last < 1 ? -1 : PurgeLog.SegmentOf(last); index >= 0; index--)
        {
            PurgeSegmentReceipts segment = await grains.GetGrain<IPurgeSegmentGrain>(GrainKeys.Of(index)).ReceiptsAsync(cancellationToken);
            if (segment.Epoch != end.Epoch)
            {
                // Cleared, as is everything before it.
                yield break;
            }

            yield return [.. segment.Receipts.Where(r => r.Receipt.Cursor.Sequence <= last).Reverse()];
        }
    }

    internal static PurgeSegmentReceipts Of(PurgeSegment segment)
    {
        long first = PurgeLog.FirstOf(segment.Index);
        return new PurgeSegmentReceipts(segment.Epoch, [.. segment.Receipts.Select(receipt =>
        {
            int from = (int)Math.Max(0, receipt.Cursor.Sequence - receipt.Entries + 1 - first);
            int through = (int)(receipt.Cursor.Sequence - first);
            return new PurgeReceiptSample(receipt, AuditEntry.Sample(segment.Entries[from..(through + 1)].Select(entry => entry.Value)));
        })]);
    }
}
