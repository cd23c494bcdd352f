using System.Text.Json.Serialization.Metadata;
using Microsoft.Net.Http.Headers;
using OrleansCdn.Announcer.Control;
using OrleansCdn.Bgp.Transport;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Node.Links;

namespace OrleansCdn.Announcer.Admin;

/// <summary>The admin listener: <c>/health</c> for probes, <c>/status</c> for people, <c>/metrics</c> for Prometheus. It changes nothing.</summary>
internal sealed class AdminPage(
    AnnouncerOptions options, AnnouncerState state, FeedStatusBoard feed, ReportBoard reports, SessionListener? listener, TimeProvider time, string softwareVersion)
{
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

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
                response.StatusCode = health.Status == AnnouncerHealth.Held ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
                return WriteAsync(context, health, AdminJson.Default.HealthReply);
            case "/status":
                return WriteAsync(context, Status(), AdminJson.Default.StatusReply);
            case "/metrics":
                response.ContentType = MetricsText.ContentType;
                return HttpMethods.IsHead(context.Request.Method)
                    ? Task.CompletedTask
                    : response.WriteAsync(MetricsText.Format(Status()), context.RequestAborted);
            default:
                response.StatusCode = StatusCodes.Status404NotFound;
                return response.WriteAsync("There are /health, /status and /metrics.\n", context.RequestAborted);
        }
    }

    internal HealthReply Health()
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
            Sessions = report?.Sessions.Length ?? 0,
            Established = established,
        };
    }

    private StatusReply Status() => new()
    {
        Health = Health(),
        SoftwareVersion = softwareVersion,
        StartedAt = _startedAt,
        RouterId = OpenMessage.Quad(options.Addresses.RouterId),
        Listens = listener?.Local.ToString(),
        Refused = listener?.Refused ?? 0,
        Feed = Feed(feed.Current),
        Desired = state.Desired,
        Sessions = reports.Newest?.Sessions ?? [],
        ResidentBytes = Environment.WorkingSet,
    };

    private static FeedReply Feed(FeedStatus status) => new()
    {
        State = status.State,
        Since = status.Since,
        Silo = status.Silo,
        LastEnd = status.LastEnd?.Reason,
        LastEndDetail = status.LastEnd?.Detail,
    };

    private static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type) =>
        context.Response.WriteAsJsonAsync(value, type, contentType: null, context.RequestAborted);
}
