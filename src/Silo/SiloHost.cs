using OrleansCdn.Grains.Events;
using OrleansCdn.Silo.Api;
using OrleansCdn.Silo.Api.Dns;
using OrleansCdn.Silo.Api.Drain;
using OrleansCdn.Silo.Api.Routing;
using OrleansCdn.Silo.Feed;
using OrleansCdn.Silo.Hosting;
using OrleansCdn.Silo.Notifications;
using OrleansCdn.Silo.Options;
using OrleansCdn.Silo.Prewarm;
using OrleansCdn.Silo.Rpki;

namespace OrleansCdn.Silo;

/// <summary>Puts the process together: engine, then grains, then listeners; and down in the reverse order.</summary>
internal static class SiloHost
{
    /// <summary>Orchestrators wait ten seconds and more; edges reconnect elsewhere at once, so nothing is worth waiting longer for.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromMilliseconds(1500);

    public static WebApplicationBuilder CreateBuilder(SiloArguments arguments)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            // appsettings.json lies beside the program, wherever it is started from.
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Configuration.AddInMemoryCollection(arguments.Settings);
        return builder;
    }

    public static WebApplication Build(WebApplicationBuilder builder, SiloOptions options, TimeProvider? time = null)
    {
        foreach ((string key, string? value) in Engine.Defaults(options))
        {
            builder.Configuration[key] ??= value;
        }

        IServiceCollection services = builder.Services;
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        services.AddSingleton(time ?? TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(options.Tokens);
        services.AddSingleton(options.PurgeLog);
        services.AddSingleton<EventOutbox>();
        services.AddSingleton<LeaseEndpoints>();
        services.AddSingleton<FeedRouter>();
        ApiPipeline.AddServices(services);
        builder.UseOrleans(Engine.Configure);
        services.AddSingleton<RoaFile>();
        services.AddHostedService(provider => provider.GetRequiredService<RoaFile>());
        services.AddHostedService<GrainsReady>();
        services.AddHostedService<EventKeeper>();
        services.AddHostedService<PrewarmKeeper>();
        services.AddHostedService<RouteKeeper>();
        services.AddHostedService<DnsKeeper>();
        services.AddHostedService<DrainKeeper>();
        services.AddHostedService<WebhookKeeper>();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Listeners.Configure(kestrel, options));

        WebApplication app = builder.Build();
        FeedRouter feed = app.Services.GetRequiredService<FeedRouter>();
        app.MapWhen(
            context => context.Features.Get<ListenerTag>() is { Listener: Listener.Feed },
            branch => branch.Run(feed.HandleAsync));
        ApiPipeline.Use(app);
        return app;
    }
}
