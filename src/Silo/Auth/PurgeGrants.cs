using System.Collections.Frozen;
using System.Security.Claims;
using System.Threading.RateLimiting;

namespace OrleansCdn.Silo.Auth;

/// <summary>What the token of a request may purge, and how much of that it has left this minute.</summary>
internal sealed class PurgeGrants(TokenStore tokens) : IDisposable
{
    private static readonly PurgeGrant Nothing = new([], [], null);

    private readonly FrozenDictionary<string, PurgeGrant> _grants = tokens.Entries.ToFrozenDictionary(e => e.Name, e => e.Grant);

    /// <summary>One per token with a rate, for as long as the tokens file is.</summary>
    private readonly FrozenDictionary<string, TokenBucketRateLimiter> _limiters = tokens.Entries
        .Where(e => e.Grant.Rate is not null)
        .ToFrozenDictionary(e => e.Name, e => Limiter(e.Grant.Rate!.Value));

    public PurgeGrant Of(ClaimsPrincipal user) => _grants.GetValueOrDefault(user.Identity?.Name ?? "", Nothing);

    /// <summary>Takes a purge of so many values off the token's minute.</summary>
    /// <returns>Null: taken. Else how long to wait; <see cref="TimeSpan.MaxValue"/> for more than a whole minute allows.</returns>
    public TimeSpan? Take(ClaimsPrincipal user, int values)
    {
        if (Of(user).Rate is not { } rate)
        {
            return null;
        }

        if (values > rate)
        {
            return TimeSpan.MaxValue;
        }

        TokenBucketRateLimiter limiter = _limiters[user.Identity!.Name!];
        limiter.TryReplenish();
        using RateLimitLease lease = limiter.AttemptAcquire(values);
        return lease.IsAcquired ? null
            : lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait) ? wait
            : TimeSpan.FromMinutes(1);
    }

    public void Dispose()
    {
        foreach (TokenBucketRateLimiter limiter in _limiters.Values)
        {
            limiter.Dispose();
        }
    }

    /// <summary>Full at start and filled evenly, on demand rather than by a timer per token.</summary>
    private static TokenBucketRateLimiter Limiter(int rate) => new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = rate,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromMinutes(1) / rate,
        AutoReplenishment = false,
    });
}
