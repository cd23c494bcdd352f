using System.Net;
using Microsoft.AspNetCore.Http;

namespace OrleansCdn.Edge.Health;

/// <summary>The smallest question that edges ask each other: are requests served here? Over the listener and the pipeline that fetches take.</summary>
internal static class PeerAlive
{
    /// <summary>On the listener for other edges only: the sites' own paths stay theirs (RFC 8615).</summary>
    public const string Path = "/.well-known/cdn/alive";

    public static bool Handles(HttpContext context) => context.Request.Path.Value == Path;

    public static Task AnswerAsync(HttpContext context, EdgeState state)
    {
        context.Response.StatusCode = state.Snapshot is null ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    /// <summary>Also what software says that does not know the question: it is there.</summary>
    public static bool IsAnswer(HttpStatusCode status) => status < HttpStatusCode.InternalServerError;
}
