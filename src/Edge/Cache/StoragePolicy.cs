using System.Net;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Cache;

/// <summary>What a request says about storing the answer.</summary>
public readonly record struct RequestFacts(bool IsGet, bool HasAuthorization, bool NoStore)
{
    /// <summary>The answer is likely not to be shared, because of the request.</summary>
    public bool IsForOneAlone => HasAuthorization || NoStore;
}

/// <summary>Whether and for how long a response is stored; all times in seconds.</summary>
public readonly record struct StorageDecision
{
    public required NotStoredReason Reason { get; init; }

    /// <summary>Freshness lifetime (RFC 9111 §4.2.1); 0: to be validated before each use.</summary>
    public double Lifetime { get; init; }

    /// <summary>Where <see cref="Lifetime"/> comes from.</summary>
    public LifetimeSource Source { get; init; }

    public double StaleWhileRevalidate { get; init; }

    /// <summary>How long past the lifetime it may stand in for an origin that fails.</summary>
    public double StaleIfError { get; init; }

    /// <summary>May be served past its lifetime under no circumstances (RFC 9111 §4.2.4).</summary>
    public bool NeverStale { get; init; }

    /// <summary>Stored without <c>Set-Cookie</c>.</summary>
    public bool StripsCookies { get; init; }

    public bool IsStored => Reason == NotStoredReason.None;
}

/// <summary>A freshness lifetime in seconds, and what gave it.</summary>
internal readonly record struct Lifetime(double Seconds, LifetimeSource Source);

/// <summary>RFC 9111 §3 and §4.2, with RFC 9213 before them, as pure functions of request, response and the site's settings.</summary>
public static class StoragePolicy
{
    /// <summary>RFC 9111 §4.2.2: a tenth of the time since the last change is the usual heuristic.</summary>
    private const double HeuristicFraction = 0.1;

    /// <summary>A guess never lasts longer than a day, so that a wrong one heals by itself.</summary>
    private const double MaxHeuristicLifetime = 24 * 3600;

    public static StorageDecision Decide(
        RequestFacts request, int status, ResponseHeader header, CacheConfig site, CacheRuleConfig? rule, string cdn, DateTimeOffset now)
    {
        CacheDirectives? targeted = TargetedCacheControl.Find(header, cdn);
        CacheDirectives cc = targeted ?? CacheDirectives.Parse(header["Cache-Control"]);
        if (rule is { OverrideOrigin: true })
        {
            cc = default;
        }

        SetCookieHandling setCookie = rule?.SetCookie ?? site.SetCookie;
        NotStoredReason reason = Forbidden(request, status, header, cc, setCookie, rule);
        if (reason != NotStoredReason.None)
        {
            return new StorageDecision { Reason = reason };
        }

        Lifetime? lifetime = rule?.Ttl is { } ttl
            ? new Lifetime(ttl.TotalSeconds, LifetimeSource.Rule)
            : ExplicitLifetime(cc, header, isTargeted: targeted is not null, now)
                ?? HeuristicLifetime(status, header, cc, isTargeted: targeted is not null, site, now);
        if (cc.Has(CacheFlags.NoCache) && rule?.Ttl is null)
        {
            lifetime = new Lifetime(0, LifetimeSource.NoCache);
        }

        lifetime = Within(rule, lifetime, cc);

        // s-maxage implies proxy-revalidate (RFC 9111 §5.2.2.10).
        bool neverStale = cc.Has(CacheFlags.MustRevalidate | CacheFlags.ProxyRevalidate | CacheFlags.NoCache)
            || cc.SharedMaxAge is not null;
        bool isOfUseStale = !neverStale && (cc.StaleWhileRevalidate is not null || cc.StaleIfError is not null);
        bool hasValidator = header.Contains("ETag") || header.Contains("Last-Modified");
        if (lifetime is not { } granted || (granted.Seconds <= 0 && !hasValidator && !isOfUseStale))
        {
            return new StorageDecision { Reason = NotStoredReason.NoLifetime };
        }

        return new StorageDecision
        {
            Reason = NotStoredReason.None,
            Lifetime = Math.Min(granted.Seconds, CacheDirectives.MaxSeconds),
            Source = granted.Source,
            StaleWhileRevalidate = neverStale ? 0 : cc.StaleWhileRevalidate ?? HealthyGrace(site, granted.Seconds),
            StaleIfError = neverStale ? 0 : cc.StaleIfError ?? site.Grace.TotalSeconds,
            NeverStale = neverStale,
            StripsCookies = setCookie == SetCookieHandling.Strip,
        };
    }

    /// <summary>The bounds of a site's rule. What must be asked for before each use stays so.</summary>
    private static Lifetime? Within(CacheRuleConfig? rule, Lifetime? lifetime, CacheDirectives cc)
    {
        if (rule is null || lifetime is not { } granted || cc.Has(CacheFlags.NoCache))
        {
            return lifetime;
        }

        double least = rule.MinTtl?.TotalSeconds ?? 0;
        double bounded = Math.Max(least, Math.Min(granted.Seconds, rule.MaxTtl?.TotalSeconds ?? double.MaxValue));
        return bounded == granted.Seconds ? granted : new Lifetime(bounded, LifetimeSource.Rule);
    }

    /// <summary>What has no lifetime is to be validated before each use: there is nothing to prolong.</summary>
    private static double HealthyGrace(CacheConfig site, double lifetime) => lifetime > 0 ? site.HealthyGrace.TotalSeconds : 0;

