using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Edge.Rules;

namespace OrleansCdn.Edge.Http;

/// <summary>Answers that this edge makes itself: short, and never stored by any cache on the way.</summary>
public static class EdgeError
{
    /// <param name="pages">The site's own pages; null: none.</param>
    public static Task WriteAsync(HttpContext context, EdgeState state, int status, string detail, string cacheStatus, ErrorPages? pages = null)
    {
        if (pages?.Find(status) is { } page)
        {
            return WritePageAsync(context, status, page, cacheStatus);
        }

        byte[] body = Encoding.UTF8.GetBytes(
            $"{status.ToString(CultureInfo.InvariantCulture)} {ReasonPhrases.GetReasonPhrase(status)}: {detail} ({state.Pop})\n");
        return WriteAsync(context, status, body, "text/plain; charset=utf-8", cacheStatus);
    }

    public static Task WritePageAsync(HttpContext context, int status, ErrorPage page, StringValues cacheStatus) =>
        WriteAsync(context, status, page.Body, page.ContentType, cacheStatus);

    internal static Task WriteAsync(HttpContext context, int status, byte[] body, string contentType, StringValues cacheStatus)
    {
        HttpResponse response = context.Response;
        response.StatusCode = status;
        response.Headers["Cache-Status"] = cacheStatus;
        response.Headers.CacheControl = "no-store";
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        return context.Request.Method == HttpMethods.Head ? Task.CompletedTask : response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    /// <summary>To another URL. What is for good is forgotten after an hour, so that a mistake can be mended.</summary>
    public static Task RedirectAsync(HttpContext context, EdgeState state, Redirect redirect)
    {
        HttpResponse response = context.Response;
        response.StatusCode = redirect.Status;
        response.Headers.Location = redirect.Location;
        response.Headers.CacheControl = redirect.Status is 301 or 308 ? "max-age=3600" : "no-store";
        response.Headers["Cache-Status"] = CacheStatus.Refused(state.Pop, "redirect");
        response.ContentLength = 0;
        return Task.CompletedTask;
    }

    public static Task RefuseAsync(HttpContext context, EdgeState state, int status, string token, string detail) =>
        WriteAsync(context, state, status, detail, CacheStatus.Refused(state.Pop, token));
}
