namespace OrleansCdn.Edge.Tests.Properties;

internal enum MayStore
{
    Yes,

    /// <summary>The resource itself is not for sharing.</summary>
    ResourceForbids,

    /// <summary>This request forbids it; another one might not.</summary>
    RequestForbids,
}

/// <summary>RFC 9111 and RFC 5861 as plainly as they can be written, for the few directives that the scripted origin uses.</summary>
internal static class Rules
{
    /// <summary>Seconds that a site allows a stale object to stand in when its origin fails and did not say how long.</summary>
    public const double Grace = 10;

    /// <summary>Larger than what the site keeps: the first one has a limit of 64 KiB, the other the default.</summary>
    public static bool IsTooLarge(ModelKey key, OriginPolicy policy) => key.Site == "www" && policy.Length > 64 * 1024;

    public static MayStore Storable(OriginPolicy policy, ModelRequest request)
    {
        // §3: no-store, private, and what is for one request by its nature.
        if (policy.NoStore || policy.Private || policy.VaryAny || policy.SetCookie)
        {
            return MayStore.ResourceForbids;
        }

        // §3.5: a shared cache keeps answers to requests with credentials only where the origin says so.
        if (request.NoStore || (request.Authorization && !policy.Public && !policy.MustRevalidate && policy.SharedMaxAge is null))
        {
            return MayStore.RequestForbids;
        }

        bool isOfUse = Lifetime(policy) is { } lifetime
            && (lifetime > 0 || policy.HasTag || (!NeverStale(policy) && (policy.StaleWhileRevalidate is not null || policy.StaleIfError is not null)));
        return isOfUse ? MayStore.Yes : MayStore.ResourceForbids;
    }

    /// <summary>§4.2.1, for a shared cache; null: none. An entity tag alone is reason to keep a 200 or 404 for validation.</summary>
    public static double? Lifetime(OriginPolicy policy)
    {
        double? said = policy.SharedMaxAge ?? policy.MaxAge;
        if (said is null && policy.HasTag && (policy.Status is 200 or 404 || policy.Public))
        {
            said = 0;
        }

        return policy.NoCache ? 0 : said;
    }

    /// <summary>§4.2.4: must-revalidate, no-cache, and s-maxage (§5.2.2.10) forbid any use of stale responses.</summary>
    public static bool NeverStale(OriginPolicy policy) => policy.MustRevalidate || policy.NoCache || policy.SharedMaxAge is not null;

    public static double StaleWhileRevalidate(OriginPolicy policy) => NeverStale(policy) ? 0 : policy.StaleWhileRevalidate ?? 0;

    public static double StaleIfError(OriginPolicy policy) => NeverStale(policy) ? 0 : policy.StaleIfError ?? Grace;

    public static bool IsFailure(int status) => status is 500 or 502 or 503 or 504;

    /// <summary>§4.1, with <c>Accept-Encoding</c> compared by the codings that are asked for.</summary>
    public static string Selecting(OriginPolicy policy, ModelRequest request) =>
        $"{(policy.VaryLanguage ? "language=" + request.Language : "")};{(policy.VaryEncoding ? "encoding=" + request.Codings : "")}";
}
