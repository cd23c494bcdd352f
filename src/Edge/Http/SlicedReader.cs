using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Http;

/// <summary>Whether a block can be read, or why not.</summary>
internal enum BlockAccess
{
    Ready,

    /// <summary>The object is another one now.</summary>
    Changed,

    Failed,

    /// <summary>Neither memory nor the visitor's share of fetches allow it: the bytes are to come from the origin directly.</summary>
    NoRoom,
}

/// <summary>
/// One request's way through the blocks of an object: what is missing is fetched block by block, one ahead of what is
/// being sent, so that the request holds two blocks at most whatever it asks for.
/// </summary>
internal sealed class SlicedReader(
    CacheRequest request, StoredResponse head, BlockJob job, RangeAccount? account, PurgeIndex purges, MemoryStore store, BlockRunner blocks,
    DirectRange direct, EdgeMetrics metrics, TimeProvider time) : IRangeSource
{
    /// <summary>A block that breaks off is asked for again; one that breaks off again ends the response.</summary>
    private const int MaxAttempts = 2;

    private readonly SlicedBody _slices = head.Slices!;

    /// <summary>With <see cref="BlockAccess.Failed"/>.</summary>
    public BlockResult Failure { get; private set; }

    /// <summary>Waits until the header of the block with this byte was checked.</summary>
    public async Task<BlockAccess> PrepareAsync(long offset)
    {
        if (!IsCurrent())
        {
            return BlockAccess.Changed;
        }

        return Acquire(SlicedBody.IndexOf(offset)) is { } block ? await WaitAsync(block).ConfigureAwait(false) : BlockAccess.NoRoom;
    }

    public async Task<bool> CopyAsync(HttpContext context, ByteRange range)
    {
        long position = range.First;
        int attempts = 0;
        while (position <= range.Last)
        {
            long index = SlicedBody.IndexOf(position);
            if (!IsCurrent() || Acquire(index) is not { } block)
            {
                // Bytes that no block may or can hold: the rest comes straight through.
                return await direct.CopyAsync(context, job, _slices, new ByteRange(position, range.Last)).ConfigureAwait(false);
            }

            if (await WaitAsync(block).ConfigureAwait(false) != BlockAccess.Ready)
            {
                throw new BodyAbortedException();
            }

            Prefetch(index + 1, range);
            long sent = 0;
            try
            {
                using BodyReader reader = block.Body.TryOpen() ?? throw new BodyAbortedException();
                long wanted = Math.Min(block.Span.Last, range.Last) - position + 1;
                long taken = await BodyRangeSource.CopyAsync(context, reader, position - block.Span.First, wanted, bytes =>
                {
                    sent += bytes;
                    metrics.Add(Counter.BytesSent, bytes);
                    account?.Give(bytes);
                }).ConfigureAwait(false);
                if (taken < wanted)
                {
                    return false;
                }
            }
            catch (BodyAbortedException) when (++attempts < MaxAttempts)
            {
            }

            position += sent;
        }

        return true;
    }

    /// <summary>A block of a generation that was purged meanwhile is not used, not even by those who began before.</summary>
    private bool IsCurrent() => !_slices.IsDropped
        && (head.CheckedAt == purges.Applied || purges.Check(head.Key.Site, head.Url, head.Tags, head.Stamp) != PurgeVerdict.Hard);

    /// <summary>The block, here or on its way; null: there is no room for it.</summary>
    private SliceBlock? Acquire(long index)
    {
        if (_slices.Find(index) is { } known)
        {
            MemoryStore.Touch(known);
            if (known.Body.State == BodyState.Filling)
            {
                metrics.Add(Counter.Coalesced);
            }

            return known;
        }

        // What this visitor's request forbids to share is not fetched for all.
        if (job.Facts.IsForOneAlone)
        {
            return null;
        }

        long length = _slices.SpanOf(index).Length;
        if (account is not null && !account.TryTake(length, time.MonotonicSeconds()))
        {
            return null;
        }

        if (!store.TryReserve(length))
        {
            account?.Give(length);
            return null;
        }

        SliceBlock block = _slices.GetOrBegin(index, out bool isNew);
        if (isNew)
        {
            // The runner never throws and ends by itself.
            _ = blocks.FetchAsync(block, job);
        }
        else
        {
            store.Release(length);
            account?.Give(length);
            metrics.Add(Counter.Coalesced);
        }

        return block;
    }

    private void Prefetch(long index, ByteRange range)
    {
        if (index * SlicedBody.BlockBytes <= range.Last)
        {
            Acquire(index);
        }
    }

    private async Task<BlockAccess> WaitAsync(SliceBlock block)
    {
        BlockResult result = await block.Result.WaitAsync(request.Context.RequestAborted).ConfigureAwait(false);
        Failure = result;
        return result.Verdict switch
        {
            BlockVerdict.Streaming => BlockAccess.Ready,
            BlockVerdict.Changed => BlockAccess.Changed,
            BlockVerdict.Failed => BlockAccess.Failed,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
