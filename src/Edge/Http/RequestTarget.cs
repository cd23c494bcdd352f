using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace OrleansCdn.Edge.Http;

/// <summary>Authority and path of a request as they count for the key: exact bytes, lower-case host, no default port.</summary>
/// <param name="HostLength">Of the authority's part without the port.</param>
public readonly record struct RequestTarget(string Authority, int HostLength, string PathAndQuery)
{
    private const int HttpPort = 80;
    private const int HttpsPort = 443;

    public ReadOnlySpan<char> HostName => Authority.AsSpan(0, HostLength);

    /// <summary>Only the path, without the query.</summary>
    public ReadOnlySpan<char> Path
    {
        get
        {
            int query = PathAndQuery.IndexOf('?', StringComparison.Ordinal);
            return query < 0 ? PathAndQuery : PathAndQuery.AsSpan(0, query);
        }
    }

    /// <summary>
    /// False for what has no path to forward: <c>*</c>, authority-form, no host (RFC 9112 §3.2). An absolute-form target
    /// has already replaced <c>Host</c> when this is called.
    /// </summary>
    public static bool TryParse(HttpContext context, bool isHttps, out RequestTarget target)
    {
        target = default;
        string host = context.Request.Headers.Host.ToString();
        string raw = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        if (host.Length == 0 || raw.Length == 0)
        {
            return false;
        }

        if (raw[0] != '/')
        {
            int scheme = raw.IndexOf("://", StringComparison.Ordinal);
            if (scheme < 0)
            {
                return false;
            }

            int path = raw.AsSpan(scheme + 3).IndexOfAny('/', '?');
            string rest = path < 0 ? "/" : raw[(scheme + 3 + path)..];
            raw = rest[0] == '/' ? rest : "/" + rest;
        }

        if (!TryNormalizePort(ToLower(host), isHttps, out string authority, out int hostLength) || hostLength == 0)
        {
            return false;
        }

        target = new RequestTarget(authority, hostLength, raw);
        return true;
    }

    private static string ToLower(string host) => host.AsSpan().ContainsAnyInRange('A', 'Z') ? host.ToLowerInvariant() : host;

    /// <summary>One spelling for each port, as in a purged URL: <c>:080</c> and a bare colon are what they mean, not keys of their own.</summary>
    private static bool TryNormalizePort(string host, bool isHttps, out string authority, out int hostLength)
    {
        authority = host;
        int colon = host.LastIndexOf(':');
        if (colon < 0 || host[^1] == ']')
        {
            hostLength = host.Length;
            return true;
        }

        hostLength = colon;
        if (host[0] == '[' ? host[Math.Max(0, colon - 1)] != ']' : host.IndexOf(':', StringComparison.Ordinal) != colon)
        {
            // Two ports.
            return false;
        }

        if (colon == host.Length - 1)
        {
            authority = host[..colon];
            return true;
        }

        bool isPort = ushort.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0;
        if (port == (isHttps ? HttpsPort : HttpPort))
        {
            authority = host[..colon];
        }
        else if (host[colon + 1] == '0')
        {
            authority = string.Create(CultureInfo.InvariantCulture, $"{host.AsSpan(0, colon)}:{port}");
        }

        return isPort;
    }
}
