using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Http;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Cache;

/// <summary>
/// Brings one object into the cache. The steps, with the same numbers in the body:
/// <list type="number">
/// <item>Find who has it or may fetch it (<see cref="FillSource"/>): lease, peer, shield, origin.</item>
/// <item>A 304 confirms what is stored.</item>
/// <item>Decide whether the answer may be shared and stored; if not, wake those who wait and let them go alone.</item>
/// <item>Wake those who wait with the header, and read the body while they read along.</item>
/// <item>Store it, unless it was purged or changed meanwhile.</item>
/// </list>
/// </summary>
public sealed partial class FillRunner(
    EdgeState state, MemoryStore store, HitForMissTable hitForMiss, HitForMissTable unsliced, ActiveFills active, FillSource source, BlockRunner blocks,
    SearchVariances searches, TimeProvider time, ILogger<FillRunner> logger)
{
    /// <summary>A fill that nobody wants any more is finished when no more than this is missing.</summary>
    private const long FinishAnywayBytes = 1024 * 1024;

    /// <summary>How long the slowest of several readers may stand still before a body that is not stored leaves it behind.</summary>
    private static readonly TimeSpan ReaderPatience = TimeSpan.FromSeconds(30);

    /// <summary>Runs to the end and never throws; the outcome is <see cref="Fill.Result"/>.</summary>
    public async Task RunAsync(FillJob job)
    {
        active.Add(job.Fill);
        try
        {
            await FillAsync(job).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            LogUnexpected(error, job.Request.Key.Url);
            job.Fill.Finish(new FillResult { Verdict = FillVerdict.Failed, Failure = UpstreamFailure.Aborted });
        }
        finally
        {
            if (job.Resource.End(job.Fill))
            {
                store.Drop(job.Resource);
            }

            active.Remove(job.Fill);
            job.Fill.End();
        }
    }

    private async Task FillAsync(FillJob job)
    {
        // Step 1: who has it.
        SourcedResponse sourced = await source.FetchAsync(job).ConfigureAwait(false);

        // Step 2: a confirmation of what is stored. One of anything else tells nothing: the whole is asked for.
        if (job.Candidate is { } candidate && sourced.Response is { Status: StatusCodes.Status304NotModified } confirmation)
        {
            confirmation.Dispose();
            if (Confirms(confirmation.Header, candidate.Header))
            {
                Freshen(job, sourced, confirmation, candidate);
                return;
            }

            sourced = await source.RefetchAsync(job, sourced).ConfigureAwait(false);
        }

        if (sourced.Response is not { Status: not StatusCodes.Status304NotModified } upstream)
        {
            sourced.Response?.Dispose();
            hitForMiss.Note(job.Request.Key, NotStoredReason.OriginError, time.MonotonicSeconds());
            source.Report(job, sourced, LeaseOutcome.Failed, null);
            UpstreamFailure failure = sourced.Response is null ? sourced.Failure : UpstreamFailure.InvalidResponse;
            job.Fill.Finish(new FillResult { Verdict = FillVerdict.Failed, Failure = failure, UpstreamStatus = sourced.Response?.Status ?? 0 });
            return;
        }

        // Step 3: may it be shared? One block may be the beginning of a sliced object.
        if (job.FirstBlock is { } index)
        {
            if (await TakePartAsync(job, sourced, upstream, index).ConfigureAwait(false) is not { } whole)
            {
                return;
            }

            upstream = whole;
        }

        StorageDecision storage = StoragePolicy.Decide(
            job.Facts, upstream.Status, upstream.Header, job.Site.Cache, RuleOf(job, upstream.Status, upstream.Header), state.CdnName, time.GetUtcNow());
        NotStoredReason reason = Restrict(job, upstream, storage, out string[] tags, out long reserved);
        if (reason != NotStoredReason.None)
        {
            GiveToLeader(job, sourced, upstream, reason);
            return;
        }

        // Steps 4 and 5.
        await StreamAsync(job, sourced, upstream, storage, tags, reserved).ConfigureAwait(false);
    }

    private void Freshen(FillJob job, SourcedResponse sourced, UpstreamResponse upstream, StoredResponse candidate)
    {
        ResponseHeader header = candidate.Header.Merge(upstream.Header);
        StorageDecision storage = StoragePolicy.Decide(
            job.Facts, candidate.Status, header, job.Site.Cache, RuleOf(job, candidate.Status, header), state.CdnName, time.GetUtcNow());
        if (!storage.IsStored || !TryReadTags(job, header, out string[] tags))
        {
            if (!storage.Reason.IsOfRequest())
            {
                store.Remove(candidate);
            }

            source.Report(job, sourced, LeaseOutcome.Uncacheable, null);
            job.Fill.Finish(new FillResult { Verdict = FillVerdict.Uncacheable, NotStored = storage.Reason, UpstreamStatus = 304 });
            return;
        }

        StoredResponse fresh = NewResponse(job, upstream, candidate.Status, header, storage, tags, candidate.Body, candidate.Slices);
        fresh.Codings = candidate.Codings;
        job.Fill.Tags = tags;
        if (MayStore(job.Fill))
        {
            store.Put(fresh);
            if (!candidate.Vary.SameAs(fresh.Vary))
            {
                // The confirmation changed what it is selected by: the old selection would go on with the old header.
                store.Remove(candidate);
            }
        }

        source.Report(job, sourced, LeaseOutcome.Stored, fresh);
        job.Fill.Finish(new FillResult
        {
            Verdict = FillVerdict.Streaming,
            Response = fresh,
            IsRevalidated = true,
            UpstreamStatus = 304,
            FromPeer = sourced.FromPeer,
        });
    }

    private static CacheRuleConfig? RuleOf(FillJob job, int status, ResponseHeader header) =>
        job.Rules.Cache.ForResponse(job.Request.Key.Target, status, header);

    private bool MayStore(Fill fill) => !fill.IsInvalidated
        && state.Purges.Check(fill.Key.Site, fill.Key.Url, fill.Tags, fill.Stamp) != PurgeVerdict.Hard;

    /// <summary>RFC 9111 §4.3.4: a validator in the 304 must be the stored one.</summary>
    private static bool Confirms(ResponseHeader update, ResponseHeader stored)
    {
        string? tag = update["ETag"].FirstOrDefault();
        if (tag is not null)
        {
            return stored["ETag"].FirstOrDefault() is { } known
                && ConditionalRequest.Opaque(tag).SequenceEqual(ConditionalRequest.Opaque(known));
        }

        string? modified = update["Last-Modified"].FirstOrDefault();
        return modified is null || string.Equals(modified, stored["Last-Modified"].FirstOrDefault(), StringComparison.Ordinal);
    }

    /// <summary>Limits of this edge on top of what the protocol allows. With <see cref="NotStoredReason.None"/> memory is reserved.</summary>
    private NotStoredReason Restrict(FillJob job, UpstreamResponse upstream, StorageDecision storage, out string[] tags, out long reserved)
    {
        tags = [];
        reserved = 0;
        bool isFailure = upstream.Status is 500 or 502 or 503 or 504;
        if (upstream.Status == StatusCodes.Status400BadRequest && job.Request.IsLarge)
        {
            return NotStoredReason.Refused;
        }

        if (!storage.IsStored)
        {
            return isFailure ? NotStoredReason.OriginError : storage.Reason;
        }

        if (isFailure && job.Stale is not null)
        {
            // A failed refresh never replaces the object.
            return NotStoredReason.OriginError;
        }

        if (!TryReadTags(job, upstream.Header, out tags))
        {
            return NotStoredReason.TooManyTags;
        }

        long expected = upstream.ContentLength ?? CachedBody.MaxChunkBytes;
        if (expected > job.Site.Cache.MaxObjectBytes)
        {
            return NotStoredReason.TooLarge;
        }

        if (!store.TryReserve(expected))
        {
            return NotStoredReason.NoMemory;
        }

        reserved = expected;
        return NotStoredReason.None;
    }

    /// <summary>What purges find the response by, besides its URL. False: more of it than is kept.</summary>
    private static bool TryReadTags(FillJob job, ResponseHeader header, out string[] tags)
    {
        bool fits = SurrogateTags.TryParse(header, job.Request.Key, out tags);
        if (fits && job.Site.Cache.NoVarySearch && SearchVariance.Parse(header[SearchVariance.Field]) is { } variance)
        {
            tags = [.. tags, variance.Tag];
        }

        return fits;
    }

    private void GiveToLeader(FillJob job, SourcedResponse sourced, UpstreamResponse upstream, NotStoredReason reason)
    {
        bool isFailure = reason == NotStoredReason.OriginError;
        hitForMiss.Note(job.Request.Key, reason, time.MonotonicSeconds());
        // A visitor's own wish, or its credentials, neither evict what all may have nor end coalescing for the key.
        if (!isFailure && !reason.IsOfRequest())
        {
            if (job.Stale is not null)
            {
                store.Remove(job.Stale);
            }

            if (reason != NotStoredReason.NoMemory)
            {
                hitForMiss.Add(job.Request.Key, reason, time.MonotonicSeconds());
            }
        }

        source.Report(job, sourced, isFailure ? LeaseOutcome.Failed : LeaseOutcome.Uncacheable, null);
        job.Fill.Finish(new FillResult
        {
            Verdict = isFailure ? FillVerdict.Failed : FillVerdict.Uncacheable,
            Failure = isFailure ? UpstreamFailure.ErrorStatus : UpstreamFailure.None,
            NotStored = reason,
            Upstream = upstream,
            UpstreamStatus = upstream.Status,
            FromPeer = sourced.FromPeer,
        });
    }

    private async Task StreamAsync(
        FillJob job, SourcedResponse sourced, UpstreamResponse upstream, StorageDecision storage, string[] tags, long reserved)
    {
        // Step 4: the header is shared, the body follows.
        var body = new CachedBody(upstream.ContentLength);
        StoredResponse response = NewResponse(job, upstream, upstream.Status, upstream.Header, storage, tags, body);
        job.Fill.Tags = tags;
        job.Fill.Body = body;
        job.Fill.Selector = response.Vary;
        job.Resource.LearnVary(response.Vary.Names.ToArray());
        hitForMiss.Remove(job.Request.Key);
        job.Fill.Finish(new FillResult
        {
            Verdict = FillVerdict.Streaming,
            Response = response,
            // Opened before a byte is read: a short body that is not kept would be gone before the leader is awake.
            Reader = body.TryOpen(),
            UpstreamStatus = upstream.Status,
            FromPeer = sourced.FromPeer,
        });
        source.Report(job, sourced, LeaseOutcome.Streaming, response);

        var pump = new BodyPump(store, body, job.Site.Cache.MaxObjectBytes, reserved);
        try
        {
            BodyPumpResult result = await pump.RunAsync(upstream, job.Fill, FinishAnywayBytes, ReaderPatience, time).ConfigureAwait(false);

            // Step 5: what was purged meanwhile must not take the place of what came after the purge.
            bool isStored = result == BodyPumpResult.Whole && MayStore(job.Fill);
            store.Release(pump.TakeReserved());
            if (isStored)
            {
                store.Put(response);
            }
            else if (result == BodyPumpResult.NotKept)
            {
                // It passed through: what was kept before is not the resource any more.
                if (job.Stale is not null)
                {
                    store.Remove(job.Stale);
                }

                hitForMiss.Add(job.Request.Key, NotStoredReason.TooLarge, time.MonotonicSeconds());
            }
            else if (result != BodyPumpResult.Unwanted)
            {
                hitForMiss.Note(
                    job.Request.Key, result == BodyPumpResult.Whole ? NotStoredReason.Purged : NotStoredReason.Incomplete, time.MonotonicSeconds());
            }

            source.Report(job, sourced, isStored ? LeaseOutcome.Stored : LeaseOutcome.Failed, response);
        }
        finally
        {
            body.Abort();
            store.Release(pump.TakeReserved());
            upstream.Dispose();
        }
    }

    private StoredResponse NewResponse(
        FillJob job, UpstreamResponse upstream, int status, ResponseHeader header, StorageDecision storage, string[] tags, CachedBody body,
        SlicedBody? slices = null)
    {
        string[] vary = VarySelector.Union(job.Rule.SeenBy(VarySelector.ParseNames(header["Vary"])), job.Rule.KeyFields);
        StringValues language = header["Content-Language"];
        if (job.Site.Cache.NoVarySearch)
        {
            searches.Learn(job.Request.Key, status, SearchVariance.Of(tags));
        }

        if (storage.StripsCookies)
        {
            header = header.Without("Set-Cookie");
        }

        return new StoredResponse
        {
            Key = job.Request.Key,
            Url = job.Request.Key.Url,
            Status = status,
            Header = header,
            VisitorHeader = VisitorHeaders.Of(header, state.CdnName, upstream.Version),
            Body = body,
            Slices = slices,
            Vary = VarySelector.Of(vary, job.Selecting, language.Count == 1 && !language.ToString().Contains(',') ? language[0] : null),
            Tags = tags,
            Storage = storage,
            Source = upstream.Source,
            InitialAge = InitialAge(upstream),
            ReceivedAt = upstream.ReceivedAt,
            Stamp = job.Fill.Stamp,
            CheckedAt = job.Fill.Stamp,
        };
    }

    /// <summary>RFC 9111 §4.2.3: corrected_initial_age.</summary>
    private double InitialAge(UpstreamResponse upstream)
    {
        double apparent = 0;
        DateTimeOffset now = time.GetUtcNow();
        if (HttpDate.TryParse(upstream.Header["Date"].FirstOrDefault(), now, out DateTimeOffset date))
        {
            apparent = Math.Max(0, (now - date).TotalSeconds);
            // Date has whole seconds: what is below one is rounding, not age.
            apparent = apparent < 1 ? 0 : apparent;
        }

        StringValues age = upstream.Header["Age"];
        double told = age.Count == 0 ? 0 : CacheDirectives.Seconds(FirstMember(age[0]));
        double delay = upstream.ReceivedAt - upstream.RequestedAt;
        return Math.Max(apparent, told + delay);
    }

    /// <summary>Of several ages the first counts.</summary>
    private static ReadOnlySpan<char> FirstMember(string? age)
    {
        ReadOnlySpan<char> text = age;
        int comma = text.IndexOf(',');
        return (comma < 0 ? text : text[..comma]).Trim(" \t");
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "fill of {Url} ended unexpectedly; its readers were told")]
    private partial void LogUnexpected(Exception error, string url);
}
