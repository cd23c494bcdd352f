using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Http;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Cache;

/// <summary>Fills that begin with one block of an object: its header is taken for the whole's.</summary>
public sealed partial class FillRunner
{
    /// <summary>Null: the answer was taken care of. Else the fill goes on with it as with a whole.</summary>
    private async Task<UpstreamResponse?> TakePartAsync(FillJob job, SourcedResponse sourced, UpstreamResponse upstream, long index)
    {
        switch (upstream.Status)
        {
            case StatusCodes.Status200OK:
                // It does not do ranges. Whoever comes next waits for the whole rather than beginning another one.
                unsliced.Add(job.Request.Key, NotStoredReason.Partial, time.MonotonicSeconds());
                return upstream;
            case StatusCodes.Status416RangeNotSatisfiable:
                // Says something about this request's range only, or that what is stored has become shorter.
                RemoveStale(job);
                GiveAlone(job, upstream, NotStoredReason.Partial, keepsUpstream: true);
                return null;
            case StatusCodes.Status206PartialContent:
                break;
            default:
                return upstream;
        }

        SliceVerdict verdict = SliceAnswer.Read(upstream, index, out long total, out string validator);
        switch (verdict)
        {
            case SliceVerdict.Whole:
                return upstream.AsWhole(SliceAnswer.HeaderOfWhole(upstream.Header), total);
            case SliceVerdict.Block:
                await StartSlicesAsync(job, sourced, upstream, index, total, validator).ConfigureAwait(false);
                return null;
            case SliceVerdict.Alone:
                RemoveStale(job);
                hitForMiss.Add(job.Request.Key, NotStoredReason.Partial, time.MonotonicSeconds());
                GiveAlone(job, upstream, NotStoredReason.Partial, keepsUpstream: false);
                return null;
            default:
                upstream.Dispose();
                job.Fill.Finish(new FillResult { Verdict = FillVerdict.Failed, Failure = UpstreamFailure.InvalidResponse, UpstreamStatus = upstream.Status });
                return null;
        }
    }

    private async Task StartSlicesAsync(
        FillJob job, SourcedResponse sourced, UpstreamResponse upstream, long index, long total, string validator)
    {
        ResponseHeader header = SliceAnswer.HeaderOfWhole(upstream.Header);
        StorageDecision storage = StoragePolicy.Decide(
            job.Facts, StatusCodes.Status200OK, header, job.Site.Cache, RuleOf(job, StatusCodes.Status200OK, header), state.CdnName, time.GetUtcNow());
        if (!storage.IsStored || !TryReadTags(job, header, out string[] tags))
        {
            NotStoredReason reason = storage.IsStored ? NotStoredReason.TooManyTags : storage.Reason;
            if (!reason.IsOfRequest())
            {
                RemoveStale(job);
                hitForMiss.Add(job.Request.Key, reason, time.MonotonicSeconds());
            }

            GiveAlone(job, upstream, reason, keepsUpstream: false);
            return;
        }

        SlicedBody slices = job.Candidate?.Slices is { IsDropped: false } known && known.IsSame(total, validator)
            ? known
            : new SlicedBody(job.Request.Key, total, validator);
        long reserved = slices.SpanOf(index).Length;
        if (!store.TryReserve(reserved))
        {
            GiveAlone(job, upstream, NotStoredReason.NoMemory, keepsUpstream: false);
            return;
        }

        StoredResponse head = NewResponse(job, upstream, StatusCodes.Status200OK, header, storage, tags, new CachedBody([]), slices);
        SliceBlock block = slices.GetOrBegin(index, out bool isNew);
        job.Fill.Tags = tags;
        job.Fill.Slices = slices;
        job.Fill.Selector = head.Vary;
        job.Resource.LearnVary(head.Vary.Names.ToArray());
        hitForMiss.Remove(job.Request.Key);
        if (MayStore(job.Fill) && !IsStoredWhole(job))
        {
            store.Put(head);
        }

        job.Fill.Finish(new FillResult
        {
            Verdict = FillVerdict.Streaming,
            Response = head,
            UpstreamStatus = upstream.Status,
            FromPeer = sourced.FromPeer,
        });
        if (isNew)
        {
            await blocks.PumpAsync(block, upstream).ConfigureAwait(false);
        }
        else
        {
            store.Release(reserved);
            upstream.Dispose();
        }
    }

    /// <summary>A fill of the whole object was faster: it is not replaced by a part of it.</summary>
    private static bool IsStoredWhole(FillJob job) =>
        job.Resource.Select(job.Selecting) is { Slices: null } stored && !ReferenceEquals(stored, job.Candidate);

    private void RemoveStale(FillJob job)
    {
        if (job.Stale is { } stale)
        {
            store.Remove(stale);
        }
    }

    /// <param name="keepsUpstream">False: the answer is to a question that the leader did not ask.</param>
    private static void GiveAlone(FillJob job, UpstreamResponse upstream, NotStoredReason reason, bool keepsUpstream)
    {
        if (!keepsUpstream)
        {
            upstream.Dispose();
        }

        job.Fill.Finish(new FillResult
        {
            Verdict = FillVerdict.Uncacheable,
            NotStored = reason,
            Upstream = keepsUpstream ? upstream : null,
            UpstreamStatus = upstream.Status,
        });
    }
}
