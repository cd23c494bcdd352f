using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace OrleansCdn.Announcer.Admin;

/// <summary>Kestrel with one listener.</summary>
internal sealed class AdminServer : IAsyncDisposable
{
    /// <summary>Probes and a person with a browser.</summary>
    private const int MaxConnections = 64;

    /// <summary>A GET has no body.</summary>
    private const int MaxBodyBytes = 0;

    private readonly WebApplication _app;

    private AdminServer(WebApplication app, IPEndPoint local)
    {
        _app = app;
        Local = local;
    }

    /// <summary>With the port that the system chose where 0 was asked for.</summary>
    public IPEndPoint Local { get; }

    /// <exception cref="IOException">The address cannot be had.</exception>
    public static async Task<AdminServer> OpenAsync(IPEndPoint at, AdminEndpoint page, ILoggerFactory loggers)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddLogging();

        // Someone who keeps a connection open does not hold up the farewell to the neighbours.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxConcurrentConnections = MaxConnections;
            server.Limits.MaxRequestBodySize = MaxBodyBytes;
            server.Listen(at, options => options.Protocols = HttpProtocols.Http1);
        });
        WebApplication app = builder.Build();
        app.Run(page.HandleAsync);
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        string url = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
        return new AdminServer(app, new IPEndPoint(at.Address, BindingAddress.Parse(url).Port));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
