using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Timeouts;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Silo.Api.Dns;
using OrleansCdn.Silo.Api.Drain;
using OrleansCdn.Silo.Api.Events;
using OrleansCdn.Silo.Api.Failover;
using OrleansCdn.Silo.Api.Health;
using OrleansCdn.Silo.Api.Notifications;
using OrleansCdn.Silo.Api.Plugins;
using OrleansCdn.Silo.Api.Routing;
using OrleansCdn.Silo.Auth;
using OrleansCdn.Silo.Notifications;
using OrleansCdn.Silo.Prewarm;
using OrleansCdn.Silo.Rpki;

namespace OrleansCdn.Silo.Api;

/// <summary>The HTTP API from the outside in: errors, tokens, limits, routes.</summary>
internal static class ApiPipeline
{
    /// <summary>Longest wait of a purge (60 s), and its durable write.</summary>
    public static readonly TimeSpan PurgeTimeout = TimeSpan.FromSeconds(75);

    /// <summary>As long as a call to a grain may take.</summary>
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Of one address without a token that is known: a dashboard with all its parts, many times over.</summary>
    private const int StrangersRequestsPerSecond = 500;

    /// <summary>Of one token: more than the log writes durably in a second, so that a program that purges as it publishes never meets it.</summary>
    private const int TokensRequestsPerSecond = 10_000;

    public static void AddServices(IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractsJson.Default);
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.DefaultIgnoreCondition = ContractsJson.Default.Options.DefaultIgnoreCondition;
        });
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddExceptionHandler<ApiExceptions>();
        services.AddProblemDetails();
        // The core alone: AddAuthentication brings data protection along, which writes keys to the home directory.
        services.AddAuthenticationCore(authentication =>
        {
            authentication.AddScheme<TokenAuthenticationHandler>(TokenAuthenticationHandler.SchemeName, displayName: null);
            authentication.DefaultScheme = TokenAuthenticationHandler.SchemeName;
        });
        services.AddTransient<TokenAuthenticationHandler>();
        services.AddWebEncoders();
        services.AddAuthorization();
        services.AddSingleton<RefusedTokens>();
        services.AddRateLimiter(limits =>
        {
            limits.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(
                context.User.Identity?.Name ?? context.Connection.RemoteIpAddress?.ToString() ?? "",
                _ => Bucket(context.User.Identity?.IsAuthenticated == true ? TokensRequestsPerSecond : StrangersRequestsPerSecond)));
            limits.OnRejected = (rejected, _) => new ValueTask(Problems.WriteAsync(
                rejected.HttpContext,
                StatusCodes.Status429TooManyRequests,
                Problems.DetailOf(StatusCodes.Status429TooManyRequests, rejected.HttpContext)));
        });
        services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = RequestTimeout,
            TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable,
        });
        services.AddOpenApi(openApi => openApi.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "OrleansCdn";
            document.Info.Version = StatusEndpoints.SoftwareVersion;
            return Task.CompletedTask;
        }));
        services.AddSingleton<ConfigCache>();
        services.AddSingleton<PurgeProgress>();
        services.AddSingleton<PurgeGrants>();
        services.AddSingleton<PurgeDesk>();
        services.AddSingleton<PluginEndpoints>();
        services.AddSingleton<RefusedPurges>();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<AuditEndpoints>();
        services.AddSingleton<ConfigEndpoints>();
        services.AddSingleton<PurgeEndpoints>();
        services.AddSingleton<StatusEndpoints>();
        services.AddSingleton<ExplainEndpoints>();
        services.AddSingleton<DnsExplainEndpoints>();
        services.AddSingleton<TopEndpoints>();
        services.AddSingleton<SitemapSource>();
        services.AddSingleton<PrewarmSources>();
        services.AddSingleton<PurgeRefresher>();
        services.AddSingleton<PrewarmEndpoints>();
        services.AddSingleton<EdgeAsker>();
        services.AddSingleton<CoverageEndpoints>();
        services.AddSingleton<OriginGate>();
        services.AddSingleton<RouteAudit>();
        services.AddSingleton<DnsKeyAudit>();
        services.AddSingleton<DnsKeyEndpoints>();
        services.AddSingleton<RouteEndpoints>();
        services.AddSingleton<RouteChangeEndpoints>();
        services.AddSingleton<DrainProgress>();
        services.AddSingleton<DrainEndpoints>();
        services.AddSingleton<FailoverAsker>();
        services.AddSingleton<FailoverEndpoints>();
        services.AddSingleton<MaintenanceEndpoints>();
        services.AddSingleton<DrainProgressEndpoints>();
        services.AddSingleton<EventEndpoints>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<NotificationEndpoints>();
        services.AddSingleton<HealthEndpoints>();
    }

    private static TokenBucketRateLimiterOptions Bucket(int perSecond) => new()
    {
        TokenLimit = 2 * perSecond,
        TokensPerPeriod = perSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
    };

    public static void Use(WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { SuppressDiagnosticsCallback = _ => true });
        app.UseStatusCodePages(context => Problems.WriteAsync(
            context.HttpContext,
            context.HttpContext.Response.StatusCode,
            Problems.DetailOf(context.HttpContext.Response.StatusCode, context.HttpContext)));
        app.Use((context, next) =>
        {
            PluginEndpoints.Route(context);
            return next(context);
        });
        app.UseRouting();
        app.UseRequestTimeouts();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        StatusEndpoints.Map(app);
        ConfigEndpoints.Map(app);
        PurgeEndpoints.Map(app);
        PluginEndpoints.Map(app);
        AuditEndpoints.Map(app);
        ExplainEndpoints.Map(app);
        DnsExplainEndpoints.Map(app);
        TopEndpoints.Map(app);
        PrewarmEndpoints.Map(app);
        CoverageEndpoints.Map(app);
        RouteEndpoints.Map(app);
        RouteChangeEndpoints.Map(app);
        DrainEndpoints.Map(app);
        FailoverEndpoints.Map(app);
        MaintenanceEndpoints.Map(app);
        DrainProgressEndpoints.Map(app);
        DnsKeyEndpoints.Map(app);
        EventEndpoints.Map(app);
        NotificationEndpoints.Map(app);
        HealthEndpoints.Map(app);
        app.MapOpenApi(ApiRoutes.OpenApi);
    }
}
