using System.Collections.Immutable;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Silo.Api;

/// <summary>Errors as problem details (RFC 9457): the detail says what is wrong and how to mend it.</summary>
internal static class Problems
{
    private const string ContentType = "application/problem+json";

    public static JsonHttpResult<ApiProblem> Of(int status, string detail, ImmutableArray<ConfigError>? configErrors = null) =>
        TypedResults.Json(Problem(status, detail, configErrors), ContractsJson.Default.ApiProblem, ContentType, status);

    public static Task WriteAsync(HttpContext context, int status, string detail) => Of(status, detail).ExecuteAsync(context);

    /// <summary>What to say about an error that the framework found.</summary>
    public static string DetailOf(int status, HttpContext context) => status switch
    {
        StatusCodes.Status400BadRequest => "The request is malformed.",
        StatusCodes.Status404NotFound => $"There is no '{context.Request.Path}' here. {ApiRoutes.OpenApi} lists what there is.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} is not allowed here; allowed is {context.Response.Headers.Allow}.",
        StatusCodes.Status408RequestTimeout => "The request did not arrive in time.",
        StatusCodes.Status413PayloadTooLarge =>
            $"The body is too large. A config has at most {ApiRoutes.MaxConfigBytes} bytes, a purge {PurgeEndpoints.MaxBodyBytes}: split it up.",
        StatusCodes.Status415UnsupportedMediaType => "This content type is not understood. Send a config as application/yaml, anything else as application/json.",
        StatusCodes.Status429TooManyRequests => "Too many requests with this token or from this address: wait a second.",
        StatusCodes.Status503ServiceUnavailable => "The silo could not answer in time: try again.",
        _ => ReasonPhrases.GetReasonPhrase(status),
    };

    private static ApiProblem Problem(int status, string detail, ImmutableArray<ConfigError>? configErrors) => new()
    {
        Type = "about:blank",
        Title = ReasonPhrases.GetReasonPhrase(status),
        Status = status,
        Detail = detail,
        ConfigErrors = configErrors,
    };
}