    private static NotStoredReason Forbidden(
        RequestFacts request, int status, ResponseHeader header, CacheDirectives cc, SetCookieHandling setCookie, CacheRuleConfig? rule)
    {
        if (!request.IsGet)
        {
            return NotStoredReason.Method;
        }

        if (rule?.Bypass == true)
        {
            return NotStoredReason.Bypass;
        }

        if (status is (int)HttpStatusCode.PartialContent or (int)HttpStatusCode.NotModified)
        {
            return NotStoredReason.Partial;
        }

        if (IsAboutRequest(status))
        {
            return NotStoredReason.Refused;
        }

        if (status is < 200 or > 599 || (cc.Has(CacheFlags.MustUnderstand) && !IsUnderstood(status)))
        {
            return NotStoredReason.Status;
        }

        // must-understand overrides no-store for a status that is understood (RFC 9111 §5.2.2.3).
        if (cc.Has(CacheFlags.NoStore) && !cc.Has(CacheFlags.MustUnderstand))
        {
            return NotStoredReason.NoStore;
        }

        if (cc.Has(CacheFlags.Private))
        {
            return NotStoredReason.Private;
        }

        if (setCookie == SetCookieHandling.Refuse && header.Contains("Set-Cookie"))
        {
            return NotStoredReason.SetCookie;
        }

        return VarySelector.IsAny(header["Vary"]) ? NotStoredReason.VaryAny : ForbiddenByRequest(request, cc);
    }

    /// <summary>Asked last, so that what forbids storing for everyone is never taken for one visitor's wish.</summary>
    private static NotStoredReason ForbiddenByRequest(RequestFacts request, CacheDirectives cc) =>
        request.NoStore ? NotStoredReason.RequestNoStore
        : request.HasAuthorization && !cc.Has(CacheFlags.Public | CacheFlags.MustRevalidate) && cc.SharedMaxAge is null ? NotStoredReason.Authorization
        : NotStoredReason.None;

    /// <summary>
    /// Answers to how something was asked for, not to what: whoever gets an origin to give one must not give it to all.
    /// 428, 429, 431 and 511 are stored by no cache (RFC 6585 §3 to §6), whatever they or a rule of the site say.
    /// </summary>
    private static bool IsAboutRequest(int status) => status is 406 or 408 or 411 or 413 or 415 or 417 or 421 or 425 or 426 or 428 or 429 or 431 or 511;

    private static Lifetime? ExplicitLifetime(CacheDirectives cc, ResponseHeader header, bool isTargeted, DateTimeOffset now)
    {
        if (cc.SharedMaxAge is { } shared)
        {
            return new Lifetime(shared, isTargeted ? LifetimeSource.Targeted : LifetimeSource.SharedMaxAge);
        }

        if (cc.MaxAge is { } age)
        {
            return new Lifetime(age, isTargeted ? LifetimeSource.Targeted : LifetimeSource.MaxAge);
        }

        StringValues expires = header["Expires"];
        if (isTargeted || expires.Count == 0)
        {
            return null;
        }

        // An Expires that is no date is in the past (RFC 9111 §5.3), and so are two of them.
        if (expires.Count > 1 || !HttpDate.TryParse(expires[0], now, out DateTimeOffset until))
        {
            return new Lifetime(0, LifetimeSource.Expires);
        }

        DateTimeOffset date = HttpDate.TryParse(header["Date"].FirstOrDefault(), now, out DateTimeOffset d) ? d : now;
        return new Lifetime(Math.Max(0, (until - date).TotalSeconds), LifetimeSource.Expires);
    }

    private static Lifetime? HeuristicLifetime(
        int status, ResponseHeader header, CacheDirectives cc, bool isTargeted, CacheConfig site, DateTimeOffset now)
    {
        bool mayGuess = IsHeuristicallyCacheable(status) || cc.Has(CacheFlags.Public);
        if (!mayGuess)
        {
            return null;
        }

        // HTTP/1.0 origins say it with Pragma; it counts only where there is no Cache-Control (RFC 9111 §5.4).
        if (!isTargeted && !header.Contains("Cache-Control") && header["Pragma"].ToString().Contains("no-cache", StringComparison.OrdinalIgnoreCase))
        {
            return new Lifetime(0, LifetimeSource.NoCache);
        }

        if (site.DefaultTtl > TimeSpan.Zero)
        {
            return new Lifetime(site.DefaultTtl.TotalSeconds, LifetimeSource.SiteDefault);
        }

        if (HttpDate.TryParse(header["Last-Modified"].FirstOrDefault(), now, out DateTimeOffset modified))
        {
            DateTimeOffset date = HttpDate.TryParse(header["Date"].FirstOrDefault(), now, out DateTimeOffset d) ? d : now;
            double guess = Math.Clamp((date - modified).TotalSeconds * HeuristicFraction, 0, MaxHeuristicLifetime);
            return new Lifetime(guess, LifetimeSource.Heuristic);
        }

        return header.Contains("ETag") ? new Lifetime(0, LifetimeSource.ValidatorOnly) : null;
    }

    /// <summary>RFC 9110 §15.1.</summary>
    private static bool IsHeuristicallyCacheable(int status) =>
        status is 200 or 203 or 204 or 300 or 301 or 308 or 404 or 405 or 410 or 414 or 501;

    /// <summary>Status codes whose caching requirements this cache implements, for <c>must-understand</c>.</summary>
    private static bool IsUnderstood(int status) => status is 200 or 203 or 204 or 300 or 301 or 302 or 303 or 307 or 308
        or 400 or 401 or 403 or 404 or 405 or 410 or 414 or 416 or 500 or 501 or 502 or 503 or 504;
}
