using System.Collections.Immutable;
using Microsoft.AspNetCore.Mvc;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Api;

/// <summary>To purge, and to ask how far a purge has come.</summary>
internal sealed partial class PurgeEndpoints(
    IGrainFactory grains, ConfigCache configs, PurgeProgress progress, ILogger<PurgeEndpoints> log)
{
    /// <summary>The largest number of values with an average of 1.6 KiB, where usual URLs have a tenth of that.</summary>
    public const int MaxBodyBytes = 16 * 1024 * 1024;

    /// <summary>Ids are longer than this only when they were never given out.</summary>
    private const int MaxIdLength = 64;

    public static void Map(IEndpointRouteBuilder routes)
    {
        PurgeEndpoints endpoints = routes.ServiceProvider.GetRequiredService<PurgeEndpoints>();
        routes.MapPost(ApiRoutes.Purges, endpoints.PurgeAsync)
            .RequireScope(Scope.Purge)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .WithName("Purge").WithSummary("Purges URLs, tags, prefixes, hosts, or a whole site; answers when the purge is durable, or with 'wait' when it is applied.")
            .Produces<PurgeReply>().Produces<PurgeReply>(StatusCodes.Status202Accepted)
            .Produces<ApiProblem>(StatusCodes.Status422UnprocessableEntity, "application/problem+json")
            .WithRequestTimeout(ApiPipeline.PurgeTimeout);
        routes.MapGet(ApiRoutes.Purge, endpoints.FindAsync)
            .RequireScope(Scope.Purge, Scope.Read)
            .WithName("GetPurge").WithSummary("How far a purge has come at each PoP and edge.")
            .Produces<PurgeReply>().Produces<ApiProblem>(StatusCodes.Status404NotFound, "application/problem+json");
    }

    private async Task<IResult> PurgeAsync(PurgeRequest request, HttpContext context, CancellationToken cancellationToken)
    {
        if (await configs.CurrentAsync(cancellationToken) is not { } snapshot)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "No config is in force, so there is no site to purge: apply one first.");
        }

        string who = context.User.Identity?.Name ?? "";
        (PurgeAppend? append, string? error) = PurgeRequestReader.Read(request, snapshot.Config, who);
        if (append is null)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, error!);
        }

        PurgeAppendOutcome outcome = await grains.GetGrain<IPurgeLogGrain>(GrainKeys.Cluster).AppendAsync(append, cancellationToken);
        if (outcome.Receipt is not { } receipt)
        {
            context.Response.Headers.RetryAfter = "1";
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "More purges wait to be written than the silo keeps: nothing of this one was stored. Try again in a second.");
        }

        LogPurged(receipt.Id, who, append.Site, append.Kind, append.Soft, append.Values.Length);
        TimeSpan wait = request.Wait ? TimeSpan.FromMilliseconds(request.DeadlineMs ?? PurgeRequest.DefaultDeadlineMs) : TimeSpan.Zero;
        PurgeReply reply = Reply(receipt, await progress.AskAsync(receipt, snapshot.Config, wait, cancellationToken), request.Wait);
        return request.Wait
            ? TypedResults.Ok(reply)
            : TypedResults.Accepted(ApiRoutes.Purge.Replace("{id}", receipt.Id, StringComparison.Ordinal), reply with { State = PurgeState.Accepted });
    }

    private async Task<IResult> FindAsync(string id, CancellationToken cancellationToken)
    {
        PurgeReceipt? receipt = id.Length > MaxIdLength
            ? null
            : await grains.GetGrain<IPurgeLogGrain>(GrainKeys.Cluster).FindAsync(id, cancellationToken);
        if (receipt is null)
        {
            return Problems.Of(StatusCodes.Status404NotFound, "There is no purge of this id, or the log does not go back to it any more.");
        }

        ConfigSnapshot? snapshot = await configs.CurrentAsync(cancellationToken);
        return TypedResults.Ok(Reply(receipt, await progress.AskAsync(receipt, snapshot?.Config, TimeSpan.Zero, cancellationToken), waited: false));
    }

    private static PurgeReply Reply(PurgeReceipt receipt, ImmutableArray<PurgePopState> pops, bool waited) => new()
    {
        Id = receipt.Id,
        Cursor = receipt.Cursor,
        State = PurgeProgress.Summary(pops, waited),
        When = receipt.When,
        Who = receipt.Who,
        Pops = pops,
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "Purge {Id} by {Who}: site {Site}, {Kind}, soft {Soft}, {Entries} entries")]
    private partial void LogPurged(string id, string who, string site, PurgeKind kind, bool soft, int entries);
}
