using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Rules;

namespace OrleansCdn.Edge.Http;

/// <summary>Requests that go to the origin and whose answers come back, without anything being kept.</summary>
public sealed class PassThrough(EdgeState state, MemoryStore store, FillSource source, Delivery delivery, SearchVariances searches, EdgeMetrics metrics)
{
    /// <param name="why">A <c>fwd</c> token of <c>Cache-Status</c>.</param>
    public async Task UncachedAsync(CacheRequest request, string why, NotStoredReason reason)
    {
        // What goes on for one visitor alone is what it asked.
        request = request.AsPresented();
        HttpContext context = request.Context;
        if (!HeaderText.IsAllowed(request.Headers))
        {
            await RefuseAsync(request).ConfigureAwait(false);
            return;
        }

        var interim = new InterimResponses();
        UpstreamRequest upstream = ForwardedRequest.ForPass(context, request.Role, request.Rules, request.Key, request.Rule, request.Snapshot.Config.Cluster.Name) with
        {
            Interim = interim,
        };
        SourcedResponse answer = await FetchAsync(request, upstream, interim).ConfigureAwait(false);
        if (answer.Response is not { } response)
        {
            metrics.Add(Counter.Errors);
            int status = answer.Failure.StatusCode();
            await EdgeError.WriteAsync(
                context, state, status, answer.Failure.Token(), CacheStatus.Failed(state.Pop, why, answer.Failure, 0), request.ErrorPages).ConfigureAwait(false);
            return;
        }

        if (IsUnsafe(context.Request.Method) && response.Status is >= 200 and < 400)
        {
            Invalidate(request, response);
        }

        await delivery.PassAsync(
            request, response, CacheStatus.Forwarded(state.Pop, why, response.Status, false, false, null, reason)).ConfigureAwait(false);
    }

    /// <summary>400 for a field that programs on the way may read in several ways.</summary>
    public Task RefuseAsync(CacheRequest request)
    {
        metrics.Add(Counter.Errors);
        return EdgeError.RefuseAsync(
            request.Context, state, StatusCodes.Status400BadRequest, "bad-field", "a field of the request has a control character");
    }

    private async Task<SourcedResponse> FetchAsync(CacheRequest request, UpstreamRequest upstream, InterimResponses interim)
    {
        InterimRelay? relay = InterimRelay.Open(request.Context, interim);
        try
        {
            return await source.FetchFromShieldOrOriginAsync(
                request.Site, request.Role, upstream, state.Purges.Cursor, request.Context.RequestAborted).ConfigureAwait(false);
        }
        finally
        {
            if (relay is not null)
            {
                await relay.CloseAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>RFC 9111 §4.4: what an unsafe method may have changed is forgotten; other URLs only of the same authority.</summary>
    private void Invalidate(CacheRequest request, UpstreamResponse response)
    {
        Invalidate(request.Rules, request.Key);
        InvalidateNamed(request.Rules, request.Key, response.Header["Location"].FirstOrDefault());
        InvalidateNamed(request.Rules, request.Key, response.Header["Content-Location"].FirstOrDefault());
        string[]? groups = CacheGroups.Invalidated(response.Header, request.Key);
        if (groups is not { Length: 0 })
        {
            state.Purges.InvalidateGroups(request.Site.Id, groups);
        }
    }

    private void InvalidateNamed(SiteRules rules, CacheKey key, string? reference)
    {
        if (reference is not null
            && Uri.TryCreate(key.Url, UriKind.Absolute, out Uri? origin)
            && Uri.TryCreate(origin, reference, out Uri? target)
            && target.Scheme == origin.Scheme && target.Authority == origin.Authority)
        {
            Invalidate(rules, key with { Target = target.PathAndQuery });
        }
    }

    private void Invalidate(SiteRules rules, CacheKey key)
    {
        CacheKey stored = rules.StoredKey(key);
        store.Invalidate(stored);
        if (rules.Site.Cache.NoVarySearch && searches.Simplify(stored) is var simple && simple != stored)
        {
            store.Invalidate(simple);
        }
    }

    /// <summary>Of the registered methods; one whose safety is not known counts as unsafe (RFC 9111 §4.4).</summary>
    private static bool IsUnsafe(string method) => !HttpMethods.IsOptions(method) && !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method)
        && method is not ("PROPFIND" or "QUERY" or "REPORT" or "SEARCH");
}
