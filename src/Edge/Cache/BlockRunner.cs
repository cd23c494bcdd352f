using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Http;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Rules;

namespace OrleansCdn.Edge.Cache;

/// <summary>All that fetching blocks needs once the request that wanted them may be gone.</summary>
public sealed record BlockJob
{
    public required SiteRules Rules { get; init; }

    public SiteConfig Site => Rules.Site;

    /// <summary>Without <c>Range</c>.</summary>
    public required UpstreamRequest Request { get; init; }

    public required RequestFacts Facts { get; init; }

    /// <summary>Another edge asked for it as its shield: it comes from the origin and from nowhere else.</summary>
    public required ListenerRole Role { get; init; }
}

/// <summary>Fetches further blocks of a sliced object, and reads blocks into memory.</summary>
public sealed partial class BlockRunner(EdgeState state, MemoryStore store, FillSource source, TimeProvider time, ILogger<BlockRunner> logger)
{
    /// <summary>Servers behind one name may disagree for a moment: a block of another representation is asked for once more.</summary>
    private const int MaxAttempts = 2;

    private static readonly byte[] Scratch = new byte[1];

    /// <summary>
    /// Runs to the end and never throws, also when nobody waits any more: what is missing is one block at most. The
    /// block's length was reserved in the store by the caller.
    /// </summary>
    public async Task FetchAsync(SliceBlock block, BlockJob job)
    {
        try
        {
            await FetchCheckedAsync(block, job).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            LogUnexpected(error, job.Request.Key.Url);
            Fail(block, new BlockResult(BlockVerdict.Failed, UpstreamFailure.Aborted));
        }
    }

    private async Task FetchCheckedAsync(SliceBlock block, BlockJob job)
    {
        UpstreamRequest request = job.Request.With("Range", SliceAnswer.RangeOf(block.Index));
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            SourcedResponse sourced = await source.FetchFromShieldOrOriginAsync(
                job.Site, job.Role, request, state.Purges.Cursor, CancellationToken.None).ConfigureAwait(false);
            if (sourced.Response is not { } upstream)
            {
                Fail(block, new BlockResult(BlockVerdict.Failed, sourced.Failure));
                return;
            }

            if (IsOfTheSame(block, upstream, job))
            {
                await PumpAsync(block, upstream).ConfigureAwait(false);
                return;
            }

            upstream.Dispose();
            if (!TellsOfChange(upstream.Status))
            {
                Fail(block, new BlockResult(BlockVerdict.Failed, UpstreamFailure.ErrorStatus, upstream.Status));
                return;
            }
        }

        // Heal: whoever asks next begins anew.
        SlicedBody owner = block.Owner;
        if (owner.Head is { } head)
        {
            store.Remove(head);
        }

        Fail(block, new BlockResult(BlockVerdict.Changed));
    }

    /// <summary>The same length and strong validator, and still for everybody.</summary>
    private bool IsOfTheSame(SliceBlock block, UpstreamResponse answer, BlockJob job) =>
        answer.Status == StatusCodes.Status206PartialContent
        && SliceAnswer.Read(answer, block.Index, out long total, out string validator) == SliceVerdict.Block
        && block.Owner.IsSame(total, validator)
        && StoragePolicy.Decide(
            job.Facts, StatusCodes.Status200OK, answer.Header, job.Site.Cache, job.Rules.Cache.ForResponse(job.Request.Key.Target, StatusCodes.Status200OK, answer.Header), state.CdnName, time.GetUtcNow()).IsStored;

    /// <summary>Other answers are about the origin's state or this visitor, and say nothing about the object.</summary>
    private static bool TellsOfChange(int status) => status is 200 or 206 or 404 or 410 or 412 or 416;

    private void Fail(SliceBlock block, BlockResult result)
    {
        // Out of the index first: whoever is woken and asks again begins anew.
        store.DropBlock(block);
        block.Body.Abort();
        store.Release(block.Span.Length);
        block.Finish(result);
    }

    /// <summary>Reads the block's body, whose header was checked. Never throws; disposes of the answer and gives back what was reserved.</summary>
    public async Task PumpAsync(SliceBlock block, UpstreamResponse upstream)
    {
        using UpstreamResponse owned = upstream;
        block.Finish(new BlockResult(BlockVerdict.Streaming));
        if (!await TryReadAsync(block.Body, upstream).ConfigureAwait(false))
        {
            Fail(block, default);
            return;
        }

        block.Body.Complete();
        store.Release(block.Span.Length);
        store.PutBlock(block);
    }

    /// <summary>False when it broke off, stood still, or sent more or less than it said.</summary>
    private async Task<bool> TryReadAsync(CachedBody body, UpstreamResponse upstream)
    {
        using var stall = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        try
        {
            while (true)
            {
                // The last read only finds the end: it ends the exchange, so that the connection can be used again.
                bool isAtEnd = body.Length >= body.ExpectedLength;
                stall.CancelAfter(upstream.BetweenBytes);
                int read = await upstream.Body.ReadAsync(isAtEnd ? Scratch : body.GetMemory(), stall.Token).ConfigureAwait(false);
                stall.CancelAfter(Timeout.InfiniteTimeSpan);
                if (read == 0 || isAtEnd)
                {
                    return read == 0 && isAtEnd;
                }

                body.Advance(read);
            }
        }
        catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "fetch of a block of {Url} ended unexpectedly; its readers were told")]
    private partial void LogUnexpected(Exception error, string url);
}
