using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Rules;

namespace OrleansCdn.Edge.Http;

/// <summary>Tells a visitor who has the site's debug key why the request is answered as it is.</summary>
public sealed class DebugAnswer(Explainer explainer)
{
    internal const string RequestField = "Cdn-Debug";

    internal const string ResponseField = "Cdn-Explain";

    /// <summary>
    /// Takes the field off, whatever it says, so that it chooses no variant. With the right key, what is stored now is
    /// written down; it goes out with whatever answers the request.
    /// </summary>
    internal void Prepare(HttpContext context, DebugKey key, SiteRules rules, bool isHttps, in RequestTarget target)
    {
        IHeaderDictionary headers = context.Request.Headers;
        if (!headers.Remove(RequestField, out Microsoft.Extensions.Primitives.StringValues given) || !key.IsGiven(given))
        {
            return;
        }

        string text = DebugText.Of(explainer.Explain(context.Request.Method, rules, isHttps, target, headers));
        context.Response.OnStarting(
            static state =>
            {
                (HttpResponse response, string text) = ((HttpResponse, string))state;
                response.Headers[ResponseField] = text;
                return Task.CompletedTask;
            },
            (context.Response, text));
    }
}
