using Orleans;
using Orleans.Runtime;
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

        Eligibility? eligibility = await KnownAsync(grains.GetGrain<IEligibilityGrain>(GrainKeys.Cluster).ViewAsync(cancellationToken), cancellationToken);
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
        Drain = await KnownAsync(grains.GetGrain<IDrainGrain>(pop.Id).ViewAsync(cancellationToken), cancellationToken),
        Eligibility = eligibility?.Find(pop.Id),
        Servers = await asker.AskAsync(pop, cancellationToken),
    };

    /// <summary>Null: nobody answers in time.</summary>
    private async Task<T?> KnownAsync<T>(Task<T> asking, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await asking.WaitAsync(FailoverAsker.Patience, time, cancellationToken);
        }
        catch (Exception error) when (error is TimeoutException or OrleansException)
        {
            return null;
        }
    }
}
