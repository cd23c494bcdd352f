using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Health.Local;
using OrleansCdn.Edge.Hosting;
using OrleansCdn.Node.Admin;

namespace OrleansCdn.Edge.Admin;

/// <summary>What the admin listener tells of an edge.</summary>
internal sealed class AdminEndpoint(EdgeParts parts, string softwareVersion)
    : AdminPage<HealthReply, EdgeStatusReply>(AdminJson.Default.HealthReply, AdminJson.Default.EdgeStatusReply)
{
    private readonly DateTimeOffset _startedAt = parts.Time.GetUtcNow();

    public override HealthReply Health()
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

    protected override EdgeStatusReply Status() => new()
    {
        Health = Health(),
        SoftwareVersion = softwareVersion,
        StartedAt = _startedAt,
        ConfigEpoch = parts.State.Snapshot?.Epoch,
        Cursor = parts.State.Purges.Cursor,
        Addresses = parts.Addresses,
        Peers = [.. parts.State.Peers.All],
        Reach = parts.Metrics.Reach(),
        Eligibility = parts.State.Eligibility,
        PurgeEntries = parts.State.Purges.Count,
        DroppedLeaseReports = parts.Leases.DroppedReports,
        ResidentBytes = Environment.WorkingSet,
        AllocatedBytes = GC.GetTotalAllocatedBytes(),
        Counters = parts.Metrics.Snapshot(),
        Disk = parts.Metrics.Disk(),
        Origins = parts.Metrics.Origins(),
        Dns = parts.Dns?.Reply(),
    };

    /// <summary><c>/local</c>, and <c>/dns/log?after=NUMBER</c>.</summary>
    protected override Task? Other(HttpContext context)
    {
        if (context.Request.Path.Value == EdgeLocal.Path)
        {
            return context.Response.WriteAsJsonAsync(LocalReply.Of(parts), ContractsJson.Default.EdgeLocal, contentType: null, context.RequestAborted);
        }

        if (context.Request.Path.Value != "/dns/log" || parts.Dns is not { } dns)
        {
            return null;
        }

        _ = long.TryParse(context.Request.Query["after"], NumberStyles.None, CultureInfo.InvariantCulture, out long after);
        return context.Response.WriteAsJsonAsync(DnsLogReply.Of(dns.Server.Log, after), AdminJson.Default.DnsLogReply, contentType: null, context.RequestAborted);
    }

    protected override bool IsGood(HealthReply health) => health.Status != HealthState.Waiting;

    protected override string Metrics(EdgeStatusReply status) => PrometheusText.Format(status);
}
