using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Orleans;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Silo.Api;
using OrleansCdn.Silo.Options;

namespace OrleansCdn.Silo.Feed;

/// <summary>The requests of the feed's listener. Whatever comes in there, nothing leaves but an answer.</summary>
internal sealed partial class FeedRouter(
    IGrainFactory grains, TimeProvider time, SiloOptions options, LeaseEndpoints leases, IHostApplicationLifetime lifetime, ILogger<FeedRouter> log)
{
    /// <summary>Time to hand the last line over when the silo stops.</summary>
    private static readonly TimeSpan AbortAfter = TimeSpan.FromMilliseconds(500);

    public async Task HandleAsync(HttpContext context)
    {
        PeerIdentity identity = PeerIdentity.Of(context.Connection.ClientCertificate);
        try
        {
            Task handling = (context.Request.Method, context.Request.Path.Value) switch
            {
                ("POST", FeedProtocol.EdgePath) => FeedAsync(context, EdgeAsync),
                ("POST", AnnouncerProtocol.Path) => FeedAsync(context, AnnouncerAsync),
                ("POST", FeedProtocol.LeaseAcquirePath) => leases.AcquireAsync(context, identity),
                ("POST", FeedProtocol.LeaseReportPath) => leases.ReportAsync(context, identity),
                _ => Problems.WriteAsync(
                    context, StatusCodes.Status404NotFound, "This listener is for edges and announcers; the HTTP API is on the silo's other one (--api)."),
            };
            await handling;
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or BadHttpRequestException)
        {
            // The edge has gone, or the silo stops.
            context.Abort();
        }
        catch (Exception error)
        {
            LogFailed(context.Request.Path, error);
            if (context.Response.HasStarted)
            {
                context.Abort();
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            }
        }
    }

    private async Task FeedAsync(HttpContext context, Func<HttpContext, CancellationToken, Task> run)
    {
        // Both directions stay open for as long as the other side lives; silence is judged by lines.
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        context.Response.ContentType = FeedProtocol.ContentType;
        await context.Response.StartAsync(context.RequestAborted);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await run(context, over.Token);
            using var patience = new CancellationTokenSource(AbortAfter, time);
            await context.Response.CompleteAsync().WaitAsync(patience.Token);
        }
        catch (TimeoutException)
        {
            // It does not read: a reset is the only thing that reaches it.
            context.Abort();
        }
    }

    private async Task EdgeAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var lines = new FeedLines<EdgeMessage>(
            context.Request.BodyReader, ContractsJson.Default.EdgeMessage, FeedProtocol.MaxEdgeLineBytes, "hello, heartbeat, ack, explained, covered, popularity, prewarmed or leaving");
        using var writer = new FeedWriter<SiloMessage>(context.Response.BodyWriter, ContractsJson.Default.SiloMessage, time);
        var identity = PeerIdentity.Of(context.Connection.ClientCertificate);
        await new FeedConnection(lines, writer, identity, grains, time, options.Name, log).RunAsync(cancellationToken);
    }

    private async Task AnnouncerAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var lines = new FeedLines<AnnouncerMessage>(
            context.Request.BodyReader, ContractsJson.Default.AnnouncerMessage, AnnouncerProtocol.MaxAnnouncerLineBytes, "hello, report, failover or heartbeat");
        using var writer = new FeedWriter<AnnouncerOrder>(context.Response.BodyWriter, ContractsJson.Default.AnnouncerOrder, time);
        var identity = PeerIdentity.Of(context.Connection.ClientCertificate);
        await new AnnouncerConnection(lines, writer, identity, grains, time, options.Name, log).RunAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} failed")]
    private partial void LogFailed(string path, Exception error);
}
