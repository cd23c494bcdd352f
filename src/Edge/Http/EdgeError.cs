using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace OrleansCdn.Edge.Http;

/// <summary>Answers that this edge makes itself: short, in plain text, never stored by anyone.</summary>
public static class EdgeError
{
    public static Task WriteAsync(HttpContext context, EdgeState state, int status, string detail, string cacheStatus)
    {
        HttpResponse response = context.Response;
        response.StatusCode = status;
        response.Headers["Cache-Status"] = cacheStatus;
        response.Headers.CacheControl = "no-store";
        response.ContentType = "text/plain; charset=utf-8";
        byte[] body = Encoding.UTF8.GetBytes(
            $"{status.ToString(CultureInfo.InvariantCulture)} {ReasonPhrases.GetReasonPhrase(status)}: {detail} ({state.Pop})\n");
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    public static Task RefuseAsync(HttpContext context, EdgeState state, int status, string token, string detail) =>
        WriteAsync(context, state, status, detail, CacheStatus.Refused(state.Pop, token));
}
