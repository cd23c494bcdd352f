using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>Fills that show no header in time, and fills whose leader is not like those who follow.</summary>
public sealed class FillPatienceTests
{
    private const string Page = "/x";

    private static readonly TimeSpan FillAge = TimeSpan.FromSeconds(FillPatience.MaxFillSeconds);

    /// <summary>An origin that answers each request, by its number from 1, once the test says so.</summary>
    private sealed class Gates
    {
        private readonly ConcurrentDictionary<int, TaskCompletionSource> _gates = new();
        private int _asked;

        public TaskCompletionSource this[int number] => _gates.GetOrAdd(number, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

        public async Task AnswerAsync(HttpContext context)
        {
            int number = Interlocked.Increment(ref _asked);
            await this[number].Task.WaitAsync(TimeSpan.FromSeconds(60));
            context.Response.Headers.CacheControl = "max-age=60";
            await context.Response.WriteAsync($"answer {number}");
        }
    }

    [Fact]
    public async Task Those_who_wait_elect_a_new_leader_when_a_fill_is_too_old()
    {
        var gates = new Gates();
        await using TestOrigin origin = await TestOrigin.StartAsync(gates.AnswerAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Task<string> leader = edge.GetAsync(Page).TextAsync();
        await OriginWasAsked(origin, 1);
        Task<string>[] followers = [.. Enumerable.Range(0, 5).Select(_ => edge.GetAsync(Page).TextAsync())];

        // The limit on the leader's first byte, and one patience for each follower.
        await edge.Time.UntilArmedAsync(1 + 5);
        edge.Time.Advance(FillAge);
        await OriginWasAsked(origin, 2);
        await edge.Time.UntilArmedAsync(2 + 4);
        gates[2].SetResult();
        Assert.All(await Task.WhenAll(followers), text => Assert.Equal("answer 2", text));
        Assert.Equal(2, origin.Requests.Count);
        gates[1].SetResult();
        Assert.Equal("answer 1", await leader);
    }

    [Fact]
    public async Task Nobody_new_joins_a_fill_that_is_too_old()
    {
        var gates = new Gates();
        await using TestOrigin origin = await TestOrigin.StartAsync(gates.AnswerAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Task<string> first = edge.GetAsync(Page).TextAsync();
        await OriginWasAsked(origin, 1);
        edge.Time.Advance(FillAge);
        Task<string> second = edge.GetAsync(Page).TextAsync();
        await OriginWasAsked(origin, 2);
        gates[2].SetResult();
        Assert.Equal("answer 2", await second);
        gates[1].SetResult();
        Assert.Equal("answer 1", await first);
    }

    [Fact]
    public async Task Past_its_whole_patience_a_request_goes_alone_and_stores_nothing()
    {
        var gates = new Gates();
        await using TestOrigin origin = await TestOrigin.StartAsync(gates.AnswerAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Task<string> leader = edge.GetAsync(Page).TextAsync();
        await OriginWasAsked(origin, 1);
        Task<HttpResponseMessage>[] followers = [.. Enumerable.Range(0, 4).Select(_ => edge.GetAsync(Page))];
        await edge.Time.UntilArmedAsync(1 + 4);
        edge.Time.Advance(FillAge);
        await edge.Time.UntilArmedAsync(2 + 3);
        await OriginWasAsked(origin, 2);
        edge.Time.Advance(FillAge);

        // All three at the same time: none is made to wait for another.
        await OriginWasAsked(origin, 2 + 3);
        for (int number = 3; number <= 5; number++)
        {
            gates[number].SetResult();
        }

        Task<HttpResponseMessage>[] alone = [.. followers];
        await Eventually.TrueAsync(() => Task.FromResult(alone.Count(a => a.IsCompletedSuccessfully) == 3));
        foreach (Task<HttpResponseMessage> answer in alone.Where(a => a.IsCompletedSuccessfully))
        {
            Assert.Equal("waw; fwd=uri-miss; fwd-status=200; detail=not-stored-slow", (await answer).CacheStatus());
        }

        Assert.Equal(0, edge.Plane.Store.Count);
        gates[1].SetResult();
        gates[2].SetResult();
        await leader;
        await Task.WhenAll(followers);
    }

    [Fact]
    public async Task An_unsafe_method_reaches_fills_that_nobody_joins()
    {
        var held = new TaskCompletionSource();
        string cacheControl = "no-store";
        string text = "before";
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            if (HttpMethods.IsPost(context.Request.Method))
            {
                text = "after";
                return;
            }

            string seen = text;
            if (cacheControl != "no-store" && seen == "before")
            {
                await held.Task.WaitAsync(TimeSpan.FromSeconds(60));
            }

            context.Response.Headers.CacheControl = cacheControl;
            await context.Response.WriteAsync(seen);
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);

        // Known not to be cacheable: the next fill is on its own.
        await edge.GetAsync(Page).TextAsync();
        cacheControl = "max-age=60";
        Task<string> alone = edge.GetAsync(Page).TextAsync();
        await OriginWasAsked(origin, 2);
        (await edge.SendAsync(HttpMethod.Post, Page)).EnsureSuccessStatusCode();
        held.SetResult();
        Assert.Equal("before", await alone);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Fills.Count == 0));
        Assert.Equal("after", await edge.GetAsync(Page).TextAsync());
    }

