using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Net.Http.Headers;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Hosting;

namespace OrleansCdn.Edge.Admin;

/// <summary>The admin listener: <c>/health</c> for probes, <c>/status</c> for people, <c>/metrics</c> for Prometheus. It changes nothing.</summary>
internal sealed class AdminEndpoint(EdgeParts parts, string softwareVersion)
{
    private readonly DateTimeOffset _startedAt = parts.Time.GetUtcNow();

    public Task HandleAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.Headers[HeaderNames.CacheControl] = "no-store";
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return Task.CompletedTask;
        }

        switch (context.Request.Path.Value)
        {
            case "/health":
                HealthReply health = Health();
                response.StatusCode = health.Status == HealthState.Waiting ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
                return WriteAsync(context, health, AdminJson.Default.HealthReply);
            case "/status":
                return WriteAsync(context, Status(), AdminJson.Default.EdgeStatusReply);
            case "/metrics":
                response.ContentType = PrometheusText.ContentType;
                return HttpMethods.IsHead(context.Request.Method)
                    ? Task.CompletedTask
                    : response.WriteAsync(PrometheusText.Format(Status()), context.RequestAborted);
            default:
                response.StatusCode = StatusCodes.Status404NotFound;
                return response.WriteAsync("There are /health, /status and /metrics.\n", context.RequestAborted);
        }
    }

    internal HealthReply Health()
    {
        EdgeSnapshot? snapshot = parts.State.Snapshot;
        FeedStatus feed = parts.Feed.Current;
        DateTimeOffset now = parts.Time.GetUtcNow();
        bool certificatesGood = parts.Certificates.Status.All(c => c.Problem is null && c.NotAfter > now);
        bool feedGood = feed.State is FeedState.Standalone or FeedState.Connected;
        EdgeCutOff? cutOff = parts.State.CutOff(parts.Time.MonotonicSeconds());
        return new HealthReply
        {
            Status = snapshot is null ? HealthState.Waiting : certificatesGood && feedGood && cutOff is null ? HealthState.Ok : HealthState.Degraded,
            Pop = parts.State.Pop,
            Edge = parts.State.Edge,
            ConfigVersion = snapshot?.Version ?? 0,
            Feed = FeedReply.Of(feed),
            CutOff = cutOff,
            Drain = cutOff is { Draining: > 0 } ? new DrainReply(DrainReason.CutOff, WantOut(snapshot!.Config.Sites, parts.State.Contact)) : null,
            Certificates = parts.Certificates.Status,
        };
    }

    private ImmutableArray<string> WantOut(ImmutableArray<SiteConfig> sites, SiloContact contact)
    {
        double now = parts.Time.MonotonicSeconds();
        return
        [
            .. sites.Where(site => site.WhenCutOff.Policy == CutOffPolicy.Drain && contact.IsCutOff(site.WhenCutOff.After.TotalSeconds, now))
                .Take(DrainReply.MaxSites).Select(site => site.Id),
        ];
    }

    private EdgeStatusReply Status() => new()
    {
        Health = Health(),
        SoftwareVersion = softwareVersion,
        StartedAt = _startedAt,
        ConfigEpoch = parts.State.Snapshot?.Epoch,
        Cursor = parts.State.Purges.Cursor,
        Addresses = parts.Addresses,
        Peers = [.. parts.State.Peers.All],
        PurgeEntries = parts.State.Purges.Count,
        DroppedLeaseReports = parts.Leases.DroppedReports,
        ResidentBytes = Environment.WorkingSet,
        AllocatedBytes = GC.GetTotalAllocatedBytes(),
        Counters = parts.Metrics.Snapshot(),
        Disk = parts.Metrics.Disk(),
        Origins = parts.Metrics.Origins(),
    };

    private static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type) =>
        context.Response.WriteAsJsonAsync(value, type, contentType: null, context.RequestAborted);
}
