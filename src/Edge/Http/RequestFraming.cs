using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Http;

/// <summary>Whether every reader on the way sees the end of an HTTP/1 request in the same place (RFC 9112 §6.1, §6.3, §11.2).</summary>
public static class RequestFraming
{
    /// <summary>Where the server puts a <c>Content-Length</c> that came beside <c>Transfer-Encoding</c>.</summary>
    private const string DisplacedLength = "X-Content-Length";

    /// <summary>False for a length beside a coding, for codings other than one <c>chunked</c>, and for any in HTTP/1.0, which has none.</summary>
    /// <param name="codings">All lines of <c>Transfer-Encoding</c>, at least one.</param>
    public static bool IsClear(HttpRequest request, StringValues codings) =>
        codings.Count == 1 && string.Equals(codings[0], "chunked", StringComparison.OrdinalIgnoreCase)
        && !HttpProtocol.IsHttp10(request.Protocol) && !request.Headers.ContainsKey(DisplacedLength);
}
