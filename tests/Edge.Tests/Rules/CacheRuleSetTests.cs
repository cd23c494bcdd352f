using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Rules;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Rules;

public sealed class CacheRuleSetTests
{
    private static CacheRuleConfig Rule(string? path = null, string[]? extensions = null, bool bypass = false, int? ttl = null) => new()
    {
        Path = path, Extensions = [.. extensions ?? []], Bypass = bypass, Ttl = ttl is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
    };

    private static ResponseHeader Type(string? type) => type is null ? ResponseHeader.Empty : new ResponseHeader([new("Content-Type", type)]);

    private static double? Ttl(CacheRuleSet rules, string target, int status = 200, string? type = "text/css") =>
        rules.ForResponse(target, status, Type(type))?.Ttl?.TotalSeconds;

    /// <summary>The index agrees with trying one rule after the other.</summary>
    [Fact]
    public void The_index_finds_the_first_that_matches()
    {
        const int Seed = 20261124;
        var random = new Random(Seed);
        string[] paths = ["/", "/a", "/a/", "/a/b", "/a/b.css", "/a/b.CSS", "/a.css/b", "/b.js", "/a/.css", "/a.b.js", "/a/*", ".css"];
        string?[] patterns = [null, "/*", "/a", "/a/*", "/a*", "/a/b.css", "/b*"];
        string[][] extensions = [[], [], ["css"], ["js", "css"], ["b"]];
        for (int i = 0; i < 5_000; i++)
        {
            PathPattern[] all = [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ =>
                new PathPattern(patterns[random.Next(patterns.Length)], [.. extensions[random.Next(extensions.Length)]]))];
            var index = new PathIndex(all.Index());
            foreach (string path in paths)
            {
                int naive = Array.FindIndex(all, p => p.Matches(path));
                Assert.True(index.Find(path) == (naive < 0 ? PathIndex.None : naive), $"seed {Seed}: {path}");
            }
        }
    }

    [Theory]
    [InlineData("/static/x.css", 200, "text/css", 60.0)]
    [InlineData("/static/x.css?a=/../b", 200, "text/css", 60.0)]
    [InlineData("/static/x", 404, "text/html", null)]
    [InlineData("/static/x", 500, "text/html", null)]
    [InlineData("/static/x", 302, "text/html", null)]
    [InlineData("/static/x", 301, "text/html", 60.0)]
    [InlineData("/static/../account", 200, "text/html", null)]
    [InlineData("/static/..%2faccount", 200, "text/html", null)]
    [InlineData("/static/%2E%2E/account", 200, "text/html", null)]
    [InlineData("/static/..;/account", 200, "text/html", null)]
    [InlineData("/static\\..\\account", 200, "text/html", null)]
    [InlineData("/static/..\\account", 200, "text/html", null)]
    [InlineData("/static/a%5cb", 200, "text/html", null)]
    [InlineData("/static/.", 200, "text/html", null)]
    [InlineData("/static/a.b", 200, "text/html", 60.0)]
    [InlineData("/static/%20b%", 200, "text/html", 60.0)]
    public void A_lifetime_is_for_what_a_path_plainly_names(string target, int status, string type, double? expected) =>
        Assert.Equal(expected, Ttl(new CacheRuleSet([Rule("/static/*", ttl: 60)], null), target, status, type));

    [Theory]
    [InlineData("/account/x.css", "text/html; charset=utf-8", null)]
    [InlineData("/account/x.css", "application/json", null)]
    [InlineData("/account/x.css", null, null)]
    [InlineData("/account/x.css", "Text/CSS;charset=utf-8", 60.0)]
    [InlineData("/account/x.png", "text/html", null)]
    [InlineData("/account/x.png", "image/webp", 60.0)]
    [InlineData("/account/x.png", "application/octet-stream", 60.0)]
    [InlineData("/account/x.php", "text/html", 60.0)]
    public void An_extension_is_believed_when_the_content_type_fits(string target, string? type, double? expected) =>
        Assert.Equal(expected, Ttl(new CacheRuleSet([Rule(extensions: ["css", "png", "php"], ttl: 60)], null), target, 200, type));

    [Fact]
    public void A_response_that_does_not_fit_is_left_to_the_rules_after()
    {
        var rules = new CacheRuleSet([Rule(extensions: ["css"], ttl: 60), Rule("/account/*", bypass: true)], null);
        Assert.True(rules.ForResponse("/account/x.css", 200, Type("text/html"))!.Bypass);
    }

    [Fact]
    public void Statuses_and_content_types_choose_a_rule_when_the_response_is_here()
    {
        ImmutableArray<CacheRuleConfig> config =
        [
            Rule(ttl: 10) with { Statuses = ["404", "5xx"] },
            Rule(ttl: 20) with { ContentTypes = ["image/*", "font/woff2"] },
            Rule("/api/*", bypass: true),
            Rule(ttl: 30),
        ];
        var rules = new CacheRuleSet(config, null);
        Assert.Equal(10, Ttl(rules, "/a", 404));
        Assert.Equal(10, Ttl(rules, "/a", 503));
        Assert.Equal(20, Ttl(rules, "/a", 200, "Image/PNG"));
        Assert.Equal(30, Ttl(rules, "/a", 200, "imagex/png"));
        Assert.Null(Ttl(rules, "/a", 403, "text/html"));
        Assert.Equal(20, Ttl(rules, "/api/a", 200, "font/woff2"));
        Assert.True(rules.ForResponse("/api/a", 200, Type("text/html"))!.Bypass);

        // Until the response is here it is not known that the bypass decides.
        Assert.False(rules.ForRequest("/api/a").IsBypass);
        Assert.True(new CacheRuleSet(config[2..], null).ForRequest("/api/a").IsBypass);
    }

    [Fact]
    public void Requests_pass_by_for_the_cookies_and_fields_that_a_rule_names()
    {
        var rules = new CacheRuleSet([Rule("/shop/*") with { BypassCookies = ["session"], BypassHeaders = ["x-preview"] }], null);
        RequestRule rule = rules.ForRequest("/shop/a");
        Assert.True(rule.Bypasses(Request("Cookie", "a=b; session=1")));
        Assert.True(rule.Bypasses(Request("Cookie", "session")));
        Assert.True(rule.Bypasses(Request("X-Preview", "")));
        Assert.False(rule.Bypasses(Request("Cookie", "a=session=1; sessions=1; xsession=1")));
        Assert.False(rules.ForRequest("/other").Bypasses(Request("Cookie", "session=1")));
    }

    [Fact]
    public void Only_the_cookies_of_the_key_go_on()
    {
        var key = new CacheKeyConfig { Query = QueryHandling.Keep, Cookies = ["currency"], ForwardCookies = false };
        RequestRule rule = new CacheRuleSet([], key).ForRequest("/x");
        Assert.Equal("currency=EUR", rule.CookiesOf("a=b; currency=EUR;c"));
        Assert.Equal("currency=EUR; currency=USD", rule.CookiesOf("currency=EUR; a=b; currency=USD"));
        Assert.Equal(0, rule.CookiesOf("a=b").Count);
        Assert.True(rule.Bypasses(Request("Cookie", "currency=" + new string('x', RequestRule.MaxKeyValueLength + 1))));
        Assert.False(rule.Bypasses(Request("Cookie", "currency=" + new string('x', RequestRule.MaxKeyValueLength))));
    }

    [Fact]
    public void Finding_a_rule_costs_no_memory()
    {
        ImmutableArray<CacheRuleConfig> config = [Rule("/a"), Rule(extensions: ["css"], ttl: 1), Rule("/b/*"), Rule("/c/*", ["js"])];
        var rules = new CacheRuleSet(config, null);
        Find(rules);
        Assert.Equal(0, Allocations.Of(() => Find(rules)));

        static void Find(CacheRuleSet rules)
        {
            foreach (string path in (ReadOnlySpan<string>)["/a", "/x.css", "/b/c", "/c/x.js", "/none"])
            {
                rules.ForRequest(path);
            }
        }
    }

    private static HeaderDictionary Request(string name, string value) => new() { [name] = value };
}
