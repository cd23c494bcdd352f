using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace OrleansCdn.Edge.Http;

/// <summary>Authority and path of a request as they count for the key: exact bytes, lower-case host, no default port.</summary>
public readonly record struct RequestTarget(string Authority, string HostName, string PathAndQuery)
{
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

        string authority = WithoutDefaultPort(ToLower(host), isHttps);
        target = new RequestTarget(authority, NameOf(authority), raw);
        return true;
    }

    private static string ToLower(string host) => host.AsSpan().ContainsAnyInRange('A', 'Z') ? host.ToLowerInvariant() : host;

    private static string WithoutDefaultPort(string authority, bool isHttps)
    {
        string port = isHttps ? ":443" : ":80";
        return authority.EndsWith(port, StringComparison.Ordinal) ? authority[..^port.Length] : authority;
    }

    private static string NameOf(string authority)
    {
        int colon = authority.LastIndexOf(':');
        return colon < 0 || authority.EndsWith(']') ? authority : authority[..colon];
    }
}
