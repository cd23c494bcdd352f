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
            "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Server",
            "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "Client-Cert", "Client-Cert-Chain",
        ],
        StringComparer.OrdinalIgnoreCase);

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
        Always.Contains(name) || Asserted.Contains(name) || IsOwn(name)
        || (connection.Count > 0 && !NotNominable.Contains(name) && IsNominated(name, connection));

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
