using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;
using OrleansCdn.Grains.Failover;
using OrleansCdn.Silo.Api.Failover;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Api.Drain;

/// <summary>To see how far a drain, or its way back, has come.</summary>
internal sealed class DrainProgressEndpoints(IGrainFactory grains, ConfigCache configs, DrainProgress progress, FailoverAsker announcers, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        DrainProgressEndpoints endpoints = routes.ServiceProvider.GetRequiredService<DrainProgressEndpoints>();
        Describe(routes.MapGet(ApiRoutes.Drain, (string pop, CancellationToken cancellationToken) => endpoints.ReadAsync(pop, null, cancellationToken)))
            .WithName("GetDrain").WithSummary("What operators want of a PoP, and how far it has come: DNS, routes, connections, or the way back.");
        Describe(routes.MapGet(ApiRoutes.DrainEdge, endpoints.ReadAsync))
            .WithName("GetEdgeDrain").WithSummary("As of a PoP, for one edge.");

        static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint) => endpoint
            .RequireScope(Scope.Drain, Scope.Read)
            .Produces<DrainProgressReply>()
            .Produces<ApiProblem>(StatusCodes.Status404NotFound, "application/problem+json")
            .Produces<ApiProblem>(StatusCodes.Status409Conflict, "application/problem+json");
    }

    private async Task<IResult> ReadAsync(string pop, string? edge, CancellationToken cancellationToken)
    {
        if (await configs.CurrentAsync(cancellationToken) is not { } snapshot)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "No config is in force: apply one first.");
        }

        if (snapshot.Config.FindPop(pop) is not { } found || (edge is not null && found.Edges.All(known => known.Name != edge)))
        {
            return Problems.Of(StatusCodes.Status404NotFound, $"The config in force has no {(edge is null ? $"PoP '{pop}'" : $"edge '{pop}/{edge}'")}.");
        }

        // The drain first: what follows from it is at least as new.
        PopDrain drain = await grains.GetGrain<IDrainGrain>(pop).ViewAsync(cancellationToken);
        Eligibility eligibility = await grains.GetGrain<IEligibilityGrain>(GrainKeys.Cluster).ViewAsync(cancellationToken);
        Task<PopStatus> status = grains.GetGrain<IPopGrain>(pop).StatusAsync(cancellationToken);
        return TypedResults.Ok(DrainSteps.Of(new DrainSight
        {
            Drain = drain,
            Edge = edge,
            Eligibility = eligibility.Find(pop),
            IsEdgeOut = edge is not null && eligibility.DrainedEdges.Contains(edge),
            Epoch = eligibility.Epoch,
            Confirmations = await progress.AskAsync(eligibility.Epoch, snapshot.Config, TimeSpan.Zero, cancellationToken),
            Announcers = await announcers.AskAsync(found, cancellationToken),
            Policy = FailoverPlanner.Of(snapshot.Config).Policy,
            Connections = [.. (await status).Edges.Where(at => at is { Connected: true, Counters: not null }).Select(at => (at.Name, at.Counters!.OpenConnections))],
            Now = time.GetUtcNow(),
        }));
    }
}
