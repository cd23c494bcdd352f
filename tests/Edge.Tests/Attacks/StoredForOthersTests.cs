using System.Globalization;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Tests.Http;

namespace OrleansCdn.Edge.Tests.Attacks;

/// <summary>What one visitor provokes or is given is not what others get.</summary>
public sealed class StoredForOthersTests
{
    [Fact]
    public async Task A_header_too_large_is_refused_here_and_nothing_is_stored()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(PageAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string answer = await RawConnection.UntilClosedAsync(
            edge, $"GET /x HTTP/1.1\r\nHost: {TestEdge.Host}\r\nX: {new string('x', 40_000)}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 431 ", answer, StringComparison.Ordinal);
        Assert.Empty(origin.Requests);
        Assert.Equal(0, edge.Plane.Store.Count);
        Assert.Equal("page", await edge.GetAsync("/x").TextAsync());
    }

    [Theory]
    [InlineData(400, null)]
    [InlineData(408, "max-age=60")]
    [InlineData(413, null)]
    [InlineData(413, "max-age=60")]
    [InlineData(417, "max-age=60")]
    [InlineData(421, "max-age=60")]
    [InlineData(425, "max-age=60")]
    [InlineData(428, "public, s-maxage=60")]
    [InlineData(429, "max-age=60")]
    [InlineData(431, null)]
    [InlineData(431, "public, max-age=60")]
    [InlineData(511, "max-age=60")]
    public async Task An_error_about_one_visitors_request_is_not_the_next_ones(int status, string? cacheControl)
    {
        await using TestOrigin origin = await RefusingAsync(status, cacheControl);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Assert.Equal(status, (int)(await edge.GetAsync("/x", ("X-Metal", "1"))).StatusCode);
        Assert.Equal("page", await edge.GetAsync("/x").TextAsync());
        Assert.Contains("; hit;", (await edge.GetAsync("/x", ("X-Metal", "1"))).CacheStatus(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("default-ttl: 1h")]
    [InlineData("rules: [ { path: \"/*\", ttl: 1h } ]")]
    [InlineData("rules: [ { statuses: [4xx, 5xx], ttl: 1h } ]")]
    public async Task Nor_do_the_sites_rules_make_it_so(string cache)
    {
        await using TestOrigin origin = await RefusingAsync(431, null);
        await using TestEdge edge = await TestEdge.StartAsync(origin, $"cache: {{ {cache} }}");
        Assert.Equal(431, (int)(await edge.GetAsync("/x", ("X-Metal", "1"))).StatusCode);
        Assert.Equal("page", await edge.GetAsync("/x").TextAsync());
    }

    [Fact]
    public async Task A_400_with_a_lifetime_is_shared_but_for_requests_that_are_large_enough_to_have_caused_it()
    {
        await using TestOrigin origin = await RefusingAsync(400, "max-age=60");
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Assert.Equal(400, (int)(await edge.GetAsync("/x", ("X-Metal", new string('x', 9_000)))).StatusCode);
        Assert.Equal("page", await edge.GetAsync("/x").TextAsync());
        await edge.GetAsync("/y", ("X-Metal", "1")).TextAsync();
        Assert.Contains("; hit;", (await edge.GetAsync("/y", ("X-Metal", "1"))).CacheStatus(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Control_characters_in_a_field_reach_no_origin()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(PageAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string[] methods = ["GET", "HEAD", "POST"];
        foreach (string method in methods)
        {
            for (char c = '\0'; c <= '\x7f'; c = c == '\x1f' ? '\x7f' : (char)(c + 1))
            {
                if (c == '\t')
                {
                    continue;
                }

                string answer = await RawConnection.UntilClosedAsync(
                    edge, $"{method} /x HTTP/1.1\r\nHost: {TestEdge.Host}\r\nX-Metal: a{c}b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                Assert.True(answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal), $"{method} with 0x{(int)c:x2}: {answer}");
            }
        }

        Assert.Empty(origin.Requests);
        Assert.Equal(0, edge.Plane.Store.Count);
    }

    [Theory]
    [InlineData("max-age=60")]
    [InlineData("public, s-maxage=60")]
    public async Task Cookies_that_an_origin_sets_are_for_one_visitor(string cacheControl)
    {
        int visitor = 0;
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.SetCookie = $"session={Interlocked.Increment(ref visitor)}";
            context.Response.Headers.CacheControl = cacheControl;
            await context.Response.WriteAsync("page");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Assert.Equal("session=1", (await edge.GetAsync("/x")).Headers.GetValues("Set-Cookie").Single());
        Assert.Equal("session=2", (await edge.GetAsync("/x")).Headers.GetValues("Set-Cookie").Single());

        // Those who waited for one another, and those who did not.
        HttpResponseMessage[] crowd = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => edge.GetAsync(i % 2 == 0 ? "/x" : "/new")));
        Assert.Equal(20, crowd.Select(answer => answer.Headers.GetValues("Set-Cookie").Single()).Distinct().Count());
        Assert.Equal(0, edge.Plane.Store.Count);
    }

    [Fact]
    public async Task What_was_answered_to_credentials_is_for_them_also_while_others_wait()
    {
        var gate = new TaskCompletionSource();
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            await gate.Task;
            context.Response.Headers.CacheControl = "max-age=60";
            await context.Response.WriteAsync($"for {context.Request.Headers.Authorization}");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Task<string> known = edge.GetAsync("/x", ("Authorization", "Bearer a")).TextAsync();
        await Eventually.TrueAsync(() => Task.FromResult(!origin.Requests.IsEmpty));
        Task<string>[] others = [.. Enumerable.Range(0, 5).Select(_ => edge.GetAsync("/x").TextAsync())];
        await Eventually.TrueAsync(() => Task.FromResult(edge.Metrics.Read(Counter.Coalesced) == 5));
        gate.SetResult();
        Assert.Equal("for Bearer a", await known);
        Assert.All(await Task.WhenAll(others), text => Assert.Equal("for ", text));
        Assert.Single(origin.Requests, request => request["Authorization"] is not null);
        Assert.Equal("for ", await edge.GetAsync("/x").TextAsync());
    }

    [Theory]
    [InlineData("/account/x.css")]
    [InlineData("/account;x.css")]
    [InlineData("/account%2fx.css")]
    [InlineData("/account%0ax.css")]
    [InlineData("/account%23x.css")]
    [InlineData("/account?x.css")]
    [InlineData("/static/..%2faccount")]
    [InlineData("/static/%2e%2e/account.css")]
    [InlineData("/static/..;/account.css")]
    [InlineData("/static/..%5caccount.css")]
    public async Task A_page_of_ones_own_under_the_name_of_a_file_is_not_stored(string target)
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            await context.Response.WriteAsync($"account of {context.Request.Headers.Cookie}");
        });
        await using TestEdge edge = await TestEdge.StartAsync(
            origin, "cache: { rules: [ { extensions: [css, js], ttl: 1h }, { path: \"/static/*\", ttl: 1h } ] }");
        Assert.Equal("account of id=1", await edge.GetAsync(target, ("Cookie", "id=1")).TextAsync());
        Assert.Equal("account of ", await edge.GetAsync(target).TextAsync());
        Assert.Equal(0, edge.Plane.Store.Count);
    }

    [Fact]
    public async Task A_style_sheet_is()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.ContentType = "text/css";
            await context.Response.WriteAsync("x");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin, "cache: { rules: [ { extensions: [css], ttl: 1h } ] }");
        await edge.GetAsync("/static/x.css").TextAsync();
        Assert.Contains("; hit;", (await edge.GetAsync("/static/x.css")).CacheStatus(), StringComparison.Ordinal);
    }

    /// <summary>Answers with the page, but to those who send <c>X-Metal</c>.</summary>
    private static Task<TestOrigin> RefusingAsync(int status, string? cacheControl) => TestOrigin.StartAsync(context =>
    {
        if (!context.Request.Headers.ContainsKey("X-Metal"))
        {
            return PageAsync(context);
        }

        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = cacheControl;
        return context.Response.WriteAsync(status.ToString(CultureInfo.InvariantCulture));
    });

    private static async Task PageAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "max-age=60";
        await context.Response.WriteAsync("page");
    }
}
