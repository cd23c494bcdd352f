using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Http;

/// <summary>Requests that nothing stored can answer as it is: they share one fill, or go on alone and know why.</summary>
public sealed partial class MissHandler(
    EdgeState state, MemoryStore store, HitForMissTable hitForMiss, HitForMissTable unsliced, FillRunner runner, PassThrough pass, Delivery delivery,
    SlicedDelivery sliced, EdgeMetrics metrics, TimeProvider time)
{
    /// <summary>Fills that a request joins one after the other before it goes on alone: a variant that was not its own, a failed leader.</summary>
    private const int MaxJoins = 3;

    public async Task HandleAsync(CacheRequest request, StoredResponse? stale)
    {
        if (request.IsHolderOnly)
        {
            await AnswerHolderAsync(request).ConfigureAwait(false);
            return;
        }

        metrics.Add(Counter.Misses);
        if (!HeaderText.IsAllowed(request.Headers))
        {
            await pass.RefuseAsync(request).ConfigureAwait(false);
            return;
        }

        if (HttpMethods.IsHead(request.Context.Request.Method))
        {
            await pass.UncachedAsync(request, Why(stale), NotStoredReason.Method).ConfigureAwait(false);
            return;
        }

        if (request.Headers.Range.Count > 0 && stale is null && MustGoAlone(request))
        {
            await pass.UncachedAsync(request, Why(stale), NotStoredReason.Partial).ConfigureAwait(false);
            return;
        }

        (Fill? failed, bool hasFailed) = (null, false);
        var patience = new FillPatience(time.MonotonicSeconds());
        for (int joins = 0; joins < MaxJoins; joins++)
        {
            double now = time.MonotonicSeconds();
            if (patience.IsOver(now))
            {
                await pass.UncachedAsync(request, Why(stale), NotStoredReason.Slow).ConfigureAwait(false);
                return;
            }

            if (joins > 0 && FindAgain(ref request, now, out stale) == LookupVerdict.Fresh
                && await TryFreshAsync(request, stale!, now).ConfigureAwait(false))
            {
                return;
            }

            PartPlan plan = PlanFor(request, stale);
            if (!plan.TryPay(time.MonotonicSeconds()))
            {
                await pass.UncachedAsync(request, Why(stale), NotStoredReason.RangeBudget).ConfigureAwait(false);
                return;
            }

            if (JoinOrBegin(request, stale, plan, failed, out bool isLeader) is not { } fill)
            {
                // It was stored between the look into the store and this.
                continue;
            }

            try
            {
                if (!isLeader)
                {
                    metrics.Add(Counter.Coalesced);
                    plan.PayBack();
                }

                // Who began it waits for as long as the origin may take.
                TimeSpan wait = isLeader ? Timeout.InfiniteTimeSpan : patience.For(fill, time.MonotonicSeconds());
                if (await ResultAsync(request.Context, fill, wait).ConfigureAwait(false) is not { } result)
                {
                    continue;
                }

                bool isAnswered = await TryAnswerAsync(request, fill, result, plan, isLeader, stale, isLastWord: isLeader || hasFailed).ConfigureAwait(false);
                if (isLeader)
                {
                    plan.Settle(result, request.Context.Response);
                }

                if (isAnswered)
                {
                    return;
                }

                (failed, hasFailed) = result.Verdict == FillVerdict.Failed ? (fill, true) : (null, hasFailed);
                if (result.Verdict != FillVerdict.Failed)
                {
                    // What came may be for the simpler form of the request alone.
                    request = request.AsPresented();
                }
            }
            finally
            {
                fill.Leave(isLeader);
            }
        }

        await pass.UncachedAsync(request, Why(stale), NotStoredReason.None).ConfigureAwait(false);
    }

    private LookupVerdict FindAgain(ref CacheRequest request, double now, out StoredResponse? stored)
    {
        double confirmBefore = state.ConfirmBefore(request.Rules, now);
        LookupVerdict verdict = Lookup.Find(store, state.Purges, request.Key, request.Headers, now, out stored, confirmBefore);
        if (stored is null || request.Accepts(stored))
        {
            return verdict;
        }

        request = request.AsPresented();
        return Lookup.Find(store, state.Purges, request.Key, request.Headers, now, out stored, confirmBefore);
    }

    /// <summary>A stored object that is kept in blocks.</summary>
    /// <param name="cacheStatus">This hop's member; null: it is fresh, and the blocks decide.</param>
    public async Task SlicedAsync(CacheRequest request, StoredResponse stored, string? cacheStatus, double now)
    {
        if (!await sliced.TryAnswerAsync(request, stored, cacheStatus, now).ConfigureAwait(false))
        {
            await HandleAsync(request, stale: null).ConfigureAwait(false);
        }
    }

    /// <summary>Ranges of another unit, of what is known not to be cacheable, and of requests whose answers are hardly ever shared.</summary>
    private bool MustGoAlone(CacheRequest request) => RangeSet.IsOfOtherUnit(request.Headers.Range)
        || request.Facts.IsForOneAlone || hitForMiss.Contains(request.Key, time.MonotonicSeconds());

    /// <summary>Made anew for each fill: the last one may have told that the origin does not do ranges.</summary>
    private PartPlan PlanFor(CacheRequest request, StoredResponse? stale) => unsliced.Contains(request.Key, time.MonotonicSeconds())
        ? PartPlan.Whole
        : PartPlan.Of(request, stale, sliced.AccountOf(request));

    /// <summary>Null when there is none in time. Interim responses are passed on meanwhile.</summary>
    private async Task<FillResult?> ResultAsync(HttpContext context, Fill fill, TimeSpan wait)
    {
        InterimRelay? relay = InterimRelay.Open(context, fill.Interim);
        try
        {
            return await fill.Result.WaitAsync(wait, time, context.RequestAborted).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            if (relay is not null)
            {
                await relay.CloseAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>One refresh at a time; everybody else is served what is there.</summary>
    public void RefreshInBackground(CacheRequest request, StoredResponse stale)
    {
        CachedResource resource = store.GetOrAdd(request.Key);
        Fill? fill = resource.JoinOrBegin(request.Headers, IsCurrent, selector => NewFill(request.Key, selector.With(request.Rule.KeyFields, request.Headers)), out bool isLeader);
        if (fill is null)
        {
            return;
        }

        if (isLeader)
        {
            // The runner never throws, and is accounted for in ActiveFills.
            _ = runner.RunAsync(NewJob(request, fill, resource, stale, stale.Slices is null ? null : 0));
            _ = AbandonUpstreamAsync(fill);
        }
        else
        {
            fill.Leave(isLeader: false);
        }
    }

    /// <summary>Nobody takes what is held for the leader: it is closed.</summary>
    private static async Task AbandonUpstreamAsync(Fill fill)
    {
        await fill.Result.ConfigureAwait(false);
        fill.TakeUpstream()?.Dispose();
        fill.TakeReader()?.Dispose();
    }

    /// <summary>Null when what is wanted has just been stored.</summary>
    /// <param name="failed">The fill that this request has waited for in vain: its one retry is for all who did.</param>
    private Fill? JoinOrBegin(CacheRequest request, StoredResponse? stale, PartPlan plan, Fill? failed, out bool isLeader)
    {
        if (failed?.Retry is { } retry && retry.Key == request.Key && retry.Serves(request.Headers) && retry.TryJoin())
        {
            isLeader = false;
            return retry;
        }

        // Known to be uncacheable: a fill of its own, which nobody joins, but which stores what turns out cacheable.
        bool isAlone = hitForMiss.Contains(request.Key, time.MonotonicSeconds());
        while (true)
        {
            CachedResource resource = store.GetOrAdd(request.Key);
            isLeader = true;
            Fill? fill = isAlone
                ? BeginAlone(request.Key, resource)
                : resource.JoinOrBegin(
                    request.Headers, fill => IsJoinable(fill) && (plan.IsNear(fill.Body) || unsliced.Contains(request.Key, time.MonotonicSeconds())),
                    selector => HasBeenStored(resource, request, stale)
                        ? null
                        : NewFill(request.Key, selector.With(request.Rule.KeyFields, request.Headers)).AsRetryOf(failed), out isLeader);
            if (fill is null)
            {
                if (isLeader)
                {
                    return null;
                }

                continue;
            }

            if (isLeader)
            {
                // The runner never throws, and is accounted for in ActiveFills.
                _ = runner.RunAsync(NewJob(request, fill, resource, stale, plan.FirstBlock));
            }

            return fill;
        }
    }

    /// <summary>A fill that has ended since the store was asked has left its response there before it ceased to be joinable.</summary>
    private bool HasBeenStored(CachedResource resource, CacheRequest request, StoredResponse? seen) =>
        resource.Select(request.Headers) is { Slices: null } stored && stored != seen
        && stored.IsFresh(time.MonotonicSeconds()) && IsUsable(stored);

    private async Task<bool> TryAnswerAsync(
        CacheRequest request, Fill fill, FillResult result, PartPlan plan, bool isLeader, StoredResponse? stale, bool isLastWord)
    {
        HttpContext context = request.Context;
        switch (result.Verdict)
        {
            case FillVerdict.Streaming:
                return await TryStreamAsync(request, fill, result, plan, isLeader, stale).ConfigureAwait(false);

            // The answer to the simpler form of the request is stored for all, or is no answer to this one.
            case FillVerdict.Uncacheable when request.PresentedTarget is not null:
                return false;

            // A part that does not exist is not asked for when the object has changed (If-Range): that is for the origin to tell.
            case FillVerdict.Uncacheable when isLeader && !(result.UpstreamStatus == StatusCodes.Status416RangeNotSatisfiable && request.Headers.IfRange.Count > 0)
                && fill.TakeUpstream() is { } upstream:
                string status = CacheStatus.Forwarded(state.Pop, Why(stale), upstream.Status, false, false, null, result.NotStored);
                await delivery.PassAsync(request, upstream, status).ConfigureAwait(false);
                return true;

            // Nor does the leader's part, which the object has not: but to the leader, whose question it was.
            case FillVerdict.Uncacheable when !isLeader && result.UpstreamStatus == StatusCodes.Status416RangeNotSatisfiable:
                return false;

            // What the leader's own request forbade says nothing about the others.
            case FillVerdict.Uncacheable when result.NotStored.IsOfRequest() && !request.Facts.IsForOneAlone:
                return false;

            case FillVerdict.Uncacheable:
                await pass.UncachedAsync(request, Why(stale), result.NotStored).ConfigureAwait(false);
                return true;

            default:
                return await AnswerFailureAsync(request, fill, result, isLeader, stale, isLastWord).ConfigureAwait(false);
        }
    }

    /// <summary>Another fill has stored it meanwhile; what was stale before may be purged or replaced by now.</summary>
    private async Task<bool> TryFreshAsync(CacheRequest request, StoredResponse stored, double now)
    {
        if (stored.Slices is not null)
        {
            return await sliced.TryAnswerAsync(request, stored, cacheStatus: null, now).ConfigureAwait(false);
        }

        await delivery.StoredAsync(request.Context, request.Role, request.Rules, stored, cacheStatus: null, now).ConfigureAwait(false);
        return true;
    }

    /// <summary>
    /// False when the response is another variant's, was purged for all but the leader, or its beginning is not to be had any more.
    /// </summary>
    private async Task<bool> TryStreamAsync(
        CacheRequest request, Fill fill, FillResult result, PartPlan plan, bool isLeader, StoredResponse? stale)
    {
        StoredResponse response = result.Response!;
        if (!request.Accepts(response))
        {
            return false;
        }

        if (!isLeader && !IsClear(response.Key, response.Url, response.Tags, response.Stamp))
        {
            // Its tags are known only now: a purge of one of them may have come before this request did.
            return false;
        }

        if (!isLeader && response.Slices is null && !plan.IsNear(response.Body))
        {
            return false;
        }

        BodyReader? place = isLeader ? fill.TakeReader() : null;
        using BodyReader? reader = place ?? (response.Vary.Matches(request.Headers) ? response.Body.TryOpen() : null);
        if (reader is null)
        {
            return false;
        }

        double now = time.MonotonicSeconds();
        string status = CacheStatus.Forwarded(
            state.Pop, Why(stale), result.UpstreamStatus, isStored: true, isCollapsed: !isLeader, response.TimeToLive(now), NotStoredReason.None);
        if (response.Slices is not null)
        {
            return await sliced.TryAnswerAsync(request, response, status, now).ConfigureAwait(false);
        }

        await delivery.StoredAsync(request.Context, request.Role, request.Rules, response, status, now, reader).ConfigureAwait(false);
        return true;
    }

    private async Task<bool> AnswerFailureAsync(
        CacheRequest request, Fill fill, FillResult result, bool isLeader, StoredResponse? stale, bool isLastWord)
    {
        HttpContext context = request.Context;
        double now = time.MonotonicSeconds();
        if (stale is not null && !fill.IsInvalidated && Lookup.MayStandIn(stale, now) && IsUsable(stale))
        {
            metrics.Add(Counter.StaleHits);
            string status = CacheStatus.Stale(state.Pop, stale.TimeToLive(now), result.Failure.Token());
            if (stale.Slices is not null)
            {
                return await sliced.TryAnswerAsync(request, stale, status, now).ConfigureAwait(false);
            }

            await delivery.StoredAsync(context, request.Role, request.Rules, stale, status, now).ConfigureAwait(false);
            return true;
        }

        if (isLeader && fill.TakeUpstream() is { } upstream)
        {
            string status = CacheStatus.Forwarded(state.Pop, Why(stale), upstream.Status, false, false, null, result.NotStored);
            await delivery.PassAsync(request, upstream, status).ConfigureAwait(false);
            return true;
        }

        if (!isLastWord)
        {
            return false;
        }

        metrics.Add(Counter.Errors);
        int code = result.Failure == UpstreamFailure.ErrorStatus ? result.UpstreamStatus : result.Failure.StatusCode();
        await EdgeError.WriteAsync(
            context, state, code, result.Failure.Token(), CacheStatus.Failed(state.Pop, Why(stale), result.Failure, result.UpstreamStatus),
            request.ErrorPages).ConfigureAwait(false);
        return true;
    }

    /// <summary>Another edge was told that this one has or streams the object.</summary>
    private async Task AnswerHolderAsync(CacheRequest request)
    {
        Fill? fill = store.TryGet(request.Key, out CachedResource? resource) ? resource.TryJoin(request.Headers, IsJoinable) : null;
        if (fill is not null)
        {
            try
            {
                FillResult result = await fill.Result.WaitAsync(request.Context.RequestAborted).ConfigureAwait(false);
                if (result.Verdict == FillVerdict.Streaming && await TryStreamAsync(request, fill, result, PartPlan.Whole, isLeader: false, stale: null).ConfigureAwait(false))
                {
                    return;
                }
            }
            finally
            {
                fill.Leave(isLeader: false);
            }
        }

        request.Context.Response.Headers[PeerHeaders.Result] = PeerHeaders.ResultNone;
        await EdgeError.RefuseAsync(request.Context, state, StatusCodes.Status404NotFound, "peer-has-none", "not here").ConfigureAwait(false);
    }

    private FillJob NewJob(CacheRequest request, Fill fill, CachedResource resource, StoredResponse? stale, long? firstBlock) => new()
    {
        Fill = fill,
        Resource = resource,
        Rules = request.Rules,
        Rule = request.Rule,
        Request = ForwardedRequest.ForFill(request.Context, request.Role, request.Rules, request.Key, request.Rule, request.Snapshot.Config.Cluster.Name) with
        {
            Interim = fill.Interim,
        },
        Selecting = Copy(request.Headers),
        Facts = request.Facts with { IsGet = true },
        // Purges that came before the fill's stamp are not compared with what it brings: they must not have covered this.
        Stale = stale is not null && IsUsable(stale) ? stale : null,
        FirstBlock = firstBlock,
        Holder = request.Holder,
        Role = request.Role,
    };

    private Fill NewFill(CacheKey key, VarySelector selector, bool isAlone = false) =>
        new(key, selector, state.Purges.Applied, time.MonotonicSeconds()) { IsAlone = isAlone };

    private Fill? BeginAlone(CacheKey key, CachedResource resource)
    {
        Fill fill = NewFill(key, VarySelector.None, isAlone: true);
        return resource.TryBeginAlone(fill) ? fill : null;
    }

    private bool IsJoinable(Fill fill) => IsCurrent(fill) && !FillPatience.IsTooOld(fill, time.MonotonicSeconds());

    /// <summary>A fill that began before a purge which covers it, or whose object has turned out another, is left to those who already wait for it.</summary>
    private bool IsCurrent(Fill fill) => !HasEnded(fill) && fill.Body is not { IsOpen: false } && fill.Slices is not { IsDropped: true }
        && IsClear(fill.Key, fill.Key.Url, fill.Tags, fill.Stamp);

    private bool IsClear(CacheKey key, string url, string[] tags, long stamp) =>
        stamp == state.Purges.Applied || state.Purges.Check(key.Site, url, tags, stamp) == PurgeVerdict.Clear;

    /// <summary>Told all who waited that it has nothing for them; it is about to be taken out.</summary>
    private static bool HasEnded(Fill fill) => fill.Result is { IsCompletedSuccessfully: true, Result.Verdict: not FillVerdict.Streaming };

    private bool IsUsable(StoredResponse stale) =>
        state.Purges.Check(stale.Key.Site, stale.Url, stale.Tags, stale.Stamp) != PurgeVerdict.Hard;

    private static HeaderDictionary Copy(IHeaderDictionary headers)
    {
        var copy = new HeaderDictionary(headers.Count);
        foreach (var field in headers)
        {
            copy[field.Key] = field.Value;
        }

        return copy;
    }

    private static string Why(StoredResponse? stale) => stale is null ? "uri-miss" : "stale";
}
