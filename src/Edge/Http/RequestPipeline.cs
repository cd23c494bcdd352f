using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Cache.Disk;
using OrleansCdn.Edge.Dns.Visits;
using OrleansCdn.Edge.Health;
using OrleansCdn.Edge.Limits;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Popularity;
using OrleansCdn.Edge.Rules;

namespace OrleansCdn.Edge.Http;

/// <summary>
/// The way of a request. The steps, with the same numbers in the body:
/// <list type="number">
/// <item>
/// Admit: config, method, framing, the announcer's probe (<see cref="ProbeAnswer"/>), target, the page of names with random ids (<see cref="VisitPage"/>), site, loop, the site's limits; another edge's question is read and checked. Whoever
/// has the site's debug key is told in the answer what was stored (<see cref="DebugAnswer"/>). The site's redirects answer.
/// </item>
/// <item>Key and rule.</item>
/// <item>What is not for the cache passes through (<see cref="PassThrough"/>).</item>
/// <item>Look up, on sites that say so under the simplest form of the query that is known: fresh is served at once.</item>
/// <item>Stale is served while one request refreshes it, where the origin or the site allows it, or while every origin is sick.</item>
/// <item>What memory does not have the disk may have (<see cref="DiskHits"/>): its index in memory tells.</item>
/// <item>Everything else is filled, by one request for all (<see cref="MissHandler"/>).</item>
/// </list>
/// </summary>
/// <remarks>A hit waits for nothing: no lock that is held across I/O, no disk, no silo, no other process.</remarks>
public sealed class RequestPipeline(
    EdgeState state, RequestLimits limits, MemoryStore store, OriginBook origins, MissHandler misses, PassThrough pass, Delivery delivery,
    EdgeMetrics metrics, TimeProvider time, DebugAnswer debug, SearchVariances searches, HitForMissTable hitForMiss, RequestSampler sampler,
    DiskHits? disk = null)
{
    private volatile VisitPage? _visits;

    /// <summary>Null: the nameserver of this edge does not run yet.</summary>
    internal VisitPage? Visits
    {
        get => _visits;
        set => _visits = value;
    }

    public Task HandleAsync(HttpContext context, ListenerRole role)
    {
        if (role == ListenerRole.Peer && PeerAlive.Handles(context))
        {
            return PeerAlive.AnswerAsync(context, state); // nobody's request: it is not counted
        }

        bool isProbe = role == ListenerRole.Public && ProbeAnswer.Handles(context); // nor is this one
        long number = isProbe ? 0 : metrics.Add(Counter.Requests);

        // Step 1: admit.
        EdgeSnapshot? snapshot = state.Snapshot;
        if (snapshot is null)
        {
            return Refuse(context, StatusCodes.Status503ServiceUnavailable, "no-config", "this edge has no configuration yet");
        }

        HttpRequest request = context.Request;
        if (HttpMethods.IsConnect(request.Method) || HttpMethods.IsTrace(request.Method))
        {
            return Refuse(context, StatusCodes.Status405MethodNotAllowed, "method-not-allowed", $"{request.Method} is not served");
        }

        if (request.Headers.TransferEncoding is { Count: > 0 } codings && !RequestFraming.IsClear(request, codings))
        {
            context.Response.Headers.Connection = "close";
            return Refuse(context, StatusCodes.Status400BadRequest, "framing", "the length of the body is not clear");
        }

        if (isProbe)
        {
            return ProbeAnswer.AnswerAsync(context, state);
        }

        bool isHttps = request.IsHttps;
        PeerAsk ask = default;
        if (role == ListenerRole.Peer)
        {
            if (VisitPage.HandlesPeer(context) && Visits is { } asked)
            {
                return asked.AnswerPeerAsync(context);
            }

            if (!PeerAsk.TryParse(request.Headers, out ask))
            {
                return Refuse(context, StatusCodes.Status400BadRequest, "peer-fields", "this listener is for other edges only");
            }

            isHttps = ask.IsHttps;
            if (!ask.IsCoveredBy(state.Purges.Cursor))
            {
                context.Response.Headers[PeerHeaders.Result] = PeerHeaders.ResultBehind;
                return Refuse(context, StatusCodes.Status412PreconditionFailed, "peer-behind", "purges are known to you that this edge has not seen");
            }
        }

        if (!RequestTarget.TryParse(context, isHttps, out RequestTarget target))
        {
            return Refuse(context, StatusCodes.Status400BadRequest, "bad-target", "the request names no host and path");
        }

        // Before sites: the host need not be one of theirs.
        if (role == ListenerRole.Public && VisitPage.Handles(snapshot, target) && Visits is { } visits)
        {
            return UnlessGone(context, visits.AnswerAsync(context, snapshot));
        }

        if (snapshot.FindSite(target.HostName) is not { } rules)
        {
            return Refuse(context, StatusCodes.Status421MisdirectedRequest, "unknown-host", "no site of this CDN has that host");
        }

        if (role == ListenerRole.Public && CdnLoop.Contains(request.Headers["CDN-Loop"], snapshot.Config.Cluster.Name))
        {
            return Refuse(context, StatusCodes.Status508LoopDetected, "loop", "the request has been here before: an origin points back at this CDN");
        }

        if (rules.Site.Limits is { } own && role == ListenerRole.Public && limits.Check(context, rules.Site, own, target) is { } refusal)
        {
            return RefuseLimited(context, refusal);
        }

        if (rules.DebugKey is { } debugKey && role == ListenerRole.Public)
        {
            debug.Prepare(context, debugKey, rules, isHttps, target);
        }

        bool isRead = request.Method is "GET" or "HEAD";
        if (role == ListenerRole.Public && rules.Redirects?.Find(isHttps, target.Authority, target.HostName, target.PathAndQuery, isRead) is { } redirect)
        {
            return EdgeError.RedirectAsync(context, state, redirect);
        }

        // Step 2: key and rule.
        RequestRule rule = isRead ? rules.Cache.ForRequest(target.Path) : RequestRule.None;
        rule = rule.Bypasses(request.Headers) ? RequestRule.PassThrough : rule;
        var cached = new CacheRequest
        {
            Context = context,
            Role = role,
            Snapshot = snapshot,
            Rules = rules,
            Key = new CacheKey(rules.Site.Id, isHttps, target.Authority, rule.TargetOf(target.PathAndQuery)),
            Rule = rule,
            IsHolderOnly = ask.IsHolderOnly,
        };

        // Step 3: not for the cache.
        if (!isRead)
        {
            if (HttpMethods.GetCanonicalizedValue(request.Method) != request.Method)
            {
                // Methods are case-sensitive (RFC 9110 §9.1). On the way to an origin "get" would become GET.
                return Refuse(context, StatusCodes.Status501NotImplemented, "method-unknown", "a method is written in capital letters");
            }

            return UnlessGone(context, pass.UncachedAsync(cached, "method", NotStoredReason.Method));
        }

        // Other edges' requests were counted where the visitor came.
        bool isSampled = role == ListenerRole.Public && sampler.Takes(number);
        bool isForOrigin = rule.IsBypass || ConditionalRequest.IsForOrigin(request.Headers);
        Sample(isSampled && isForOrigin, cached, isMiss: true);
        if (rule.IsBypass)
        {
            return UnlessGone(context, pass.UncachedAsync(cached, "bypass", NotStoredReason.Bypass));
        }

        if (isForOrigin)
        {
            return UnlessGone(context, pass.UncachedAsync(cached, "request", NotStoredReason.Conditional));
        }

        // Step 4: look up.
        double now = time.MonotonicSeconds();
        if (rules.Site.Cache.NoVarySearch)
        {
            cached = cached.Simplified(searches, hitForMiss, now);
        }

        double confirmBefore = state.ConfirmBefore(rules, now);
        LookupVerdict verdict = Lookup.Find(store, state.Purges, cached.Key, request.Headers, now, out StoredResponse? stored, confirmBefore);
        if (cached.PresentedTarget is not null && stored is not null && !cached.Accepts(stored))
        {
            cached = cached.AsPresented();
            verdict = Lookup.Find(store, state.Purges, cached.Key, request.Headers, now, out stored, confirmBefore);
        }

        if (isSampled && stored is not null)
        {
            sampler.Take(stored.Url, isMiss: verdict == LookupVerdict.Stale);
        }

        switch (verdict)
        {
            case LookupVerdict.Fresh when stored!.Slices is not null:
                return UnlessGone(context, misses.SlicedAsync(cached, stored, cacheStatus: null, now));
            case LookupVerdict.Fresh:
                metrics.Add(Counter.Hits);
                MemoryStore.Touch(stored!);
                return delivery.StoredAsync(context, role, rules, stored!, cacheStatus: null, now);

            // Step 5: serve and refresh.
            case LookupVerdict.StaleWhileRevalidate when !cached.IsHolderOnly:
                return ServeStale(cached, stored!, now, mayRefresh: true, detail: null);

            // Its refresh is the trial; before one is due it would only add to the load of what is down.
            case LookupVerdict.Stale when !cached.IsHolderOnly && Lookup.MayStandIn(stored!, now) && origins.Of(rules.Site) is var all && all.AreAllSick(now):
                return ServeStale(cached, stored!, now, all.IsTrialDue(now), "origins-sick");

            // Step 6: what is on disk.
            case LookupVerdict.Miss when disk is not null && disk.MayHave(cached.Key, out DiskKey hash):
                Sample(isSampled, cached, isMiss: false);
                return UnlessGone(context, disk.HandleAsync(cached, hash));

            // Step 7: fill.
            default:
                Sample(isSampled && stored is null, cached, isMiss: true);
                return UnlessGone(context, misses.HandleAsync(cached, stored));
        }
    }

    private void Sample(bool isSampled, in CacheRequest cached, bool isMiss)
    {
        if (isSampled)
        {
            sampler.Take(cached.Key.Url, isMiss);
        }
    }

    private Task ServeStale(CacheRequest cached, StoredResponse stored, double now, bool mayRefresh, string? detail)
    {
        metrics.Add(Counter.StaleHits);
        MemoryStore.Touch(stored);
        if (mayRefresh)
        {
            misses.RefreshInBackground(cached, stored);
        }

        string status = CacheStatus.Stale(state.Pop, stored.TimeToLive(now), detail);
        return stored.Slices is null
            ? delivery.StoredAsync(cached.Context, cached.Role, cached.Rules, stored, status, now)
            : UnlessGone(cached.Context, misses.SlicedAsync(cached, stored, status, now));
    }

    /// <summary>A visitor that hangs up is no error; one whose body cannot be read is told so, and the connection ends with it.</summary>
    private async Task UnlessGone(HttpContext context, Task answer)
    {
        try
        {
            await answer.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
        }
        catch (BadHttpRequestException error) when (!context.Response.HasStarted)
        {
            context.Response.Clear();
            if (HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol))
            {
                context.Response.Headers.Connection = "close"; // where the next request begins is not known any more
            }

            await Refuse(context, error.StatusCode, "bad-body", error.Message).ConfigureAwait(false);
        }
        catch (BadHttpRequestException)
        {
            context.Abort();
        }
    }

    private Task RefuseLimited(HttpContext context, LimitRefusal refusal)
    {
        metrics.Add(Counter.Limited);
        RequestLimits.WriteRetryAfter(context.Response, refusal);
        return EdgeError.RefuseAsync(context, state, refusal.Status, refusal.Token, refusal.Detail);
    }

    private Task Refuse(HttpContext context, int status, string token, string detail)
    {
        metrics.Add(Counter.Errors);
        return EdgeError.RefuseAsync(context, state, status, token, detail);
    }
}
