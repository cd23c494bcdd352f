using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Orleans.Runtime;

namespace OrleansCdn.Silo.Api;

/// <summary>Turns what was thrown into a problem: mistakes of the caller keep their status, grains that cannot be reached are a 503.</summary>
internal sealed partial class ApiExceptions(ILogger<ApiExceptions> log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        (int status, string detail) = exception switch
        {
            BadHttpRequestException { InnerException: JsonException json } =>
                (StatusCodes.Status400BadRequest, $"The body is not the JSON that is expected here: {json.Message}"),
            BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest } bad => (StatusCodes.Status400BadRequest, bad.Message),
            BadHttpRequestException bad => (bad.StatusCode, Problems.DetailOf(bad.StatusCode, context)),
            TimeoutException => Unavailable(context, exception, Problems.DetailOf(StatusCodes.Status503ServiceUnavailable, context)),

            // A disk that is full, a database that is away: who may ask here is who has to mend it.
            OrleansException => Unavailable(context, exception, $"The silo could not do this, and its log says more: {OneLine(exception.Message)}"),
            _ => Unexpected(context, exception),
        };
        context.Response.StatusCode = status;
        await Problems.WriteAsync(context, status, detail);
        return true;
    }

    private (int Status, string Detail) Unavailable(HttpContext context, Exception exception, string detail)
    {
        LogUnavailable(context.Request.Method, context.Request.Path, exception);
        return (StatusCodes.Status503ServiceUnavailable, detail);
    }

    private static string OneLine(string message) => string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private (int Status, string Detail) Unexpected(HttpContext context, Exception exception)
    {
        LogUnexpected(context.Request.Method, context.Request.Path, exception);
        return (StatusCodes.Status500InternalServerError, "The silo failed to answer this; its log says why.");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path}: a grain could not be reached, or could not keep what it was told")]
    private partial void LogUnavailable(string method, string path, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private partial void LogUnexpected(string method, string path, Exception error);
}
