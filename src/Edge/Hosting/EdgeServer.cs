using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using OrleansCdn.Edge.Admin;
using OrleansCdn.Edge.Hosting.Transport;
using OrleansCdn.Edge.Http;
using OrleansCdn.Edge.Tls;

namespace OrleansCdn.Edge.Hosting;

/// <summary>Kestrel with the edge's listeners. Each connection carries the role of its listener as a feature.</summary>
internal static class EdgeServer
{
    public static WebApplication Build(EdgeParts parts, ListenAddresses listen, RequestHandler dataPlane, AdminEndpoint admin)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(parts.Loggers);
        builder.Services.AddLogging();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = EdgeLimits.Drain);
        builder.Services.Configure<SocketTransportOptions>(EdgeLimits.Apply);
        VisitorFarewell farewell = new(parts.State, parts.Time);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(server =>
        {
            EdgeLimits.Apply(server);
            Listen(server, parts, farewell, listen);
        });

        WebApplication app = builder.Build();
        app.Run(context =>
        {
            ListenerRole role = context.Features.GetRequiredFeature<ListenerRoleFeature>().Role;
            return role == ListenerRole.Admin ? admin.HandleAsync(context) : dataPlane(context, role);
        });
        return app;
    }

    /// <summary>The addresses with the ports that the system chose where port 0 was asked for.</summary>
    /// <remarks>Kestrel lists them in the order of <see cref="Listen"/>.</remarks>
    public static ListenAddresses Bound(WebApplication app, ListenAddresses asked)
    {
        Queue<string> urls = new(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses);
        IPEndPoint? Next(IPEndPoint? wanted) => wanted is null ? null : new IPEndPoint(wanted.Address, BindingAddress.Parse(urls.Dequeue()).Port);
        return new ListenAddresses { Http = Next(asked.Http), Https = Next(asked.Https), Peer = Next(asked.Peer), Admin = Next(asked.Admin), Dns = asked.Dns };
    }

    private static void Listen(KestrelServerOptions server, EdgeParts parts, VisitorFarewell farewell, ListenAddresses listen)
    {
        if (listen.Http is { } http)
        {
            server.Listen(http, options =>
            {
                Tag(options, ListenerRole.Public, parts.Metrics, farewell);
                options.UseSocketOutput(isPlain: true);
                options.Protocols = HttpProtocols.Http1;
            });
        }

        if (listen.Https is { } https)
        {
            server.Listen(https, options =>
            {
                Tag(options, ListenerRole.Public, parts.Metrics, farewell);
                options.Protocols = HttpProtocols.Http1AndHttp2;
                options.UseHttps(Handshake(context => parts.Certificates.Find(context.ClientHelloInfo.ServerName)));
            });
        }

        if (listen.Peer is { } peer)
        {
            server.Listen(peer, options =>
            {
                Tag(options, ListenerRole.Peer, parts.Metrics, farewell);
                options.Protocols = HttpProtocols.Http2;
                if (parts.Identity.IsConfigured)
                {
                    options.UseHttps(Handshake(_ => parts.Identity.ForPeerListener));
                }
            });
        }

        if (listen.Admin is { } admin)
        {
            server.Listen(admin, options =>
            {
                Tag(options, ListenerRole.Admin, parts.Metrics, farewell);
                options.Protocols = HttpProtocols.Http1;
            });
        }
    }

    /// <summary>Without options there is no certificate to show: the handshake fails, and the client is told so by an alert.</summary>
    private static TlsHandshakeCallbackOptions Handshake(Func<TlsHandshakeCallbackContext, System.Net.Security.SslServerAuthenticationOptions?> choose) => new()
    {
        HandshakeTimeout = TlsDefaults.HandshakeLimit,
        OnConnection = context => choose(context) is { } options
            ? ValueTask.FromResult(options)
            : ValueTask.FromException<System.Net.Security.SslServerAuthenticationOptions>(new AuthenticationException("no certificate for the server name")),
    };

    /// <summary>First in the chain, so that the role is known and the connection counted from the first byte to the last.</summary>
    private static void Tag(ListenOptions options, ListenerRole role, EdgeMetrics metrics, VisitorFarewell farewell)
    {
        ListenerRoleFeature feature = new(role);
        options.Use(next => connection => RunAsync(connection, next, feature, metrics, farewell));
    }

    private static async Task RunAsync(ConnectionContext connection, ConnectionDelegate next, ListenerRoleFeature feature, EdgeMetrics metrics, VisitorFarewell farewell)
    {
        connection.Features.Set(feature);
        if (feature.Role != ListenerRole.Public)
        {
            await next(connection);
            return;
        }

        farewell.Watch(connection);
        metrics.Add(Counter.OpenConnections);
        try
        {
            await next(connection);
        }
        finally
        {
            metrics.Add(Counter.OpenConnections, -1);
        }
    }
}
