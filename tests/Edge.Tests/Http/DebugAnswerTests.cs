using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Tests.Http;

public sealed class DebugAnswerTests
{
    private const string Key = "a-secret-of-23-letters!";

    private const string Site = "debug-key: " + Key;

    private static Task<TestOrigin> OriginAsync() => TestOrigin.StartAsync(async context =>
    {
        context.Response.Headers.CacheControl = context.Request.Path == "/private" ? "private" : "max-age=60";
        context.Response.Headers.ETag = "\"e\"";
        context.Response.Headers["Surrogate-Key"] = "one two";
        context.Response.Headers.Vary = "Cdn-Debug";
        context.Response.Headers["Cdn-Explain"] = "by the origin";
        await context.Response.WriteAsync("body");
    });

    private static async Task<string?> AskAsync(TestEdge edge, string target, string key = Key, string host = TestEdge.Host)
    {
        using HttpResponseMessage response = await edge.GetAsync(target, ("Host", host), ("Cdn-Debug", key));
        Assert.Equal("body", await response.Content.ReadAsStringAsync());
        return response.Headers.TryGetValues("Cdn-Explain", out IEnumerable<string>? values) ? Assert.Single(values) : null;
    }

    [Fact]
    public async Task With_the_key_the_answer_says_what_was_stored_before_it()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, Site);
        Assert.StartsWith("verdict=miss; key=\"http://www.example.net/a\"; variants=0", await AskAsync(edge, "/a"), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Store.Count == 1));
        edge.Time.Advance(TimeSpan.FromSeconds(10));
        string hit = (await AskAsync(edge, "/a"))!;
        Assert.StartsWith("verdict=fresh; ", hit, StringComparison.Ordinal);
        Assert.Contains("; status=200; etag=\"\\\"e\\\"\"; age=10", hit, StringComparison.Ordinal);
        Assert.Contains("; lifetime=60; lifetime-from=max-age; ttl=", hit, StringComparison.Ordinal);
        Assert.Contains("; tags=\"one two\"; tag-count=2", hit, StringComparison.Ordinal);
        Assert.True(StructuredField.TryParseDictionary(hit, out StructuredItem[]? members), hit);
        Assert.Equal("verdict", Assert.Single(members).Name);

        // The key chose no variant and went nowhere.
        Assert.Null((await edge.GetAsync("/a")).Headers.TryGetValues("Cdn-Explain", out _) ? "there" : null);
        OriginRequest asked = Assert.Single(origin.Requests);
        Assert.Null(asked["Cdn-Debug"]);

        edge.Purge(PurgeKind.Tag, "two");
        Assert.StartsWith("verdict=miss; ", await AskAsync(edge, "/a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_not_stored_says_why()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, Site);
        await AskAsync(edge, "/private");
        Assert.Contains("; not-stored=not-stored-private; ", await AskAsync(edge, "/private"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a-secret-of-23-letters", TestEdge.Host)]
    [InlineData("A-secret-of-23-letters!", TestEdge.Host)]
    [InlineData("", TestEdge.Host)]
    [InlineData(Key, "other.example.net")]
    public async Task Without_the_right_key_of_the_site_the_answer_is_the_same_and_the_field_goes_nowhere(string key, string host)
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, Site);
        Assert.Null(await AskAsync(edge, "/a", key, host));
        Assert.Null(await AskAsync(edge, "/private", key, host));
        using HttpResponseMessage posted = await edge.SendAsync(HttpMethod.Post, "/a", ("Host", host), ("Cdn-Debug", key));
        Assert.False(posted.Headers.Contains("Cdn-Explain"));
        Assert.Equal(3, origin.Requests.Count);
        Assert.All(origin.Requests, asked => Assert.Null(asked["Cdn-Debug"]));
    }

    [Fact]
    public async Task Several_keys_are_none()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, Site);
        string answer = await edge.RawAsync($"GET /a HTTP/1.1\r\nHost: {TestEdge.Host}\r\nCdn-Debug: {Key}\r\nCdn-Debug: {Key}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Cdn-Explain", answer, StringComparison.OrdinalIgnoreCase);
    }
}
