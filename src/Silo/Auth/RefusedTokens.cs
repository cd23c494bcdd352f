using System.Threading.RateLimiting;

namespace OrleansCdn.Silo.Auth;

/// <summary>Slows down who tries tokens, per address. A valid token is never slowed down by the failures of others.</summary>
internal sealed class RefusedTokens : IDisposable
{
    /// <summary>Enough for a person who mistypes, or a deployment with an outdated token that retries.</summary>
    private const int FailuresPerWindow = 20;

    public const string RetryAfterSeconds = "10";

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly PartitionedRateLimiter<HttpContext> _limiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
        RateLimitPartition.GetFixedWindowLimiter(
            context.Connection.RemoteIpAddress?.ToString() ?? "",
            _ => new FixedWindowRateLimiterOptions { PermitLimit = FailuresPerWindow, Window = Window }));

    public RateLimitLease Attempt(HttpContext context) => _limiter.AttemptAcquire(context);

    public void Dispose() => _limiter.Dispose();
}
