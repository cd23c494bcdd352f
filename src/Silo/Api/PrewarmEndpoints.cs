using System.Collections.Immutable;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Auth;
using OrleansCdn.Silo.Prewarm;

namespace OrleansCdn.Silo.Api;

/// <summary>Jobs that fetch URLs to PoPs ahead of visitors: to begin, to follow, to hold and to end.</summary>
internal sealed partial class PrewarmEndpoints(
    IGrainFactory grains, ConfigCache configs, PrewarmSources sources, PurgeGrants grants, TimeProvider time, ILogger<PrewarmEndpoints> log)
{
    /// <summary>The largest number of URLs with an average of 160 bytes.</summary>
    public const int MaxBodyBytes = 16 * 1024 * 1024;

    public static void Map(IEndpointRouteBuilder routes)
    {
        PrewarmEndpoints endpoints = routes.ServiceProvider.GetRequiredService<PrewarmEndpoints>();
        routes.MapPost(ApiRoutes.Prewarms, endpoints.CreateAsync)
            .RequireScope(Scope.Prewarm)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .WithName("Prewarm").WithSummary("Begins a job that fetches URLs of a site to PoPs, each once from the origin.")
            .Produces<PrewarmReply>(StatusCodes.Status202Accepted)
            .Produces<ApiProblem>(StatusCodes.Status422UnprocessableEntity, "application/problem+json")
            .WithRequestTimeout(ApiPipeline.PurgeTimeout);
        routes.MapGet(ApiRoutes.Prewarms, endpoints.ListAsync)
            .RequireScope(Scope.Prewarm, Scope.Read)
            .WithName("GetPrewarms").WithSummary("Prewarm jobs, the newest first.").Produces<PrewarmListReply>();
        routes.MapGet(ApiRoutes.Prewarm, endpoints.FindAsync)
            .RequireScope(Scope.Prewarm, Scope.Read)
            .WithName("GetPrewarm").WithSummary("How far a prewarm job is at each PoP, and what failed.")
            .Produces<PrewarmReply>().Produces<ApiProblem>(StatusCodes.Status404NotFound, "application/problem+json");
        Map(ApiRoutes.PrewarmPause, PrewarmCommand.Pause, "Holds a prewarm job; what is under way is finished.");
        Map(ApiRoutes.PrewarmResume, PrewarmCommand.Resume, "Lets a paused prewarm job go on.");
        Map(ApiRoutes.PrewarmCancel, PrewarmCommand.Cancel, "Ends a prewarm job.");

        void Map(string route, PrewarmCommand command, string summary) =>
            routes.MapPost(route, (string id, HttpContext context, CancellationToken cancellationToken) => endpoints.CommandAsync(id, command, context, cancellationToken))
                .RequireScope(Scope.Prewarm)
                .WithName($"{command}Prewarm").WithSummary(summary)
                .Produces<PrewarmReply>().Produces<ApiProblem>(StatusCodes.Status409Conflict, "application/problem+json");
    }

    private async Task<IResult> CreateAsync(PrewarmRequest request, HttpContext context, CancellationToken cancellationToken)
    {
        if (await configs.CurrentAsync(cancellationToken) is not { } snapshot)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "No config is in force, so there is no site to prewarm: apply one first.");
        }

        string who = context.User.Identity?.Name ?? "";
        PurgeGrant grant = grants.Of(context.User);
        if (!grant.AllowsSite(request.Site))
        {
            // Before the config is looked at, so that the answer says nothing of other sites.
            return Problems.Of(StatusCodes.Status403Forbidden, $"The token '{who}' may not prewarm this site: it may do so for {string.Join(", ", grant.Sites!.Value)}.");
        }

        (PrewarmOrder? order, string? error) = PrewarmRequestReader.Read(request, snapshot.Config, who);
        if (order is null)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, error!);
        }

        (ImmutableArray<string> urls, error) = await sources.ReadAsync(request, snapshot.Config, cancellationToken);
        if (error is not null)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, error);
        }

        order = order with
        {
            Urls = urls,
            From = context.Connection.RemoteIpAddress?.ToString(),
            Deadline = request.DeadlineSeconds is { } seconds ? time.GetUtcNow().AddSeconds(seconds) : null,
        };
        if ((order.Urls.IsEmpty && order.Plan is null) || order.Edges.IsEmpty)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, order.Edges.IsEmpty ? "The PoPs have no edges." : "There is no URL to fetch.");
        }

        PrewarmCreated created = await grains.GetGrain<IPrewarmDirectoryGrain>(GrainKeys.Cluster).CreateAsync(order, cancellationToken);
        if (created.Id is not { } id)
        {
            context.Response.Headers.RetryAfter = "10";
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "Too many prewarm jobs are under way: wait for one, or cancel it.");
        }

        LogCreated(id, who, order.Site, order.Urls.Length);
        PrewarmReply? reply = await Job(id).StatusAsync(cancellationToken);
        return reply is null ? Unknown() : TypedResults.Accepted(ApiRoutes.Prewarm.Replace("{id}", id, StringComparison.Ordinal), reply);
    }

    private async Task<IResult> ListAsync(HttpContext context, CancellationToken cancellationToken)
    {
        string[] ids = await grains.GetGrain<IPrewarmDirectoryGrain>(GrainKeys.Cluster).ListAsync(cancellationToken);
        PrewarmReply?[] jobs = await Task.WhenAll(ids.Select(id => Job(id).StatusAsync(cancellationToken)));
        return TypedResults.Ok(new PrewarmListReply { Prewarms = [.. jobs.OfType<PrewarmReply>().Where(job => IsVisible(job, context)).Select(job => job with { Failures = [] })] });
    }

    private async Task<IResult> FindAsync(string id, HttpContext context, CancellationToken cancellationToken) =>
        IsId(id) && await Job(id).StatusAsync(cancellationToken) is { } reply && IsVisible(reply, context) ? TypedResults.Ok(reply) : Unknown();

    private async Task<IResult> CommandAsync(string id, PrewarmCommand command, HttpContext context, CancellationToken cancellationToken)
    {
        if (!IsId(id) || await Job(id).StatusAsync(cancellationToken) is not { } before || !IsVisible(before, context))
        {
            return Unknown();
        }

        PrewarmCommandOutcome outcome = await Job(id).CommandAsync(command, cancellationToken);
        return outcome.Reply is not { } reply ? Unknown()
            : outcome.IsDone ? TypedResults.Ok(reply)
            : Problems.Of(StatusCodes.Status409Conflict, $"The job is over ({reply.State}).");
    }

    /// <summary>What a token may not prewarm it does not see either.</summary>
    private bool IsVisible(PrewarmReply job, HttpContext context) => grants.Of(context.User).AllowsSite(job.Site);

    /// <summary>Others were never given out, and are not looked up.</summary>
    private static bool IsId(string id) => Guid.TryParseExact(id, "N", out _);

    private IPrewarmJobGrain Job(string id) => grains.GetGrain<IPrewarmJobGrain>(id);

    private static JsonHttpResult<ApiProblem> Unknown() =>
        Problems.Of(StatusCodes.Status404NotFound, $"There is no prewarm job of this id, or it is forgotten: {ApiRoutes.Prewarms} lists what there is.");

    [LoggerMessage(Level = LogLevel.Information, Message = "Prewarm {Id} by {Who}: site {Site}, {Urls} URLs")]
    private partial void LogCreated(string id, string who, string site, int urls);
}
