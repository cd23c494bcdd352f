using System.Collections.Immutable;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Api.Health;

/// <summary>Whether the servers are well, with the evidence.</summary>
internal sealed class HealthEndpoints(IGrainFactory grains, ConfigCache configs, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        HealthEndpoints endpoints = routes.ServiceProvider.GetRequiredService<HealthEndpoints>();
        routes.MapGet(ApiRoutes.Servers, endpoints.ReadAsync)
            .RequireScope(Scope.Read)
            .WithName("GetServersHealth").WithSummary("Every server, or those of a PoP: its checks with their evidence, who sees it, what DNS and BGP conclude.")
            .Produces<HealthReply>().Produces<ApiProblem>(StatusCodes.Status404NotFound, "application/problem+json");
    }

    private async Task<IResult> ReadAsync(string? pop, CancellationToken cancellationToken)
    {
        ConfigSnapshot? snapshot = await configs.CurrentAsync(cancellationToken);
        ImmutableArray<PopConfig> all = snapshot?.Config.Pops ?? [];
        if (pop is not null && all.All(known => known.Id != pop))
        {
            return Problems.Of(
                StatusCodes.Status404NotFound,
                all.IsEmpty ? "No config is in force, so there is no PoP: apply one first." : $"There is no PoP '{ExplainRequestReader.Shorten(pop)}': the config has {string.Join(", ", all.Select(known => known.Id))}.");
        }

        PopStatus?[] edges = await Task.WhenAll(all.Select(known => grains.GetGrain<IPopGrain>(known.Id).StatusAsync(cancellationToken).OrNullAsync(time, cancellationToken)));
        Eligibility? eligibility = await grains.GetGrain<IEligibilityGrain>(GrainKeys.Cluster).ViewAsync(cancellationToken).OrNullAsync(time, cancellationToken);
        HealthPop[] pops = await Task.WhenAll(all.Where(known => pop is null || known.Id == pop).Select(async known =>
        {
            PopRoutes? routes = await grains.GetGrain<IPopRoutesGrain>(known.Id).ViewAsync(cancellationToken).OrNullAsync(time, cancellationToken);
            return HealthView.Of(known, [.. edges.OfType<PopStatus>()], routes, eligibility?.Find(known.Id));
        }));
        return TypedResults.Ok(new HealthReply { When = time.GetUtcNow(), ConfigVersion = snapshot?.Version ?? 0, Pops = [.. pops] });
    }
}
