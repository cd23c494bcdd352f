using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Http;

/// <summary>Fields that end at this hop (RFC 9110 §7.6.1), and those that only this CDN may say.</summary>
public static class HopByHop
{
    private static readonly FrozenSet<string> Always = FrozenSet.ToFrozenSet(
        [
            "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Authentication-Info",
            "TE", "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "Alt-Svc",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>What a visitor says about itself or about the way is replaced: nobody but this CDN has seen the visitor.</summary>
    private static readonly FrozenSet<string> Asserted = FrozenSet.ToFrozenSet(
        [
            "Forwarded", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "Client-Cert", "Client-Cert-Chain", "Front-End-Https",
            "X-Host", "X-Original-Host", "X-HTTP-Host-Override", "X-Original-URL", "X-Rewrite-URL",
            "Proxy", // becomes HTTP_PROXY in the environment of a CGI program
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>All fields that begin so are of that kind, whatever a framework makes of them: <c>-Prefix</c>, <c>-Scheme</c>, <c>-Ssl</c>.</summary>
    private const string ForwardedPrefix = "X-Forwarded-";

    private static readonly FrozenSet<string> MethodOverrides =
        FrozenSet.ToFrozenSet(["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Never dropped because a visitor's <c>Connection</c> names them: that would change the request's meaning behind its back.</summary>
    private static readonly FrozenSet<string> NotNominable = FrozenSet.ToFrozenSet(
        [
            "Host", "Cookie", "Authorization", "Content-Length", "Content-Type", "Content-Encoding", "Via", "CDN-Loop", "Cache-Control",
            "Accept-Encoding", "Range", "If-Range",
        ],
        StringComparer.OrdinalIgnoreCase);

    public static bool IsDroppedFromResponse(string name, StringValues connection) =>
        Always.Contains(name) || IsOwn(name) || (connection.Count > 0 && IsNominated(name, connection));

    public static bool IsDroppedFromRequest(string name, StringValues connection) =>
        Always.Contains(name) || Asserted.Contains(name) || name.StartsWith(ForwardedPrefix, StringComparison.OrdinalIgnoreCase) || IsOwn(name)
        || (connection.Count > 0 && !NotNominable.Contains(name) && IsNominated(name, connection));

    /// <summary>Makes an origin take a request for one of another method: what is answered to GET would be another thing than what is stored for it.</summary>
    public static bool IsMethodOverride(string name) => MethodOverrides.Contains(name);

    /// <summary>Fields between edges, those of explained requests, and HTTP/2 pseudo-fields.</summary>
    private static bool IsOwn(string name) =>
        name.StartsWith(':') || name.StartsWith(PeerHeaders.Prefix, StringComparison.OrdinalIgnoreCase)
        || name.Equals(DebugAnswer.RequestField, StringComparison.OrdinalIgnoreCase)
        || name.Equals(DebugAnswer.ResponseField, StringComparison.OrdinalIgnoreCase);

    private static bool IsNominated(string name, StringValues connection)
    {
        foreach (string? line in connection)
        {
            foreach (Range range in line.AsSpan().Split(','))
            {
                if (line.AsSpan()[range].Trim(" \t").Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