    [Fact]
    public async Task Stale_content_that_an_unsafe_method_changed_meanwhile_does_not_stand_in()
    {
        var held = new TaskCompletionSource();
        int gets = 0;
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            if (HttpMethods.IsGet(context.Request.Method) && Interlocked.Increment(ref gets) > 1)
            {
                await held.Task.WaitAsync(TimeSpan.FromSeconds(60));
                context.Response.StatusCode = 503;
                return;
            }

            context.Response.Headers.CacheControl = "max-age=1, stale-if-error=600";
            await context.Response.WriteAsync("old");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await edge.GetAsync(Page).TextAsync();
        edge.Time.Advance(TimeSpan.FromSeconds(2));
        Task<HttpResponseMessage> asked = edge.GetAsync(Page);
        await OriginWasAsked(origin, 2);
        (await edge.SendAsync(HttpMethod.Post, Page)).EnsureSuccessStatusCode();
        held.SetResult();
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, (await asked).StatusCode);
    }

    [Theory]
    [InlineData("Authorization", "Bearer a", "not-stored-authorization")]
    [InlineData("Cache-Control", "no-store", "not-stored-request-no-store")]
    public async Task What_one_request_forbids_costs_the_others_nothing(string name, string value, string detail)
    {
        var gate = new TaskCompletionSource();
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            await gate.Task.WaitAsync(TimeSpan.FromSeconds(60));
            context.Response.Headers.CacheControl = "max-age=60";
            await context.Response.WriteAsync("shared");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Task<HttpResponseMessage> leader = edge.GetAsync(Page, (name, value));
        await OriginWasAsked(origin, 1);
        Task<string>[] followers = [.. Enumerable.Range(0, 10).Select(_ => edge.GetAsync(Page).TextAsync())];
        await Eventually.TrueAsync(() => Task.FromResult(edge.Metrics.Read(Counter.Coalesced) == 10));
        gate.SetResult();
        Assert.EndsWith(detail, (await leader).CacheStatus(), StringComparison.Ordinal);
        Assert.All(await Task.WhenAll(followers), text => Assert.Equal("shared", text));

        // One for the leader alone, one for all others.
        Assert.Equal(2, origin.Requests.Count);

        // Nor does it evict what is stored and only wants to be confirmed, or end coalescing for the key.
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Store.Count == 1));
        edge.Time.Advance(TimeSpan.FromSeconds(61));
        await edge.GetAsync(Page, (name, value)).TextAsync();
        Assert.Equal(1, edge.Plane.Store.Count);
    }

    private static Task OriginWasAsked(TestOrigin origin, int times) =>
        Eventually.TrueAsync(() => Task.FromResult(origin.Requests.Count >= times));
}
