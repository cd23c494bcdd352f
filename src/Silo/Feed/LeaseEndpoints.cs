using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using Orleans;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Api;

namespace OrleansCdn.Silo.Feed;

/// <summary>Fill leases, for edges: one JSON record in, one out.</summary>
internal sealed class LeaseEndpoints(IGrainFactory grains)
{
    /// <summary>A lease request is below 1 KiB.</summary>
    private const int MaxBodyBytes = 16 * 1024;

    /// <summary>A PoP id, a slash, and a hash of up to 64 bytes in hex.</summary>
    private const int MaxKeyLength = 192;

    public async Task AcquireAsync(HttpContext context, PeerIdentity identity)
    {
        LeaseRequest? request = await ReadAsync(context, ContractsJson.Default.LeaseRequest);
        if (request is null)
        {
            return;
        }

        string? wrong = !identity.Allows(request.Pop, request.Edge) ? $"The client certificate is not for '{request.Pop}/{request.Edge}': it names {identity}."
            : !HelloCheck.IsName(request.Pop) || !HelloCheck.IsName(request.Edge) || !HelloCheck.IsUrl(request.PeerUrl)
                || request.FailedHolder is { Length: > MaxKeyLength } ? "'pop', 'edge', 'peerUrl' or 'failedHolder' is malformed."
            : WrongKey(request.Key, request.Pop);
        if (wrong is not null)
        {
            await Problems.WriteAsync(context, StatusCodes.Status400BadRequest, wrong);
            return;
        }

        LeaseReply reply = await grains.GetGrain<IObjectGrain>(request.Key).AcquireAsync(request, context.RequestAborted);
        await TypedResults.Json(reply, ContractsJson.Default.LeaseReply).ExecuteAsync(context);
    }

    public async Task ReportAsync(HttpContext context, PeerIdentity identity)
    {
        LeaseReport? report = await ReadAsync(context, ContractsJson.Default.LeaseReport);
        if (report is null)
        {
            return;
        }

        string pop = report.Key.Split('/')[0];
        if (WrongKey(report.Key, pop) is { } wrong || report.LeaseId.Length > MaxKeyLength || !Enum.IsDefined(report.Outcome))
        {
            await Problems.WriteAsync(context, StatusCodes.Status400BadRequest, "'key', 'leaseId' or 'outcome' is malformed.");
            return;
        }

        // The lease's id is known to its owner alone, so nobody reports for another.
        await grains.GetGrain<IObjectGrain>(report.Key).ReportAsync(report, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static string? WrongKey(string key, string pop) =>
        key.Length <= MaxKeyLength && HelloCheck.IsName(key.Length <= 128 ? key : key[..128])
            && (key.StartsWith("*/", StringComparison.Ordinal) || key.StartsWith(pop + "/", StringComparison.Ordinal))
            ? null
            : $"'key' is the scope ('{pop}' or '*'), a slash and the hash of the object's key.";

    /// <summary>Null: the answer is written.</summary>
    private static async Task<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = MaxBodyBytes;
        string detail;
        try
        {
            if (await JsonSerializer.DeserializeAsync(context.Request.BodyReader, type, context.RequestAborted) is { } value)
            {
                return value;
            }

            detail = "The body is null.";
        }
        catch (JsonException error)
        {
            detail = $"The body is not the JSON that is expected here: {error.Message}";
        }

        await Problems.WriteAsync(context, StatusCodes.Status400BadRequest, detail);
        return null;
    }
}
