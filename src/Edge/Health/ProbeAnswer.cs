using System.Text;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Http;

namespace OrleansCdn.Edge.Health;

/// <summary>Answers the announcer beside this edge (<see cref="ProbeQuestion"/>) on the listeners of visitors. What is said of this edge beyond its PoP, the asker has said.</summary>
internal static class ProbeAnswer
{
    private const string Token = "probe";

    public static bool Handles(HttpContext context) =>
        context.Request.Path.Value?.StartsWith(ProbeQuestion.PathPrefix, StringComparison.Ordinal) == true
        && string.Equals(context.Request.Headers.Host, ProbeQuestion.Host, StringComparison.OrdinalIgnoreCase);

    public static Task AnswerAsync(HttpContext context, EdgeState state)
    {
        if (context.Request.Method is not ("GET" or "HEAD"))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return EdgeError.RefuseAsync(context, state, StatusCodes.Status405MethodNotAllowed, Token, "a probe is a GET");
        }

        if (!ProbeQuestion.TryParse(context.Request.Path.Value!, out ProbeQuestion? question))
        {
            return EdgeError.RefuseAsync(
                context, state, StatusCodes.Status400BadRequest, Token, $"{ProbeQuestion.PathPrefix} is followed by POP/EDGE/NONCE, NONCE by up to {ProbeQuestion.MaxNonceLength} hexadecimal digits");
        }

        return question.Pop == state.Pop && question.Edge == state.Edge
            ? EdgeError.WriteAsync(context, StatusCodes.Status200OK, Encoding.UTF8.GetBytes(question.Answer), "text/plain; charset=utf-8", CacheStatus.Refused(state.Pop, Token))
            : EdgeError.RefuseAsync(context, state, StatusCodes.Status421MisdirectedRequest, Token, "the probe is for another server");
    }
}
