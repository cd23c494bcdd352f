using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Tests.Http;

namespace OrleansCdn.Edge.Tests.Rules;

/// <summary>Cache rules and keys over sockets.</summary>
public sealed class CacheRuleTests
{
    /// <summary>Answers with what it was asked, under the status and fields that the query names: <c>?status=404&amp;Cache-Control=no-store</c>.</summary>
    private static Task<TestOrigin> EchoAsync(params (string Name, string Value)[] fields) => TestOrigin.StartAsync(async context =>
    {
        foreach ((string name, string value) in fields)
        {
            context.Response.Headers[name] = value;
        }

        if (int.TryParse(context.Request.Path.Value!.Split('/')[^1], out int status))
        {
            context.Response.StatusCode = status;
        }

        await context.Response.WriteAsync($"{context.Request.QueryString} {context.Request.Headers.Cookie} {context.Request.Headers["X-Device"]}");
    });

    private static async Task<bool> IsHitAsync(TestEdge edge, string target, params (string, string)[] headers)
    {
        await edge.GetAsync(target, headers).TextAsync();
        HttpResponseMessage second = await edge.GetAsync(target, headers);
        await second.Content.ReadAsStringAsync();
        return second.CacheStatus().Contains("; hit", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lifetime_for_all_leaves_errors_alone_and_statuses_have_their_own()
    {
        await using TestOrigin origin = await EchoAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, """
            cache:
              rules:
                - { path: "/negative/*", statuses: ["404", "503"], ttl: 10s }
                - { path: "/*", ttl: 1h }
            """);
        Assert.Equal("waw; fwd=uri-miss; fwd-status=200; stored; ttl=3600", (await edge.GetAsync("/a/200")).CacheStatus());
        Assert.Equal("waw; fwd=uri-miss; fwd-status=404; stored; ttl=10", (await edge.GetAsync("/negative/404")).CacheStatus());
        Assert.Equal("waw; fwd=uri-miss; fwd-status=503; stored; ttl=10", (await edge.GetAsync("/negative/503")).CacheStatus());
        foreach (int status in new[] { 302, 403, 404, 500, 503 })
        {
            Assert.False(await IsHitAsync(edge, $"/a/{status}"), $"{status} was stored for an hour");
        }
    }

    [Fact]
    public async Task Bounds_hold_what_the_origin_says_within_them()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(context =>
        {
            context.Response.Headers.CacheControl = context.Request.QueryString.Value![1..];
            context.Response.Headers.ETag = "\"1\"";
            return context.Response.WriteAsync("x");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin, """
            cache:
              rules:
                - { min-ttl: 1m, max-ttl: 1h }
            """);
        Assert.Contains("; stored; ttl=60", (await edge.GetAsync("/x?max-age=5")).CacheStatus(), StringComparison.Ordinal);
        Assert.Contains("; stored; ttl=600", (await edge.GetAsync("/x?max-age=600")).CacheStatus(), StringComparison.Ordinal);
        Assert.Contains("; stored; ttl=3600", (await edge.GetAsync("/x?max-age=86400")).CacheStatus(), StringComparison.Ordinal);
        Assert.Contains("; stored; ttl=0", (await edge.GetAsync("/x?no-cache")).CacheStatus(), StringComparison.Ordinal);
        Assert.Contains("not-stored-no-store", (await edge.GetAsync("/x?no-store")).CacheStatus(), StringComparison.Ordinal);
    }

    /// <summary>Cache deception: a page of one visitor under a name that looks like a file for all.</summary>
    [Theory]
    [InlineData("/account/x.css", null, null, "not-stored-no-lifetime")]
    [InlineData("/account/x.png", null, null, "not-stored-no-lifetime")]
    [InlineData("/static/../account", null, null, "not-stored-no-lifetime")]
    [InlineData("/static/..%2faccount", null, null, "not-stored-no-lifetime")]
    [InlineData("/static/x.css", "Cache-Control", "private", "not-stored-private")]
    [InlineData("/static/x.css", "Cache-Control", "no-store", "not-stored-no-store")]
    [InlineData("/static/x.css", "Set-Cookie", "session=1", "not-stored-set-cookie")]
    public async Task A_rule_by_name_never_stores_one_visitors_page(string target, string? name, string? value, string expected)
    {
        await using TestOrigin origin = await EchoAsync([("Content-Type", "text/html"), .. name is null ? Array.Empty<(string, string)>() : [(name, value!)]]);
        await using TestEdge edge = await TestEdge.StartAsync(origin, """
            cache:
              rules:
                - { path: "/static/*", ttl: 1h }
                - { extensions: [css, png], ttl: 1h }
            """);
        string answer = await edge.RawAsync($"GET {target} HTTP/1.1\r\nHost: {TestEdge.Host}\r\nConnection: close\r\n\r\n");
        Assert.Contains($"fwd-status=200; detail={expected}", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_override_says_so_and_stores_what_the_origin_forbids_but_not_for_known_visitors()
    {
        await using TestOrigin origin = await EchoAsync(("Cache-Control", "private, no-store"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, """
            cache:
              rules:
                - { path: "/forced/*", ttl: 1h, override-origin: true }
                - { path: "/*", ttl: 1h }
            """);
        Assert.True(await IsHitAsync(edge, "/forced/x"));
        Assert.False(await IsHitAsync(edge, "/x"));
        Assert.False(await IsHitAsync(edge, "/forced/y", ("Authorization", "Basic eDp5")));
    }

    [Fact]
    public async Task The_key_and_what_is_forwarded_are_the_same_bytes()
    {
        await using TestOrigin origin = await EchoAsync(("Cache-Control", "max-age=60"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, """
            cache:
              key: { query: drop, query-names: ["utm_*"], sort-query: true }
              rules:
                - { path: "/plain", key: { query: ignore } }
                - { path: "/raw/*", bypass: true }
            """);
        (string Target, string Seen)[] cases =
        [
            ("/a?b=2&utm_x=1&a=1", "/a?a=1&b=2"),
            ("/a?utm_y=3&a=1&b=2", "/a?a=1&b=2"),
            ("/a?b=2&a=1&%75tm_x=1", "/a?%75tm_x=1&a=1&b=2"),
            ("/a?utm_x=1;a=2", "/a"),
            ("/plain?anything", "/plain"),
            ("/raw/a?b=2&utm_x=1", "/raw/a?b=2&utm_x=1"),
        ];
        var bodies = new Dictionary<string, string>();
        foreach ((string target, string seen) in cases)
        {
            string body = await edge.GetAsync(target).TextAsync();
            Assert.Equal(bodies.TryAdd(seen, body) ? body : bodies[seen], body);
        }

        Assert.Equal(cases.Select(c => c.Seen).Distinct(), origin.Requests.Select(r => r.Target));

        // An unsafe method goes on as it came, and what it changed is found under its key.
        await edge.SendAsync(HttpMethod.Post, "/a?utm_x=1&b=2&a=1");
        Assert.Equal("/a?utm_x=1&b=2&a=1", origin.Requests.Last().Target);
        Assert.Contains("fwd=uri-miss", (await edge.GetAsync("/a?a=1&b=2")).CacheStatus(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cookies_and_fields_of_the_key_keep_visitors_apart_and_the_origin_sees_no_other_cookies()
    {
        await using TestOrigin origin = await EchoAsync(("Cache-Control", "max-age=60"), ("Vary", "Cookie"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, """
            cache:
              key: { cookies: [currency], headers: [X-Device], forward-cookies: false }
            """);
        for (int visitor = 0; visitor < 3; visitor++)
        {
            foreach (string currency in new[] { "EUR", "USD" })
            {
                foreach (string device in new[] { "tv", "phone" })
                {
                    string body = await edge.GetAsync("/x", ("Cookie", $"id={visitor}; currency={currency}; z=1"), ("X-Device", device)).TextAsync();
                    Assert.Equal($" currency={currency} {device}", body);
                }
            }
        }

        Assert.Equal(4, origin.Requests.Count);
        Assert.Contains("fwd=bypass", (await edge.GetAsync("/x", ("X-Device", new string('x', 200)))).CacheStatus(), StringComparison.Ordinal);

        // Origins differ in which of two cookies of one name they take.
        await edge.GetAsync("/x", ("Cookie", "currency=EUR; currency=USD"), ("X-Device", "tv")).TextAsync();
        Assert.Equal(6, origin.Requests.Count);

        // What is not cacheable is the visitor's own business.
        await edge.SendAsync(HttpMethod.Post, "/x", ("Cookie", "id=1"));
        Assert.Equal("id=1", origin.Requests.Last()["Cookie"]);
    }

    [Fact]
    public async Task Requests_with_a_session_pass_by_and_do_not_touch_what_all_others_get()
    {
        await using TestOrigin origin = await EchoAsync(("Cache-Control", "max-age=60"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, """
            cache:
              rules:
                - { path: "/shop/*", bypass-cookies: [session], bypass-headers: [X-Preview] }
            """);
        await edge.GetAsync("/shop/x").TextAsync();
        Assert.Contains("fwd=bypass", (await edge.GetAsync("/shop/x", ("Cookie", "session=1"))).CacheStatus(), StringComparison.Ordinal);
        Assert.Contains("fwd=bypass", (await edge.GetAsync("/shop/x", ("X-Preview", "1"))).CacheStatus(), StringComparison.Ordinal);
        Assert.Equal("session=1", origin.Requests.ElementAt(1)["Cookie"]);
        Assert.Contains("; hit", (await edge.GetAsync("/shop/x", ("Cookie", "other=1"))).CacheStatus(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Browsers_are_told_a_lifetime_of_their_own_counted_from_now()
    {
        await using TestOrigin origin = await EchoAsync(("Cache-Control", "max-age=60"), ("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, """
            cache:
              rules:
                - { path: "/a", ttl: 1h, browser-ttl: 30s }
                - { path: "/b", ttl: 1h, browser-ttl: 0s }
            """);
        HttpResponseMessage miss = await edge.GetAsync("/a");
        Assert.Equal("max-age=30", miss.Headers.CacheControl!.ToString());
        Assert.False(miss.Content.Headers.Contains("Expires"));
        edge.Time.Advance(TimeSpan.FromMinutes(10));
        HttpResponseMessage hit = await edge.GetAsync("/a");
        Assert.Equal((TimeSpan.FromSeconds(600), "max-age=630"), (hit.Headers.Age!.Value, hit.Headers.CacheControl!.ToString()));
        Assert.Equal("no-cache", (await edge.GetAsync("/b")).Headers.CacheControl!.ToString());
        Assert.Equal("max-age=60", (await edge.GetAsync("/c")).Headers.CacheControl!.ToString());
    }
}
