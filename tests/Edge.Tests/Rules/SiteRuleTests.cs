using System.Net;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Tests.Http;

namespace OrleansCdn.Edge.Tests.Rules;

/// <summary>Headers, redirects and error pages of a site, over sockets.</summary>
public sealed class SiteRuleTests
{
    [Fact]
    public async Task The_origin_gets_requests_with_the_sites_changes_and_visitors_responses_with_theirs()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(context =>
        {
            context.Response.Headers.CacheControl = context.Request.Path == "/private" ? "private" : "max-age=60";
            context.Response.Headers["Server"] = "secret/1.0";
            context.Response.Headers["X-Frame-Options"] = "ALLOWALL";
            context.Response.Headers["Link"] = "</a>";
            return context.Response.WriteAsync("x");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin, """
            request-headers:
              - { set: Authorization, value: Bearer key }
              - { set: X-Client, value: "${client-ip} at ${pop} for ${host}" }
              - { add: X-Tag, value: edge }
              - { remove: X-Debug }
            response-headers:
              - { set: X-Frame-Options, value: DENY }
              - { add: Link, value: "</b>" }
              - { add: X-Served-By, value: "${pop} for ${host}" }
              - { remove: server }
            """);
        foreach (string target in new[] { "/private", "/stored", "/stored" })
        {
            HttpResponseMessage answer = await edge.GetAsync(target, ("X-Debug", "1"), ("X-Tag", "visitor"), ("X-Client", "forged"));
            Assert.Equal(["DENY"], answer.Headers.GetValues("X-Frame-Options"));
            Assert.Equal(["</a>", "</b>"], answer.Headers.GetValues("Link"));
            Assert.Equal(["waw for www.example.net"], answer.Headers.GetValues("X-Served-By"));
            Assert.Empty(answer.Headers.Server);
        }

        Assert.Equal(2, origin.Requests.Count);
        foreach (OriginRequest asked in origin.Requests)
        {
            Assert.Equal("Bearer key", asked["Authorization"]);
            Assert.Equal("127.0.0.1 at waw for www.example.net", asked["X-Client"]);
            Assert.Equal("visitor,edge", asked["X-Tag"]!.Replace(" ", "", StringComparison.Ordinal));
            Assert.Null(asked["X-Debug"]);
        }
    }

    [Fact]
    public async Task Changed_rules_hold_for_what_is_stored_too()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            return context.Response.WriteAsync("x");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin, "response-headers: [{ set: X-Version, value: one }]");
        Assert.Equal("one", (await edge.GetAsync("/x")).Headers.GetValues("X-Version").Single());
        edge.State.Replace(new EdgeSnapshot("c", 2, TestEdge.Config($"url: {origin.Url}, allow-private: true", "response-headers: [{ set: X-Version, value: two }]")));
        HttpResponseMessage hit = await edge.GetAsync("/x");
        Assert.Contains("; hit", hit.CacheStatus(), StringComparison.Ordinal);
        Assert.Equal("two", hit.Headers.GetValues("X-Version").Single());
    }

    [Theory]
    [InlineData("/old", HttpStatusCode.Found, "http://www.example.net/new")]
    [InlineData("/old?a=b", HttpStatusCode.Found, "http://www.example.net/new?a=b")]
    [InlineData("/blog/2020/x?a=b", HttpStatusCode.PermanentRedirect, "https://blog.example.org/archive/2020/x")]
    [InlineData("/local//evil.example", HttpStatusCode.MovedPermanently, "http://www.example.net//evil.example")]
    [InlineData("/local/\\evil.example", HttpStatusCode.MovedPermanently, "http://www.example.net/\\evil.example")]
    [InlineData("/both?a=b", HttpStatusCode.MovedPermanently, "http://www.example.net/c?d=e&a=b")]
    public async Task Redirects_lead_where_they_say_and_nowhere_else(string target, HttpStatusCode status, string location)
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(context => context.Response.WriteAsync("x"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, """
            redirects:
              - { path: /old, to: /new, status: 302 }
              - { path: "/blog/*", to: "https://blog.example.org/archive/*", status: 308, keep-query: false }
              - { path: "/local/*", to: "/*" }
              - { path: /both, to: "/c?d=e" }
            """);
        string answer = await edge.RawAsync($"GET {target} HTTP/1.1\r\nHost: {TestEdge.Host}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {(int)status} ", answer, StringComparison.Ordinal);
        Assert.Contains($"\r\nLocation: {location}\r\n", answer, StringComparison.Ordinal);
        Assert.Equal("x", await edge.GetAsync("/older").TextAsync());
        Assert.Single(origin.Requests);
    }

    [Fact]
    public async Task Plain_http_is_sent_to_https_with_method_and_body_kept()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(context => context.Response.WriteAsync("x"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, """
            tls: { certificate: /none.pem, key: /none.key }
            https-redirect: true
            """);
        HttpResponseMessage get = await edge.GetAsync("/a?b=c", ("Host", "www.example.net:8080"));
        Assert.Equal((HttpStatusCode.MovedPermanently, "https://www.example.net/a?b=c"), (get.StatusCode, get.Headers.Location!.OriginalString));
        Assert.Equal(HttpStatusCode.PermanentRedirect, (await edge.SendAsync(HttpMethod.Post, "/a")).StatusCode);
        Assert.Equal("x", await edge.GetAsync("/a", ("Host", "other.example.net")).TextAsync());
    }

    [Fact]
    public async Task Errors_have_the_sites_pages_and_the_origins_own_where_it_says_so()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            switch (context.Request.Path.Value)
            {
                case "/broken":
                    context.Abort();
                    return;
                case "/404":
                    context.Response.Headers.CacheControl = "max-age=60";
                    break;
            }

            context.Response.StatusCode = int.Parse(context.Request.Path.Value![1..], System.Globalization.CultureInfo.InvariantCulture);
            await context.Response.WriteAsync("the origin's own");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin, """
            error-pages:
              - { statuses: ["502", "503"], body: "<h1>Back soon – przepraszamy</h1>" }
              - { statuses: ["404", "500"], body: gone, content-type: text/plain, replace-origin: true }
            """);
        HttpResponseMessage broken = await edge.GetAsync("/broken");
        Assert.Equal((HttpStatusCode.BadGateway, "text/html; charset=utf-8"), (broken.StatusCode, broken.Content.Headers.ContentType!.ToString()));
        Assert.Equal("<h1>Back soon – przepraszamy</h1>", await broken.Content.ReadAsStringAsync());
        Assert.Equal("no-store", broken.Headers.CacheControl!.ToString());
        Assert.Equal("the origin's own", await edge.GetAsync("/503").TextAsync());
        Assert.Equal("gone", await edge.GetAsync("/500").TextAsync());
        Assert.Equal("gone", await edge.GetAsync("/404").TextAsync());
        // Nobody waits for the body that the page stands for: it may be stored a moment after the page has been sent.
        await Eventually.TrueAsync(async () =>
        {
            HttpResponseMessage again = await edge.GetAsync("/404");
            Assert.Equal((HttpStatusCode.NotFound, "gone"), (again.StatusCode, await again.Content.ReadAsStringAsync()));
            return again.CacheStatus().Contains("; hit", StringComparison.Ordinal);
        });
    }
}
