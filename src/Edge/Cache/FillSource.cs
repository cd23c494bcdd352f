using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Http;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Cache;

/// <summary>An answer, or why there is none, and the lease under which it was fetched.</summary>
public sealed record SourcedResponse
{
    public UpstreamResponse? Response { get; init; }

    public UpstreamFailure Failure { get; init; }

    public bool FromPeer { get; init; }

    /// <summary>Null: nobody waits for this edge's report.</summary>
    public string? LeaseId { get; init; }

    public string? LeaseKey { get; init; }

    /// <summary>What was applied when the fill began.</summary>
    public PurgeCursor Cursor { get; init; }
}

/// <summary>
/// Where a fill comes from: another edge that has it or streams it (by the object's lease), the shield, or the origin. Each
/// way that does not answer in its time is passed over: without any silo or peer the origin is asked.
/// </summary>
public sealed class FillSource(EdgeState state, UpstreamClient upstream, OriginFailover origins, LeaseClient? leases, Func<string?> ownPeerUrl)
{
    /// <summary>Longest wait for another edge's fill to show its header; then this edge asks the origin itself.</summary>
    private static readonly TimeSpan LeaseWait = TimeSpan.FromSeconds(5);

    private string From => $"{state.Pop}/{state.Edge}";

    public async Task<SourcedResponse> FetchAsync(FillJob job)
    {
        CancellationToken cancellationToken = job.Fill.Cancellation;
        PurgeCursor cursor = state.Purges.Cursor;
        UpstreamRequest request = Conditional(job);
        if (job.Holder is { } name && state.Peers.Find(name) is { } known && name != From)
        {
            UpstreamResult held = await upstream.FetchFromPeerAsync(
                known, From, PeerHeaders.ModeHolder, cursor, request, cancellationToken).ConfigureAwait(false);
            if (held.Response is not null)
            {
                return new SourcedResponse { Response = held.Response, FromPeer = true };
            }
        }

        string? leaseKey = LeaseKeyOf(job);
        string? leaseId = null;
        if (leaseKey is not null)
        {
            LeaseReply reply = await leases!.AcquireAsync(NewLease(leaseKey, cursor, null), cancellationToken).ConfigureAwait(false);
            if (reply is { Verdict: LeaseVerdict.FetchFrom, Holder: { } holder })
            {
                UpstreamResult fetched = await upstream.FetchFromPeerAsync(
                    holder, From, PeerHeaders.ModeHolder, cursor, request, cancellationToken).ConfigureAwait(false);
                if (fetched.Response is not null)
                {
                    return new SourcedResponse { Response = fetched.Response, FromPeer = true };
                }

                reply = await leases.AcquireAsync(NewLease(leaseKey, cursor, holder.Edge), cancellationToken).ConfigureAwait(false);
            }

            leaseId = reply.Verdict == LeaseVerdict.Fill ? reply.LeaseId : null;
        }

        SourcedResponse sourced = await FetchFromShieldOrOriginAsync(job.Site, job.Role, request, cursor, cancellationToken).ConfigureAwait(false);
        return sourced with { LeaseId = leaseId, LeaseKey = leaseKey, Cursor = cursor };
    }

    /// <summary>Without conditions, under the lease of a first answer that confirmed what is not stored here.</summary>
    public async Task<SourcedResponse> RefetchAsync(FillJob job, SourcedResponse first)
    {
        SourcedResponse again = await FetchFromShieldOrOriginAsync(
            job.Site, job.Role, job.Request, state.Purges.Cursor, job.Fill.Cancellation).ConfigureAwait(false);
        return again with { LeaseId = first.LeaseId, LeaseKey = first.LeaseKey, Cursor = first.Cursor };
    }

    /// <summary>For fills and for requests that pass through alike: the shield while it can be reached, else the origin.</summary>
    public async Task<SourcedResponse> FetchFromShieldOrOriginAsync(
        SiteConfig site, ListenerRole role, UpstreamRequest request, PurgeCursor cursor, CancellationToken cancellationToken)
    {
        if (site.Shield is { } shield && shield != state.Pop && role == ListenerRole.Public && PickShield(shield, request.Key) is { } peer)
        {
            UpstreamResult shielded = await upstream.FetchFromPeerAsync(
                peer, From, PeerHeaders.ModeShield, cursor, request, cancellationToken).ConfigureAwait(false);
            if (shielded.Response is not null || !request.MayGoOn(shielded.Failure))
            {
                return new SourcedResponse { Response = shielded.Response, Failure = shielded.Failure, FromPeer = true };
            }
        }

        UpstreamResult result = await origins.FetchAsync(request.ForOrigin(state.Pop), cancellationToken).ConfigureAwait(false);
        return new SourcedResponse { Response = result.Response, Failure = result.Failure };
    }

    public void Report(FillJob job, SourcedResponse sourced, LeaseOutcome outcome, StoredResponse? response)
    {
        if (sourced is { LeaseId: { } id, LeaseKey: { } key })
        {
            leases!.Report(new LeaseReport
            {
                Key = key,
                LeaseId = id,
                Outcome = outcome,
                Cursor = sourced.Cursor,
                Lifetime = response is null ? null : TimeSpan.FromSeconds(Math.Max(0, response.Storage.Lifetime - response.InitialAge)),
            });
        }
    }

    /// <summary>Null where no other edge shares the scope, so that there is nobody to ask or to tell. Leases are for whole objects.</summary>
    private string? LeaseKeyOf(FillJob job)
    {
        if (leases is null || ownPeerUrl() is null || job.Role != ListenerRole.Public || job.FirstBlock is not null)
        {
            return null;
        }

        bool isCluster = job.Site.Coalescing == CoalescingScope.Cluster;
        return (isCluster ? state.Peers.Count : state.Peers.At(state.Pop).Length) > 1
            ? LeaseKey.Of(isCluster ? null : state.Pop, job.Request.Key.GlobalHash())
            : null;
    }

    private LeaseRequest NewLease(string key, PurgeCursor cursor, string? failedHolder) => new()
    {
        Key = key,
        Pop = state.Pop,
        Edge = state.Edge,
        PeerUrl = ownPeerUrl(),
        Wait = LeaseWait,
        Cursor = cursor,
        FailedHolder = failedHolder,
    };

    /// <summary>The same object always goes to the same edge of the shield, while the set of edges does not change.</summary>
    private PeerEdge? PickShield(string pop, CacheKey key)
    {
        ReadOnlySpan<PeerEdge> edges = state.Peers.At(pop);
        if (edges.Length <= 1)
        {
            return edges.Length == 1 ? edges[0] : null;
        }

        uint hash = uint.Parse(key.GlobalHash().AsSpan(0, 8), System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
        return edges[(int)(hash % (uint)edges.Length)];
    }

    private static UpstreamRequest Conditional(FillJob job)
    {
        UpstreamRequest request = job.FirstBlock is { } block ? job.Request.With("Range", SliceAnswer.RangeOf(block)) : job.Request;
        if (job.Candidate is not { } candidate)
        {
            return request;
        }

        if (candidate.Header["ETag"] is { Count: > 0 } tag)
        {
            request = request.With("If-None-Match", tag[0]);
        }

        return candidate.Header["Last-Modified"] is { Count: > 0 } modified ? request.With("If-Modified-Since", modified[0]) : request;
    }
}
