using OrleansCdn.Announcer.Control;
using OrleansCdn.Announcer.Failover;
using OrleansCdn.Bgp.Transport;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Node.Admin;
using OrleansCdn.Node.Links;

namespace OrleansCdn.Announcer.Admin;

/// <summary>What the admin listener tells of an announcer.</summary>
internal sealed class AdminEndpoint(
    AnnouncerOptions options, AnnouncerState state, FeedStatusBoard feed, ReportBoard reports, FailoverInbox inbox, SessionListener? listener, TimeProvider time, string softwareVersion)
    : AdminPage<HealthReply, StatusReply>(AdminJson.Default.HealthReply, AdminJson.Default.StatusReply)
{
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    public override HealthReply Health()
    {
        AnnouncerReport? report = reports.Newest;
        int established = report?.Sessions.Count(s => s.State == BgpState.Established) ?? 0;
        bool isWhole = report is { Problems.IsEmpty: true } && established == report.Sessions.Length && feed.Current.State is FeedState.Standalone or FeedState.Connected;
        return new HealthReply
        {
            Status = report is null or { HeldBack: not null } ? AnnouncerHealth.Held : isWhole ? AnnouncerHealth.Ok : AnnouncerHealth.Degraded,
            Pop = options.Pop,
            Edge = options.Edge,
            HeldBack = report is null ? "starting" : report.HeldBack,
            Problems = report?.Problems ?? [],
            Phase = report?.Failover?.Phase,
            Level = report?.Failover?.Level,
            Sessions = report?.Sessions.Length ?? 0,
            Established = established,
        };
    }

    protected override StatusReply Status() => new()
    {
        Health = Health(),
        SoftwareVersion = softwareVersion,
        StartedAt = _startedAt,
        RouterId = OpenMessage.Quad(options.Addresses.RouterId),
        Listens = listener?.Local.ToString(),
        Refused = listener?.Refused ?? 0,
        Feed = FeedReply.Of(feed.Current),
        Failover = state.Failover?.Status,
        FailoverDropped = inbox.Dropped,
        Desired = state.Desired,
        Sessions = reports.Newest?.Sessions ?? [],
        ResidentBytes = Environment.WorkingSet,
    };

    protected override bool IsGood(HealthReply health) => health.Status != AnnouncerHealth.Held;

    protected override string Metrics(StatusReply status) => MetricsText.Format(status);
}
