using OrleansCdn.Contracts.Api;
using OrleansCdn.Silo.Auth;

namespace OrleansCdn.Silo.Api;

/// <summary>To ask who did what.</summary>
internal sealed class AuditEndpoints(AuditTrail trail, PurgeGrants grants)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        AuditEndpoints endpoints = routes.ServiceProvider.GetRequiredService<AuditEndpoints>();
        routes.MapGet(ApiRoutes.Audit, endpoints.ReadAsync)
            .RequireScope(Scope.Read, Scope.Purge)
            .WithName("GetAudit").WithSummary("Who purged, drained, or changed config or routes: when, what, from where; newest first.")
            .Produces<AuditReply>().Produces<ApiProblem>(StatusCodes.Status422UnprocessableEntity, "application/problem+json");
    }

    private async Task<IResult> ReadAsync(
        HttpContext context, string? site, string? who, DateTimeOffset? since, int? limit, string? after, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > AuditReply.MaxLimit)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, $"'limit' is {limit}; 1 to {AuditReply.MaxLimit} are allowed.");
        }

        AuditPosition position = AuditPosition.Newest;
        if (after is not null && !AuditPosition.TryParse(after, out position))
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, "'after' is not the 'next' of an earlier answer.");
        }

        PurgeGrant grant = grants.Of(context.User);
        bool mayRead = context.User.HasClaim(ScopePolicies.Claim, nameof(Scope.Read)) || context.User.HasClaim(ScopePolicies.Claim, nameof(Scope.Admin));
        return TypedResults.Ok(await trail.ReadAsync(
            new AuditQuery
            {
                Site = site,
                Who = who,
                Since = since,
                Limit = limit ?? AuditReply.DefaultLimit,
                After = position,
                Configs = mayRead && grant.Sites is null,
                MaySee = grant.AllowsSite,
            },
            cancellationToken));
    }
}
