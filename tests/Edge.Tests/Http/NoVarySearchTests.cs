using System.Net;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Tests.Control;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>One stored response for all the queries that its origin says are one.</summary>
public sealed class NoVarySearchTests : IDisposable
{
    private const string OptedIn = "cache: { no-vary-search: true }";

    private readonly TempDirectory _files = new();

    public void Dispose() => _files.Dispose();

    /// <summary>The body is what the origin was asked for.</summary>
    private static RequestDelegate Echo(string? field, string cacheControl = "max-age=600") => async context =>
    {
        context.Response.Headers.CacheControl = cacheControl;
        context.Response.Headers.ETag = "\"1\"";
        if (field is not null)
        {
            context.Response.Headers["No-Vary-Search"] = field;
        }

        if (context.Request.Headers.IfNoneMatch.Count > 0)
        {
            context.Response.StatusCode = 304;
            return;
        }

        await context.Response.WriteAsync(context.Request.Path + context.Request.QueryString);
    };

    private static async Task<(string Body, bool IsHit)> GetAsync(TestEdge edge, string target, string host = TestEdge.Host)
    {
        using HttpResponseMessage response = await edge.GetAsync(target, ("Host", host));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadAsStringAsync(), response.CacheStatus().Contains("hit", StringComparison.Ordinal));
    }

    /// <summary>The first answer teaches the edge; from the second on the simple form is what is stored and asked for.</summary>
    private static async Task LearnAsync(TestEdge edge, string target)
    {
        Assert.Equal((target, false), await GetAsync(edge, target));
    }

    [Fact]
    public async Task Queries_that_differ_in_what_does_not_count_share_one_response()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Echo("key-order, params=(\"utm\")"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, OptedIn);
        await LearnAsync(edge, "/p?b=1&utm=1&a=1");
        Assert.Equal(("/p?a=1&b=1", false), await GetAsync(edge, "/p?b=1&utm=2&a=1"));
        foreach (string same in new[] { "/p?a=1&b=1", "/p?utm=3&a=1&b=1", "/p?b=1&a=1", "/p?b=1&a=1&utm" })
        {
            Assert.Equal(("/p?a=1&b=1", true), await GetAsync(edge, same));
        }

        Assert.Equal(("/p?a=2&b=1", false), await GetAsync(edge, "/p?b=1&a=2"));
        Assert.Equal(("/q?b=1&utm=2&a=1", false), await GetAsync(edge, "/q?b=1&utm=2&a=1"));
        Assert.Equal(("/p?b=1&utm=2&a=1", false), await GetAsync(edge, "/p?b=1&utm=2&a=1", "a.wild.example.net"));
        Assert.Equal(("/p?b=1&utm=2&a=1", false), await GetAsync(edge, "/p?b=1&utm=2&a=1", "other.example.net"));
    }

    [Fact]
    public async Task A_site_that_did_not_ask_for_it_keeps_every_query_apart()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Echo("params"));
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        foreach (string target in new[] { "/p?utm=1", "/p?utm=2", "/p" })
        {
            Assert.Equal((target, false), await GetAsync(edge, target));
            Assert.Equal((target, true), await GetAsync(edge, target));
        }
    }

    [Fact]
    public async Task All_who_ask_for_forms_of_one_thing_wait_for_one_answer()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Echo("params"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, OptedIn);
        await LearnAsync(edge, "/p?utm=0");
        var held = new TaskCompletionSource();
        RequestDelegate answer = origin.Answer;
        origin.Answer = async context =>
        {
            await held.Task;
            await answer(context);
        };
        Task<(string Body, bool)>[] all = [.. Enumerable.Range(1, 20).Select(n => GetAsync(edge, $"/p?utm={n}"))];
        await Eventually.TrueAsync(() => Task.FromResult(edge.Metrics.Read(Counter.Coalesced) == 19));
        held.SetResult();
        Assert.All(await Task.WhenAll(all), one => Assert.Equal("/p", one.Body));
        Assert.Equal(2, origin.Requests.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_purge_of_one_form_reaches_what_is_stored_for_all(bool soft)
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Echo("params, except=(\"id\")"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, OptedIn);
        await LearnAsync(edge, "/p?id=1&utm=1");
        await GetAsync(edge, "/p?id=1&utm=2");
        await GetAsync(edge, "/p?id=2");
        edge.Purge(PurgeKind.Url, $"http://{TestEdge.Host}/p?utm=99&id=%31", soft);
        Explanation explained = await edge.Plane.Explainer.ExplainAsync(
            new ExplainQuestion { Id = "q", Method = "GET", Url = $"http://{TestEdge.Host}/p?id=1&utm=7", Headers = [] });
        Assert.Equal("/p?id=1", explained.Key!.Target);
        Assert.Equal(new ExplainedPurge($"http://{TestEdge.Host}/p?utm=99&id=%31", soft, 1, PurgeKind.Url), explained.Variants.Single().Purge);
        Assert.Equal(0, explained.Variants.Single().TagCount);
        int asked = origin.Requests.Count;
        Assert.False((await GetAsync(edge, "/p?id=1&utm=3")).IsHit);
        Assert.Equal(asked + 1, origin.Requests.Count);
        Assert.Equal(("/p?id=2", true), await GetAsync(edge, "/p?id=2&utm=3"));

        // The sweeper forgets what all was compared with.
        edge.Plane.Sweeper.Sweep();
        edge.Plane.Sweeper.Sweep();
        Assert.Equal(0, edge.State.Purges.Count);
        Assert.True((await GetAsync(edge, "/p?id=1&utm=4")).IsHit);
    }

    [Fact]
    public async Task Very_many_purged_forms_of_a_path_purge_the_path()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Echo("params, except=(\"id\")"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, OptedIn);
        await LearnAsync(edge, "/p?id=1&utm=1");
        await GetAsync(edge, "/p?id=1");
        for (int id = 2; id < 40; id++)
        {
            edge.Purge(PurgeKind.Url, $"http://{TestEdge.Host}/p?id={id}");
        }

        Assert.False((await GetAsync(edge, "/p?id=1&utm=3")).IsHit);
    }

    [Fact]
    public async Task A_purge_of_another_form_reaches_what_a_restart_left_on_disk()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Echo("params=(\"utm\")"));
        var disk = new TestDisk(_files.File("disk"));
        await using (TestEdge edge = await TestEdge.StartAsync(origin, OptedIn, disk: disk))
        {
            await LearnAsync(edge, "/p?x=1&utm=1");
            await Control.Eventually.IsTrueAsync(() => edge.Disk!.PendingBytes == 0 && edge.Disk.Count == 1, () => $"{edge.Disk!.Count} objects");
        }

        await using TestEdge again = await TestEdge.StartAsync(origin, OptedIn, disk: disk);
        Assert.True((await GetAsync(again, "/p?x=1&utm=1")).IsHit);
        again.Purge(PurgeKind.Url, $"http://{TestEdge.Host}/p?utm=2&x=1");
        Assert.False((await GetAsync(again, "/p?x=1&utm=1")).IsHit);
    }

    [Fact]
    public async Task An_origin_that_changes_its_mind_is_asked_what_was_asked()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Echo("params"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, OptedIn);
        await LearnAsync(edge, "/p?a=1");
        origin.Answer = Echo("params=(\"utm\")");
        Assert.Equal(("/p?a=2&utm=1", false), await GetAsync(edge, "/p?a=2&utm=1"));
        Assert.Equal(["/p?a=1", "/p", "/p?a=2&utm=1"], origin.Requests.Select(r => r.Target));
        Assert.Equal(("/p?a=2", false), await GetAsync(edge, "/p?a=2&utm=3"));
        Assert.Equal(("/p?a=2", true), await GetAsync(edge, "/p?a=2&utm=4"));
        origin.Answer = Echo(null);
        Assert.Equal(("/p?a=3&utm=1", false), await GetAsync(edge, "/p?a=3&utm=1"));
        Assert.Equal(("/p?a=3&utm=2", false), await GetAsync(edge, "/p?a=3&utm=2"));
        Assert.Equal(("/p?a=3", true), await GetAsync(edge, "/p?a=3"));
    }

    [Fact]
    public async Task What_cannot_be_shared_answers_exactly_what_was_asked()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Echo("params"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, OptedIn);
        await LearnAsync(edge, "/p?a=1");
        origin.Answer = Echo("params", "private");
        Assert.Equal("/p?a=2", (await GetAsync(edge, "/p?a=2")).Body);
        int asked = origin.Requests.Count;
        Assert.Equal("/p?a=3", (await GetAsync(edge, "/p?a=3")).Body);
        Assert.Equal(asked + 1, origin.Requests.Count);
        using HttpResponseMessage head = await edge.SendAsync(HttpMethod.Head, "/p?a=4");
        Assert.Equal("/p?a=4", origin.Requests.Last().Target);
    }

    [Fact]
    public async Task A_stale_response_is_confirmed_and_stands_in_for_every_form()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Echo("params", "max-age=10, stale-if-error=600"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, OptedIn);
        await LearnAsync(edge, "/p?utm=1");
        await GetAsync(edge, "/p?utm=2");
        edge.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("/p", (await GetAsync(edge, "/p?utm=3")).Body);
        Assert.Equal(("/p", "\"1\""), (origin.Requests.Last().Target, origin.Requests.Last()["If-None-Match"]));
        edge.Time.Advance(TimeSpan.FromSeconds(11));
        origin.Answer = context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        Assert.Equal("/p", (await GetAsync(edge, "/p?utm=4")).Body);
    }

    [Fact]
    public async Task An_unsafe_method_invalidates_what_is_stored_for_the_form_that_it_names()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Echo("params=(\"utm\")"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, OptedIn);
        await LearnAsync(edge, "/p?a=1&utm=1");
        await GetAsync(edge, "/p?a=1&utm=2");
        await (await edge.SendAsync(HttpMethod.Post, "/p?a=1&utm=9")).Content.ReadAsStringAsync();
        Assert.Equal("/p?a=1&utm=9", origin.Requests.Last().Target);
        Assert.False((await GetAsync(edge, "/p?a=1&utm=3")).IsHit);
    }
}
