using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;
using OrleansCdn.Grains.Failover;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Api.Failover;

/// <summary>To look at failover: who is announced, why, and what holds it back.</summary>
internal sealed class FailoverEndpoints(IGrainFactory grains, ConfigCache configs, FailoverAsker asker, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        FailoverEndpoints endpoints = routes.ServiceProvider.GetRequiredService<FailoverEndpoints>();
        routes.MapGet(ApiRoutes.Failover, endpoints.ReadAsync)
            .RequireScope(Scope.Read, Scope.Drain, Scope.Route)
            .WithName("GetFailover").WithSummary("Every server that announces: phase, why, what it waits for, whom it has promised to stay, its checks with evidence.")
            .Produces<FailoverReply>();
    }

    private async Task<IResult> ReadAsync(CancellationToken cancellationToken)
    {
        if (await configs.CurrentAsync(cancellationToken) is not { } snapshot)
        {
            return TypedResults.Ok(new FailoverReply { ConfigVersion = 0, Pops = [] });
        }

        Eligibility? eligibility = await grains.GetGrain<IEligibilityGrain>(GrainKeys.Cluster).ViewAsync(cancellationToken).OrNullAsync(time, cancellationToken);
        return TypedResults.Ok(new FailoverReply
        {
            ConfigVersion = snapshot.Version,
            Policy = FailoverPlanner.Of(snapshot.Config).Policy,
            Pops = [.. await Task.WhenAll(snapshot.Config.Pops.Select(pop => PopAsync(pop, eligibility, cancellationToken)))],
        });
    }

    private async Task<FailoverPop> PopAsync(PopConfig pop, Eligibility? eligibility, CancellationToken cancellationToken) => new()
    {
        Pop = pop.Id,
        Drain = await grains.GetGrain<IDrainGrain>(pop.Id).ViewAsync(cancellationToken).OrNullAsync(time, cancellationToken),
        Eligibility = eligibility?.Find(pop.Id),
        Servers = await asker.AskAsync(pop, cancellationToken),
    };
}
