using System.Net.Security;

namespace OrleansCdn.Node.Tls;

/// <summary>
/// HTTP towards silos and other edges, with this edge's certificate over TLS. A replaced certificate is used from the
/// next connection on; the connections made before go on with theirs.
/// </summary>
public sealed class LinkHttp(LinkIdentity identity, Func<SocketsHttpHandler> newHandler) : HttpMessageHandler
{
    /// <summary>A SYN that is lost twice has been sent again after 3 s (RFC 6298 §5); what takes longer is not there.</summary>
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    /// <summary>A silo's answers carry a handful of fields.</summary>
    private const int MaxHeaderKilobytes = 16;

    private readonly Lock _lock = new();
    private Generation? _current;
    private Generation? _previous;

    /// <summary>For the feed and the leases, which share its connections.</summary>
    public static HttpMessageInvoker ToSilos(LinkIdentity identity) => new(new LinkHttp(identity, static () => new SocketsHttpHandler
    {
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        MaxResponseHeadersLength = MaxHeaderKilobytes,
        UseCookies = false,
        UseProxy = false,
    }));

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Current().Http.SendAsync(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _current?.Http.Dispose();
            _previous?.Http.Dispose();
        }

        base.Dispose(disposing);
    }

    private Generation Current()
    {
        SslClientAuthenticationOptions options = identity.ForClient;
        lock (_lock)
        {
            if (_current?.Options != options)
            {
                // The feed may still run over the one before; over the one before that nothing has run for a renewal's time.
                _previous?.Http.Dispose();
                _previous = _current;
                _current = new Generation(options, new HttpMessageInvoker(Handler(options)));
            }

            return _current;
        }
    }

    private SocketsHttpHandler Handler(SslClientAuthenticationOptions options)
    {
        SocketsHttpHandler handler = newHandler();
        handler.ConnectTimeout = ConnectLimit;

        // Leases that wait at the silo, and slow bodies of other edges, hold a stream each: when one connection has no more
        // streams to give, another one is opened.
        handler.EnableMultipleHttp2Connections = true;
        handler.SslOptions = options;
        return handler;
    }

    private sealed record Generation(SslClientAuthenticationOptions Options, HttpMessageInvoker Http);
}
