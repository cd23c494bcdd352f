using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace OrleansCdn.Silo.Auth;

/// <summary>Says in a refusal what would have been needed.</summary>
internal sealed record NeededScope(string Text);

internal static class ScopePolicies
{
    public const string Claim = "scope";

    /// <summary>Whether a request's token has the scope, or <see cref="Scope.Admin"/>.</summary>
    public static bool Has(ClaimsPrincipal user, Scope scope) => user.HasClaim(Claim, scope.ToString()) || user.HasClaim(Claim, nameof(Scope.Admin));

    /// <summary>Lets a request through whose token has one of the scopes, or <see cref="Scope.Admin"/>.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder endpoint, params Scope[] scopes)
        where TBuilder : IEndpointConventionBuilder
    {
        string[] allowed = [.. scopes.Append(Scope.Admin).Distinct().Select(s => s.ToString())];
        AuthorizationPolicy policy = new AuthorizationPolicyBuilder(TokenAuthenticationHandler.SchemeName)
            .RequireAuthenticatedUser()
            .RequireClaim(Claim, allowed)
            .Build();
        return endpoint.RequireAuthorization(policy)
            .WithMetadata(new NeededScope(string.Join(" or ", allowed.Select(s => s.ToLowerInvariant()))));
    }
}
