using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Silo.Api;
using OrleansCdn.Silo.Api.Plugins;

namespace OrleansCdn.Silo.Auth;

/// <summary>
/// <c>Authorization: Bearer TOKEN</c> (RFC 6750), against the tokens file; on routes in a vendor's form also in that vendor's field.
/// </summary>
internal sealed class TokenAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    TokenStore tokens,
    RefusedTokens refused) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Bearer";
    private const string Prefix = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        string header = Request.Headers.Authorization.ToString();
        if (header.Length == 0 && Context.GetEndpoint()?.Metadata.GetMetadata<PluginForm>() is not null
            && Request.Headers[FastlyRoutes.TokenField] is { Count: > 0 } token)
        {
            header = Prefix + token;
        }

        if (header.Length == 0)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || tokens.Find(header[Prefix.Length..].Trim()) is not { } entry)
        {
            return Task.FromResult(AuthenticateResult.Fail("unknown token"));
        }

        var identity = new ClaimsIdentity(SchemeName);
        identity.AddClaim(new Claim(ClaimTypes.Name, entry.Name));
        foreach (Scope scope in Enum.GetValues<Scope>().Where(s => s != Scope.None && entry.Scopes.HasFlag(s)))
        {
            identity.AddClaim(new Claim(ScopePolicies.Claim, scope.ToString()));
        }

        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        using RateLimitLease lease = refused.Attempt(Context);
        if (!lease.IsAcquired)
        {
            Response.Headers.RetryAfter = RefusedTokens.RetryAfterSeconds;
            return Problems.WriteAsync(
                Context, StatusCodes.Status429TooManyRequests, "Too many requests without a valid token from this address: wait 10 seconds, and mend the token.");
        }

        Response.Headers.WWWAuthenticate = "Bearer realm=\"cdn\"";
        return Problems.WriteAsync(Context, StatusCodes.Status401Unauthorized, Request.Headers.Authorization.Count == 0
            ? "Send a token as 'Authorization: Bearer TOKEN'. OrleansCdn.Silo --new-token NAME --scopes admin makes one for the silo's tokens file."
            : "This token is not in the silo's tokens file. Check it for cut or added characters; the silo reads the file at its start.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        string needed = Context.GetEndpoint()?.Metadata.GetMetadata<NeededScope>()?.Text ?? "admin";
        return Problems.WriteAsync(
            Context, StatusCodes.Status403Forbidden, $"The token '{Context.User.Identity?.Name}' lacks a scope for this: it needs {needed}. Add it to the token's entry in the tokens file, or use another token.");
    }
}
