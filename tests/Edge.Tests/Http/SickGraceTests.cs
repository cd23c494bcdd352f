using System.Net;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>What is served past its lifetime, from healthy origins and while all of them are sick.</summary>
public sealed class SickGraceTests
{
    private const string Trip = "failover: { trip-after: 1, back-off: 1s, max-back-off: 1s }\ncache: { grace: 1m }";

    [Fact]
    public async Task While_all_origins_are_sick_stale_is_served_at_once_and_a_trial_refreshes_it()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Page("max-age=10"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, Trip);
        await edge.GetAsync("/x").TextAsync();
        await GetSickAsync(edge, origin);
        for (int i = 0; i < 3; i++)
        {
            HttpResponseMessage stale = await edge.GetAsync("/x");
            Assert.Equal("page", await stale.Content.ReadAsStringAsync());
            Assert.Equal("waw; hit; ttl=-2; detail=origins-sick", stale.CacheStatus());
        }

        // The back-off has passed; the origin hangs, and nobody notices.
        var gate = new TaskCompletionSource();
        origin.Answer = async context =>
        {
            await gate.Task;
            await Page("max-age=10", "new page")(context);
        };
        int asked = origin.Requests.Count;
        edge.Time.Advance(TimeSpan.FromSeconds(2));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("page", await edge.GetAsync("/x").TextAsync());
        }

        await Eventually.TrueAsync(() => Task.FromResult(origin.Requests.Count == asked + 1));
        gate.SetResult();
        await Eventually.TrueAsync(async () => await edge.GetAsync("/x").TextAsync() == "new page");
        Assert.Equal(OriginHealth.Healthy, edge.Health(0));
    }

    [Theory]
    [InlineData("max-age=10, must-revalidate", 5)]
    [InlineData("max-age=10, proxy-revalidate", 5)]
    [InlineData("s-maxage=10", 5)]
    [InlineData("max-age=10, stale-if-error=0", 5)]
    [InlineData("max-age=10", 61)]
    public async Task What_must_be_confirmed_or_is_past_its_grace_is_never_served_stale(string cacheControl, int seconds)
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Page(cacheControl));
        await using TestEdge edge = await TestEdge.StartAsync(origin, Trip);
        await edge.GetAsync("/x").TextAsync();
        await GetSickAsync(edge, origin);
        edge.Time.Advance(TimeSpan.FromSeconds(seconds));
        int asked = origin.Requests.Count;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await edge.GetAsync("/x")).StatusCode);
        Assert.Equal(asked + 1, origin.Requests.Count);
    }

    [Fact]
    public async Task A_hard_purge_holds_while_all_origins_are_sick()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Page("max-age=10"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, Trip);
        await edge.GetAsync("/x").TextAsync();
        await GetSickAsync(edge, origin);
        edge.Purge(PurgeKind.Url, $"http://{TestEdge.Host}/x");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await edge.GetAsync("/x")).StatusCode);
    }

    [Fact]
    public async Task Healthy_grace_serves_at_once_and_refreshes_once()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Page("max-age=10"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, "cache: { healthy-grace: 30s, grace: 0s }");
        await edge.GetAsync("/x").TextAsync();
        origin.Answer = Page("max-age=10", "new page");
        edge.Time.Advance(TimeSpan.FromSeconds(12));
        HttpResponseMessage stale = await edge.GetAsync("/x");
        Assert.Equal("page", await stale.Content.ReadAsStringAsync());
        Assert.Equal("waw; hit; ttl=-2", stale.CacheStatus());
        await Eventually.TrueAsync(async () => await edge.GetAsync("/x").TextAsync() == "new page");
        Assert.Equal(2, origin.Requests.Count);

        // Past the grace the visitor waits.
        origin.Answer = Page("max-age=10", "newest page");
        edge.Time.Advance(TimeSpan.FromSeconds(41));
        Assert.Equal("newest page", await edge.GetAsync("/x").TextAsync());
    }

    [Theory]
    [InlineData("max-age=10, must-revalidate")]
    [InlineData("max-age=10, stale-while-revalidate=0")]
    [InlineData("max-age=0")]
    [InlineData("no-cache")]
    public async Task Healthy_grace_does_not_overrule_the_origin(string cacheControl)
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Page(cacheControl));
        await using TestEdge edge = await TestEdge.StartAsync(origin, "cache: { healthy-grace: 30s }");
        await edge.GetAsync("/x").TextAsync();
        origin.Answer = Page(cacheControl, "new page");
        edge.Time.Advance(TimeSpan.FromSeconds(12));
        Assert.Equal("new page", await edge.GetAsync("/x").TextAsync());
    }

    /// <summary>Twelve seconds later the page is stale and its origin passed over.</summary>
    private static async Task GetSickAsync(TestEdge edge, TestOrigin origin)
    {
        edge.Time.Advance(TimeSpan.FromSeconds(12));
        origin.Answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        };
        await edge.GetAsync("/other").TextAsync();
        Assert.Equal(OriginHealth.Tripped, edge.Health(0));
    }

    private static RequestDelegate Page(string cacheControl, string text = "page") => context =>
    {
        context.Response.Headers.CacheControl = cacheControl;
        context.Response.Headers.ETag = $"\"{text}\"";
        return context.Response.WriteAsync(text);
    };
}
