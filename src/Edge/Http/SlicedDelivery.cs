using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Http;

/// <summary>Answers requests for large objects that are kept in blocks: parts of them, and the whole.</summary>
public sealed class SlicedDelivery(
    EdgeState state, MemoryStore store, BlockRunner blocks, FillSource source, RangeBudget budget, PassThrough pass, Delivery delivery,
    EdgeMetrics metrics, TimeProvider time)
{
    private readonly DirectRange _direct = new(state, source, metrics, time);

    /// <summary>The visitor's account; null for other edges, whose visitors have theirs there.</summary>
    public RangeAccount? AccountOf(CacheRequest request) =>
        request.Role == ListenerRole.Public ? budget.Of(request.Context.Connection.RemoteIpAddress) : null;

    /// <summary>False when the object has changed and nothing was answered yet: it is to be looked up again.</summary>
    /// <param name="cacheStatus">This hop's member when the request's fill has just begun the object; null: it was stored.</param>
    public async Task<bool> TryAnswerAsync(CacheRequest request, StoredResponse head, string? cacheStatus, double now)
    {
        HttpContext context = request.Context;
        HttpResponse response = context.Response;
        SlicedBody slices = head.Slices!;
        if (ConditionalRequest.IsNotModified(request.Headers, head, time))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            CountHit(cacheStatus);
            delivery.WriteFields(response, request.Role, request.Rules, head, cacheStatus, now);
            return true;
        }

        bool isHead = HttpMethods.IsHead(context.Request.Method);
        var range = new ByteRange(0, slices.Length - 1);
        ByteRange[]? several = null;
        RangeVerdict verdict = isHead || request.Headers.Range.Count == 0 || !ConditionalRequest.IfRangeHolds(request.Headers, head)
            ? RangeVerdict.Whole
            : RangeSet.Parse(request.Headers.Range, slices.Length, out range, out several);
        if (verdict == RangeVerdict.Whole)
        {
            range = new ByteRange(0, slices.Length - 1);
        }

        if (isHead || verdict == RangeVerdict.NotSatisfiable)
        {
            CountHit(cacheStatus);
            WriteWithoutBody(request, head, verdict, cacheStatus, now);
            return true;
        }

        if (cacheStatus is null && !HasAll(slices, range, several))
        {
            metrics.Add(Counter.Misses);
            cacheStatus = CacheStatus.Forwarded(
                state.Pop, "partial", StatusCodes.Status206PartialContent, isStored: true, isCollapsed: false, head.TimeToLive(now), NotStoredReason.None);
        }
        else
        {
            CountHit(cacheStatus);
        }

        var reader = new SlicedReader(
            request, head, NewJob(request), AccountOf(request), state.Purges, store, blocks, _direct, metrics, time);
        switch (await reader.PrepareAsync(range.First).ConfigureAwait(false))
        {
            case BlockAccess.Ready:
                delivery.WriteFields(response, request.Role, request.Rules, head, cacheStatus, now);
                await WriteAsync(context, slices, verdict, range, several, reader).ConfigureAwait(false);
                return true;
            case BlockAccess.Changed:
                return false;
            case BlockAccess.NoRoom:
                await pass.UncachedAsync(request, "partial", NotStoredReason.NoMemory).ConfigureAwait(false);
                return true;
            default:
                await FailAsync(request, reader.Failure).ConfigureAwait(false);
                return true;
        }
    }

    private static async Task WriteAsync(
        HttpContext context, SlicedBody slices, RangeVerdict verdict, ByteRange range, ByteRange[]? several, SlicedReader reader)
    {
        if (verdict == RangeVerdict.Partial)
        {
            await PartWriter.WriteAsync(context, slices.Length, range, several, reader).ConfigureAwait(false);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentLength = slices.Length;
        try
        {
            await reader.CopyAsync(context, range).ConfigureAwait(false);
        }
        catch (BodyAbortedException)
        {
            context.Abort();
        }
    }

    private void WriteWithoutBody(CacheRequest request, StoredResponse head, RangeVerdict verdict, string? cacheStatus, double now)
    {
        HttpResponse response = request.Context.Response;
        if (verdict == RangeVerdict.NotSatisfiable)
        {
            delivery.NotSatisfiable(response, head, head.Slices!.Length, cacheStatus, now);
            return;
        }

        response.StatusCode = StatusCodes.Status200OK;
        delivery.WriteFields(response, request.Role, request.Rules, head, cacheStatus, now);
        response.ContentLength = head.Slices!.Length;
    }

    private async Task FailAsync(CacheRequest request, BlockResult failure)
    {
        metrics.Add(Counter.Errors);
        int status = failure.Failure == UpstreamFailure.ErrorStatus && failure.UpstreamStatus >= 500 ? failure.UpstreamStatus : failure.Failure.StatusCode();
        await EdgeError.WriteAsync(
            request.Context, state, status, failure.Failure.Token(), CacheStatus.Failed(state.Pop, "partial", failure.Failure, failure.UpstreamStatus),
            request.ErrorPages).ConfigureAwait(false);
    }

    private void CountHit(string? cacheStatus)
    {
        if (cacheStatus is null)
        {
            metrics.Add(Counter.Hits);
        }
    }

    private static bool HasAll(SlicedBody slices, ByteRange range, ByteRange[]? several) => several is null
        ? slices.HasAll(range.First, range.Last)
        : Array.TrueForAll(several, part => slices.HasAll(part.First, part.Last));

    private static BlockJob NewJob(CacheRequest request) => new()
    {
        Rules = request.Rules,
        Request = ForwardedRequest.ForFill(request.Context, request.Role, request.Rules, request.Key, request.Rule, request.Snapshot.Config.Cluster.Name),
        Facts = request.Facts with { IsGet = true },
        Role = request.Role,
    };
}
