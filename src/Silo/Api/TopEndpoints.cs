using Orleans;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Api;

/// <summary>What is asked for most.</summary>
internal sealed class TopEndpoints(IGrainFactory grains, ConfigCache configs, PurgeGrants grants)
{
    private const int DefaultCount = 20;

    public static void Map(IEndpointRouteBuilder routes)
    {
        TopEndpoints endpoints = routes.ServiceProvider.GetRequiredService<TopEndpoints>();
        routes.MapGet(ApiRoutes.Top, endpoints.TopAsync)
            .RequireScope(Scope.Read)
            .WithName("GetTop").WithSummary("The URLs of a site that are asked for most, over all edges or those of a PoP.")
            .Produces<PopularityView>()
            .Produces<ApiProblem>(StatusCodes.Status422UnprocessableEntity, "application/problem+json");
    }

    private async Task<IResult> TopAsync(string site, int? n, string? pop, HttpContext context, CancellationToken cancellationToken)
    {
        if (grants.RefuseSite(context, site) is { } refusal)
        {
            return refusal;
        }

        if (await configs.CurrentAsync(cancellationToken) is not { } snapshot)
        {
            return Problems.Of(StatusCodes.Status409Conflict, "No config is in force, so there is no site to tell of: apply one first.");
        }

        string? error =
            snapshot.Config.FindSite(site) is null ? $"There is no site '{ExplainRequestReader.Shorten(site)}'; the config has {QuotedNames.Of(snapshot.Config.Sites.Select(s => s.Id))}."
            : n is < 1 or > PopularityView.MaxCount ? $"'n' is {n}; 1 to {PopularityView.MaxCount} URLs can be asked for."
            : pop is not null && snapshot.Config.FindPop(pop) is null ? $"There is no PoP '{ExplainRequestReader.Shorten(pop)}'; the config has {QuotedNames.Of(snapshot.Config.Pops.Select(p => p.Id))}."
            : null;
        return error is not null
            ? Problems.Of(StatusCodes.Status422UnprocessableEntity, error)
            : TypedResults.Ok(await grains.GetGrain<IPopularityGrain>(site).TopAsync(n ?? DefaultCount, pop, cancellationToken));
    }
}
