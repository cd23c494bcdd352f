using System.Collections.Immutable;
using Microsoft.AspNetCore.Mvc;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Auth;
using OrleansCdn.Silo.Prewarm;

namespace OrleansCdn.Silo.Api;

/// <summary>To purge, and to ask how far a purge has come.</summary>
internal sealed class PurgeEndpoints(IGrainFactory grains, ConfigCache configs, PurgeDesk desk, PurgeProgress progress, PurgeGrants grants, CoverageEndpoints coverage, PurgeRefresher refresher)
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
            .Produces<ApiProblem>(StatusCodes.Status403Forbidden, "application/problem+json")
            .Produces<ApiProblem>(StatusCodes.Status422UnprocessableEntity, "application/problem+json")
            .Produces<ApiProblem>(StatusCodes.Status429TooManyRequests, "application/problem+json")
            .WithRequestTimeout(ApiPipeline.PurgeTimeout);
        routes.MapGet(ApiRoutes.Purge, endpoints.FindAsync)
            .RequireScope(Scope.Purge, Scope.Read)
            .WithName("GetPurge").WithSummary("How far a purge has come at each PoP and edge.")
            .Produces<PurgeReply>().Produces<ApiProblem>(StatusCodes.Status404NotFound, "application/problem+json");
    }

    private async Task<IResult> PurgeAsync(PurgeRequest request, HttpContext context, CancellationToken cancellationToken)
    {
        PurgeAnswer answer = await desk.PurgeAsync(request, context, cancellationToken);
        if (answer is PurgeAnswer.Tried tried)
        {
            return await coverage.TryAsync(tried, cancellationToken);
        }

        if (answer is not PurgeAnswer.Stored { Receipt: var receipt } stored)
        {
            return ((PurgeAnswer.Refused)answer).Result(context);
        }

        if (stored.Repeated)
        {
            context.Response.Headers[ApiRoutes.IdempotentReplayed] = "true";
        }

        PurgeRefresh? refresh = request.Refresh ? await refresher.BeginAsync(receipt, request, stored.Snapshot.Config, cancellationToken) : null;
        TimeSpan wait = request.Wait ? TimeSpan.FromMilliseconds(request.DeadlineMs ?? PurgeRequest.DefaultDeadlineMs) : TimeSpan.Zero;
        PurgeReply reply = Reply(receipt, await progress.AskAsync(receipt, stored.Snapshot.Config, wait, cancellationToken), request.Wait) with { Refresh = refresh };
        return request.Wait
            ? TypedResults.Ok(reply)
            : TypedResults.Accepted(ApiRoutes.Purge.Replace("{id}", receipt.Id, StringComparison.Ordinal), reply with { State = PurgeState.Accepted });
    }

    private async Task<IResult> FindAsync(string id, HttpContext context, CancellationToken cancellationToken)
    {
        PurgeReceipt? receipt = id.Length > MaxIdLength
            ? null
            : await grains.GetGrain<IPurgeLogGrain>(GrainKeys.Cluster).FindAsync(id, cancellationToken);
        if (receipt is null || !grants.Of(context.User).AllowsSite(receipt.Site))
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
}
