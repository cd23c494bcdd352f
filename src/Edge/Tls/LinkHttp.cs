using System.Net.Security;

namespace OrleansCdn.Edge.Tls;

/// <summary>
/// HTTP towards silos: with this edge's certificate over TLS, HTTP/2 only. A replaced certificate is used from the next
/// connection on; the connections made before go on with theirs.
/// </summary>
internal sealed class LinkHttp(LinkIdentity identity) : HttpMessageHandler
{
    /// <summary>A SYN that is lost twice has been sent again after 3 s (RFC 6298 §5); what takes longer is not there.</summary>
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    /// <summary>Answers carry a handful of fields.</summary>
    private const int MaxHeaderKilobytes = 16;

    private readonly Lock _lock = new();
    private Generation? _current;
    private Generation? _previous;

    public static HttpMessageInvoker Create(LinkIdentity identity) => new(new LinkHttp(identity));

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

    private static SocketsHttpHandler Handler(SslClientAuthenticationOptions options) => new()
    {
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        ConnectTimeout = ConnectLimit,

        // Leases that wait at the silo hold a stream each; beyond the silo's streams per connection another one is opened.
        EnableMultipleHttp2Connections = true,
        MaxResponseHeadersLength = MaxHeaderKilobytes,
        SslOptions = options,
        UseCookies = false,
        UseProxy = false,
    };

    private sealed record Generation(SslClientAuthenticationOptions Options, HttpMessageInvoker Http);
}
