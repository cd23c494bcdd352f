using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Text;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Edge.Origin;

/// <summary>One client per origin, kept while a config names it: connections outlive config versions.</summary>
/// <param name="open">What speaks to an origin; null: HTTP over sockets.</param>
public sealed class OriginPool(Func<OriginConfig, HttpMessageHandler>? open = null) : IDisposable
{
    /// <summary>A renamed or moved origin is found again after this long.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Below the idle limits of common origins (nginx 75 s; Apache's 5 s is met by a retry).</summary>
    private static readonly TimeSpan ConnectionIdle = TimeSpan.FromSeconds(60);

    /// <summary>KiB; twice what is accepted from visitors, as origins add to what they are sent.</summary>
    private const int MaxHeaderKiB = 64;

    private static readonly OriginConnector Connector = new(System.Net.Dns.GetHostAddressesAsync, TimeProvider.System);

    private readonly ConcurrentDictionary<(OriginConfig Origin, string? ServerName), HttpMessageInvoker> _clients = new();

    /// <param name="serverName">Host that the TLS certificate must be for.</param>
    public HttpMessageInvoker ClientOf(OriginConfig origin, string serverName) =>
        _clients.GetOrAdd(
            (Connection(origin), origin.Url.Scheme == Uri.UriSchemeHttps ? serverName : null),
            static (key, open) => open is null ? Create(key.Origin, key.ServerName) : new HttpMessageInvoker(open(key.Origin), disposeHandler: true),
            open);

    /// <summary>A client for one health check, which the caller disposes of: a connection of its own, so that a full pool is no sickness.</summary>
    public HttpMessageInvoker NewCheckClient(OriginConfig origin, string serverName)
    {
        if (open is not null)
        {
            return new HttpMessageInvoker(open(origin), disposeHandler: true);
        }

        SocketsHttpHandler handler = NewHandler(Connection(origin), origin.Url.Scheme == Uri.UriSchemeHttps ? serverName : null);
        handler.PlaintextStreamFilter = null;
        handler.MaxResponseDrainSize = 0; // nobody reads the body: the connection ends with the header
        return new HttpMessageInvoker(handler, disposeHandler: true);
    }

    /// <summary>What connections depend on: another share of the requests or another check needs no other connections.</summary>
    private static OriginConfig Connection(OriginConfig origin) => origin with { Priority = null, Weight = ConfigDefaults.Weight, Health = null };

    /// <summary>Lets go of clients of origins that the config no longer has; requests under way end by themselves.</summary>
    public void Keep(CdnConfig config)
    {
        HashSet<OriginConfig> wanted = [.. config.Sites.SelectMany(s => s.Origins).Select(Connection)];
        foreach ((OriginConfig Origin, string? ServerName) key in _clients.Keys)
        {
            if (!wanted.Contains(key.Origin))
            {
                // Not disposed: that would cut the requests under way. Its idle connections close by their own limits.
                _clients.TryRemove(key, out _);
            }
        }
    }

    private static HttpMessageInvoker Create(OriginConfig origin, string? serverName) => new(NewHandler(origin, serverName), disposeHandler: true);

    private static SocketsHttpHandler NewHandler(OriginConfig origin, string? serverName)
    {
        SocketsHttpHandler handler = NewHandler();
        handler.ConnectTimeout = origin.ConnectTimeout;
        handler.MaxConnectionsPerServer = origin.MaxConnections;
        handler.EnableMultipleHttp2Connections = true;
        handler.ConnectCallback = (context, cancellationToken) =>
            new ValueTask<Stream>(Connector.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, origin.AllowPrivate, cancellationToken));
        handler.PlaintextStreamFilter = static (context, _) => ValueTask.FromResult(
            context.NegotiatedHttpVersion.Major < 2 ? new InterimTapStream(context.PlaintextStream) : context.PlaintextStream);
        if (serverName is not null)
        {
            handler.SslOptions = new SslClientAuthenticationOptions { TargetHost = serverName };
        }

        return handler;
    }

    /// <summary>A handler that passes on what it is given: no redirects, cookies, decompression, proxies or tracing of its own.</summary>
    public static SocketsHttpHandler NewHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        PooledConnectionLifetime = ConnectionLifetime,
        PooledConnectionIdleTimeout = ConnectionIdle,
        MaxResponseHeadersLength = MaxHeaderKiB,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
    };

    public void Dispose()
    {
        foreach (HttpMessageInvoker client in _clients.Values)
        {
            client.Dispose();
        }
    }
}
