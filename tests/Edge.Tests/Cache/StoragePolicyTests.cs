using System.Globalization;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Tests.Cache;

public sealed class StoragePolicyTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly RequestFacts Get = new(IsGet: true, HasAuthorization: false, NoStore: false);

    private static readonly CacheConfig Site = new()
    {
        DefaultTtl = TimeSpan.Zero,
        Grace = TimeSpan.FromMinutes(10),
        MaxObjectBytes = 1024 * 1024,
        Rules = [],
    };

    private static StorageDecision Decide(string fields, int status = 200, RequestFacts? request = null, CacheConfig? site = null, CacheRuleConfig? rule = null)
    {
        var header = new ResponseHeader([
            .. fields.Split('|', StringSplitOptions.RemoveEmptyEntries)
                .Select(f => f.Split(": ", 2))
                .GroupBy(f => f[0])
                .Select(g => new KeyValuePair<string, StringValues>(g.Key, g.Select(f => f[1]).ToArray())),
        ]);
        return StoragePolicy.Decide(request ?? Get, status, header, site ?? Site, rule, "founding", Now);
    }

    private static string Http(DateTimeOffset time) => time.ToString("r", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("Cache-Control: max-age=60", 60)]
    [InlineData("Cache-Control: max-age=60, s-maxage=5", 5)]
    [InlineData("Cache-Control: s-maxage=60, max-age=0", 60)]
    [InlineData("Cache-Control: max-age=60|Expires: Thu, 01 Jan 1970 00:00:00 GMT", 60)]
    [InlineData("Date: Thu, 01 Jan 2026 12:00:00 GMT|Expires: Thu, 01 Jan 2026 13:00:00 GMT", 3600)]
    [InlineData("Date: Thu, 01 Jan 2026 12:00:00 GMT|Last-Modified: Thu, 01 Jan 2026 11:00:00 GMT", 360)]
    [InlineData("Last-Modified: Sat, 01 Jan 2000 00:00:00 GMT", 24 * 3600)]
    [InlineData("ETag: \"x\"|Expires: 0", 0)]
    [InlineData("ETag: \"x\"|Cache-Control: no-cache, max-age=60", 0)]
    [InlineData("ETag: \"x\"|Pragma: no-cache|Last-Modified: Sat, 01 Jan 2000 00:00:00 GMT", 0)]
    [InlineData("Pragma: no-cache|Cache-Control: max-age=60", 60)]
    public void Lifetimes(string fields, double expected)
    {
        StorageDecision decision = Decide(fields);
        Assert.Equal(NotStoredReason.None, decision.Reason);
        Assert.Equal(expected, decision.Lifetime, 3);
    }

    [Theory]
    [InlineData("Cache-Control: max-age=60", LifetimeSource.MaxAge)]
    [InlineData("Cache-Control: max-age=60, s-maxage=5", LifetimeSource.SharedMaxAge)]
    [InlineData("Date: Thu, 01 Jan 2026 12:00:00 GMT|Expires: Thu, 01 Jan 2026 13:00:00 GMT", LifetimeSource.Expires)]
    [InlineData("ETag: \"x\"|Expires: 0", LifetimeSource.Expires)]
    [InlineData("CDN-Cache-Control: max-age=60|Cache-Control: max-age=5", LifetimeSource.Targeted)]
    [InlineData("Last-Modified: Sat, 01 Jan 2000 00:00:00 GMT", LifetimeSource.Heuristic)]
    [InlineData("ETag: \"x\"", LifetimeSource.ValidatorOnly)]
    [InlineData("ETag: \"x\"|Cache-Control: no-cache, max-age=60", LifetimeSource.NoCache)]
    [InlineData("ETag: \"x\"|Pragma: no-cache", LifetimeSource.NoCache)]
    public void Each_lifetime_names_its_source(string fields, LifetimeSource expected)
    {
        Assert.Equal(expected, Decide(fields).Source);
        var rule = new CacheRuleConfig { Extensions = [], Bypass = false, Ttl = TimeSpan.FromSeconds(7) };
        Assert.Equal(LifetimeSource.Rule, Decide(fields, rule: rule).Source);
    }

    [Fact]
    public void The_sites_default_is_named_where_the_response_says_nothing() =>
        Assert.Equal(LifetimeSource.SiteDefault, Decide("", site: Site with { DefaultTtl = TimeSpan.FromSeconds(9) }).Source);

    [Theory]
    [InlineData("CDN-Cache-Control: max-age=60|Cache-Control: max-age=5|Expires: 0", 60)]
    [InlineData("CDN-Cache-Control: max-age=60|Cache-Control: no-store", 60)]
    [InlineData("CDN-Cache-Control: max-age=99999999999", CacheDirectives.MaxSeconds)]
    [InlineData("CDN-Cache-Control: max-age=0|Cache-Control: max-age=60|ETag: x", 0)]
    [InlineData("CDN-Cache-Control: no-cache|Cache-Control: max-age=60|ETag: x", 0)]
    [InlineData("founding-Cache-Control: max-age=7|CDN-Cache-Control: max-age=60", 7)]
    [InlineData("founding-Cache-Control: MAX-AGE=7|CDN-Cache-Control: max-age=60", 60)]
    [InlineData("other-Cache-Control: max-age=7|CDN-Cache-Control: max-age=60", 60)]
    [InlineData("CDN-Cache-Control: max-age=60, &&|Cache-Control: max-age=5", 5)]
    [InlineData("CDN-Cache-Control: max-age=\"60\"|Cache-Control: max-age=5", 5)]
    [InlineData("CDN-Cache-Control: |Cache-Control: max-age=5", 5)]
    [InlineData("Surrogate-Control: max-age=9, content=\"ESI/1.0\"|Cache-Control: max-age=5", 9)]
    [InlineData("CDN-Cache-Control: max-age=60|Surrogate-Control: max-age=9", 60)]
    public void The_targeted_field_counts_instead(string fields, double expected)
    {
        StorageDecision decision = Decide(fields);
        Assert.Equal(NotStoredReason.None, decision.Reason);
        Assert.Equal(expected, decision.Lifetime, 3);
    }

    [Theory]
    [InlineData("CDN-Cache-Control: no-store|Cache-Control: max-age=60", NotStoredReason.NoStore)]
    [InlineData("CDN-Cache-Control: private|Cache-Control: max-age=60", NotStoredReason.Private)]
    [InlineData("CDN-Cache-Control: private=\"a\"|Cache-Control: max-age=60", NotStoredReason.Private)]
    [InlineData("CDN-Cache-Control: foo|Cache-Control: max-age=60", NotStoredReason.NoLifetime)]
    public void The_targeted_field_forbids_alone(string fields, NotStoredReason expected) => Assert.Equal(expected, Decide(fields).Reason);

    [Theory]
    [InlineData(SetCookieHandling.Refuse, NotStoredReason.SetCookie)]
    [InlineData(SetCookieHandling.Strip, NotStoredReason.None)]
    [InlineData(SetCookieHandling.Store, NotStoredReason.None)]
    public void The_site_says_what_becomes_of_cookies(SetCookieHandling handling, NotStoredReason expected) =>
        Assert.Equal(expected, Decide("Cache-Control: max-age=60|Set-Cookie: a=b", site: Site with { SetCookie = handling }).Reason);

    [Theory]
    [InlineData("Cache-Control: max-age=60, no-store", 200, NotStoredReason.NoStore)]
    [InlineData("Cache-Control: no-store, must-understand, max-age=60", 200, NotStoredReason.None)]
    [InlineData("Cache-Control: must-understand, max-age=60", 299, NotStoredReason.Status)]
    [InlineData("Cache-Control: private, max-age=60", 200, NotStoredReason.Private)]
    [InlineData("Cache-Control: max-age=60|Set-Cookie: a=b", 200, NotStoredReason.SetCookie)]
    [InlineData("Cache-Control: max-age=60|Vary: a, *", 200, NotStoredReason.VaryAny)]
    [InlineData("Cache-Control: max-age=60", 206, NotStoredReason.Partial)]
    [InlineData("Cache-Control: max-age=60", 302, NotStoredReason.None)]
    [InlineData("Cache-Control: max-age=60", 599, NotStoredReason.None)]
    [InlineData("", 200, NotStoredReason.NoLifetime)]
    [InlineData("Last-Modified: Sat, 01 Jan 2000 00:00:00 GMT", 302, NotStoredReason.NoLifetime)]
    [InlineData("Last-Modified: Sat, 01 Jan 2000 00:00:00 GMT", 404, NotStoredReason.None)]
    public void Reasons(string fields, int status, NotStoredReason expected) => Assert.Equal(expected, Decide(fields, status).Reason);

    [Theory]
    [InlineData("Cache-Control: max-age=60", NotStoredReason.Authorization)]
    [InlineData("Cache-Control: max-age=60, public", NotStoredReason.None)]
    [InlineData("Cache-Control: s-maxage=60", NotStoredReason.None)]
    [InlineData("Cache-Control: max-age=60, must-revalidate", NotStoredReason.None)]
    public void Authorization(string fields, NotStoredReason expected) =>
        Assert.Equal(expected, Decide(fields, request: Get with { HasAuthorization = true }).Reason);

    [Fact]
    public void Requests_that_are_not_stored()
    {
        Assert.Equal(NotStoredReason.Method, Decide("Cache-Control: max-age=60", request: Get with { IsGet = false }).Reason);
        Assert.Equal(NotStoredReason.RequestNoStore, Decide("Cache-Control: max-age=60", request: Get with { NoStore = true }).Reason);
    }

    [Theory]
    [InlineData("Cache-Control: max-age=60", false, 600.0)]
    [InlineData("Cache-Control: max-age=60, stale-if-error=5", false, 5.0)]
    [InlineData("Cache-Control: max-age=60, stale-if-error=5, must-revalidate", true, 0.0)]
    [InlineData("Cache-Control: max-age=60, stale-if-error=5, proxy-revalidate", true, 0.0)]
    [InlineData("Cache-Control: s-maxage=60, stale-if-error=5", true, 0.0)]
    public void Staleness(string fields, bool never, double ifError)
    {
        StorageDecision decision = Decide(fields);
        Assert.Equal(never, decision.NeverStale);
        Assert.Equal(ifError, decision.StaleIfError);
    }

    [Fact]
    public void A_rule_sets_the_lifetime_but_stores_nothing_that_may_not_be_stored()
    {
        var rule = new CacheRuleConfig { Extensions = [], Bypass = false, Ttl = TimeSpan.FromHours(1) };
        Assert.Equal(3600, Decide("Cache-Control: max-age=5", rule: rule).Lifetime);
        Assert.Equal(3600, Decide("", rule: rule).Lifetime);
        Assert.Equal(NotStoredReason.Private, Decide("Cache-Control: private", rule: rule).Reason);
        Assert.Equal(NotStoredReason.Bypass, Decide("Cache-Control: max-age=5", rule: rule with { Bypass = true }).Reason);
    }

    [Fact]
    public void Freshness_never_comes_back_as_time_goes_on()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var response = new StoredResponse
            {
                Key = new CacheKey("s", false, "h", "/"), Url = "", Status = 200, Header = ResponseHeader.Empty, VisitorHeader = ResponseHeader.Empty,
                Body = new CachedBody([]), Vary = VarySelector.None, Tags = [], InitialAge = random.Next(100), ReceivedAt = random.Next(1000),
                Storage = new StorageDecision { Reason = NotStoredReason.None, Lifetime = random.Next(200) },
                SoftPurgedAt = random.Next(2) == 0 ? double.NaN : random.Next(1000, 1200),
            };
            double ttl = double.MaxValue;
            for (double now = response.ReceivedAt; now < response.ReceivedAt + 400; now += random.NextDouble() * 20)
            {
                Assert.True(response.TimeToLive(now) <= ttl, $"seed {seed}");
                ttl = response.TimeToLive(now);
            }
        }
    }

    [Fact]
    public void An_Expires_before_Date_is_stale() =>
        Assert.Equal(0, Decide($"ETag: \"x\"|Date: {Http(Now)}|Expires: {Http(Now.AddSeconds(-1))}").Lifetime);
}
