using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace OrleansCdn.Node.Admin;

/// <summary>The admin listener: <c>/health</c> for probes, <c>/status</c> for people, <c>/metrics</c> for Prometheus. It changes nothing.</summary>
/// <typeparam name="THealth">Answer of <c>/health</c>: 200 or 503.</typeparam>
/// <typeparam name="TStatus">Answer of <c>/status</c>.</typeparam>
public abstract class AdminPage<THealth, TStatus>(JsonTypeInfo<THealth> healthJson, JsonTypeInfo<TStatus> statusJson)
{
    /// <summary>Prometheus' text format 0.0.4.</summary>
    private const string MetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

    public Task HandleAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.Headers[HeaderNames.CacheControl] = "no-store";
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return Task.CompletedTask;
        }

        switch (context.Request.Path.Value)
        {
            case "/health":
                THealth health = Health();
                response.StatusCode = IsGood(health) ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
                return response.WriteAsJsonAsync(health, healthJson, contentType: null, context.RequestAborted);
            case "/status":
                return response.WriteAsJsonAsync(Status(), statusJson, contentType: null, context.RequestAborted);
            case "/metrics":
                response.ContentType = MetricsContentType;
                return HttpMethods.IsHead(context.Request.Method)
                    ? Task.CompletedTask
                    : response.WriteAsync(Metrics(Status()), context.RequestAborted);
            default:
                if (Other(context) is { } answer)
                {
                    return answer;
                }

                response.StatusCode = StatusCodes.Status404NotFound;
                return response.WriteAsync("There are /health, /status and /metrics.\n", context.RequestAborted);
        }
    }

    public abstract THealth Health();

    protected abstract TStatus Status();

    /// <summary>Answers what is not one of the three; null: there is no such page.</summary>
    protected virtual Task? Other(HttpContext context) => null;

    /// <summary>Whether a probe is told 200.</summary>
    protected abstract bool IsGood(THealth health);

    /// <summary>In Prometheus' text format.</summary>
    protected abstract string Metrics(TStatus status);
}
