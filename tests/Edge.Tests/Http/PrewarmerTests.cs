using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Control;

namespace OrleansCdn.Edge.Tests.Http;

public sealed class PrewarmerTests
{
    private const string Url = "http://www.example.net/a";

    private static readonly ImmutableArray<PrewarmEncoding> All = [.. Enum.GetValues<PrewarmEncoding>()];

    private static PrewarmBatch Batch(params string[] urls) => new()
    {
        Job = "j",
        Site = "www",
        Cursor = new PurgeCursor("e", 0),
        Encodings = All,
        Tasks = [.. urls.Select((url, i) => new PrewarmTask(i, url))],
    };

    private static Task<PrewarmResult> RunAsync(TestEdge edge, string url) =>
        edge.Plane.Prewarmer.RunAsync(Batch(url), new PrewarmTask(0, url), CancellationToken.None);

    private static Task<TestOrigin> OriginAsync(string cacheControl = "max-age=60", string? vary = null, int status = 200) => TestOrigin.StartAsync(context =>
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = cacheControl;
        context.Response.Headers.Vary = vary;
        return context.Response.WriteAsync("hello");
    });

    [Fact]
    public async Task It_is_there_for_visitors_and_counts_as_nobodys_miss()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        PrewarmResult first = await RunAsync(edge, Url);
        Assert.Equal((PrewarmOutcome.Stored, 1, 0, 5L), (first.Outcome, first.OriginFetches, first.PeerFetches, first.Bytes));
        PrewarmResult again = await RunAsync(edge, Url);
        Assert.Equal((PrewarmOutcome.Fresh, 0), (again.Outcome, again.OriginFetches));
        EdgeCounters counters = edge.Metrics.Snapshot();
        Assert.Equal((0, 0, 0), (counters.Requests, counters.Hits, counters.Misses));
        Assert.Equal("hello", await edge.GetAsync("/a").TextAsync());
        Assert.Single(origin.Requests);
        Assert.Equal(1, edge.Metrics.Snapshot().Hits);
    }

    [Fact]
    public async Task What_varies_by_encoding_is_fetched_as_each_kind_of_visitor_asks()
    {
        await using TestOrigin origin = await OriginAsync(vary: "Accept-Encoding");
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Assert.Equal((PrewarmOutcome.Stored, 4), ((await RunAsync(edge, Url)) is var result ? (result.Outcome, result.OriginFetches) : default));
        foreach (string accepted in new[] { "gzip, deflate, br, zstd", "gzip, deflate, br", "gzip", "" })
        {
            await edge.GetAsync("/a", ("Accept-Encoding", accepted)).TextAsync();
        }

        Assert.Equal(4, origin.Requests.Count);
    }

    [Fact]
    public async Task What_was_purged_is_fetched_again_and_only_then()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await RunAsync(edge, Url);
        edge.Purge(PurgeKind.Url, "http://www.example.net/b");
        Assert.Equal(PrewarmOutcome.Fresh, (await RunAsync(edge, Url)).Outcome);
        edge.Purge(PurgeKind.Url, Url);
        Assert.Equal(PrewarmOutcome.Stored, (await RunAsync(edge, Url)).Outcome);
        Assert.Equal(2, origin.Requests.Count);
    }

    [Theory]
    [InlineData("no-store", 200, PrewarmOutcome.NotStored, "not-stored-no-store")]
    [InlineData("private", 200, PrewarmOutcome.NotStored, "not-stored-private")]
    [InlineData("max-age=60", 503, PrewarmOutcome.Failed, "origin-error-status 503")]
    public async Task What_is_not_kept_says_why(string cacheControl, int status, PrewarmOutcome outcome, string reason)
    {
        await using TestOrigin origin = await OriginAsync(cacheControl, status: status);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        PrewarmResult result = await RunAsync(edge, Url);
        Assert.Equal((outcome, reason, status == 503), (result.Outcome, result.Reason, result.IsOriginTrouble));
        Assert.Equal(1, result.OriginFetches);
    }

    [Theory]
    [InlineData("http://other.example.net/a", "unknown-host")]
    [InlineData("http://nobody.example.net/a", "unknown-host")]
    [InlineData("ftp://www.example.net/a", "bad-target")]
    [InlineData("", "bad-target")]
    public async Task Nothing_of_another_site_is_touched(string url, string reason)
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        PrewarmResult result = await RunAsync(edge, url);
        Assert.Equal((PrewarmOutcome.Failed, reason), (result.Outcome, result.Reason));
        Assert.Empty(origin.Requests);
    }

    [Fact]
    public async Task Nothing_is_fetched_before_the_purges_that_a_task_asks_for()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        using var queue = new PrewarmQueue(edge.State, edge.Plane.Prewarmer.RunAsync, edge.Time, NullLogger.Instance);
        var done = new TaskCompletionSource<EdgePrewarmed>();
        queue.Take(Batch(Url) with { Cursor = new PurgeCursor("e", 1) }, result => done.TrySetResult(result));
        edge.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(origin.Requests);
        edge.Purge(PurgeKind.Url, "http://www.example.net/b");
        await AdvanceUntilAsync(edge, done.Task);
        Assert.Equal(PrewarmOutcome.Stored, Assert.Single((await done.Task).Results).Outcome);

        var behind = new TaskCompletionSource<EdgePrewarmed>();
        queue.Take(Batch(Url) with { Cursor = new PurgeCursor("e", 9) }, result => behind.TrySetResult(result));
        await AdvanceUntilAsync(edge, behind.Task);
        Assert.Equal(PrewarmOutcome.Behind, Assert.Single((await behind.Task).Results).Outcome);
    }

    [Fact]
    public async Task Each_task_is_answered_once_and_what_is_too_much_is_refused()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        var hold = new TaskCompletionSource();
        using var queue = new PrewarmQueue(
            edge.State,
            async (_, task, _) =>
            {
                await hold.Task;
                return new PrewarmResult { Task = task.Id, Outcome = PrewarmOutcome.Stored };
            },
            edge.Time, NullLogger.Instance);
        var results = new System.Collections.Concurrent.ConcurrentBag<PrewarmResult>();
        int total = PrewarmQueue.MaxQueued + PrewarmQueue.Concurrency + 200;
        queue.Take(Batch([.. Enumerable.Range(0, total).Select(_ => Url)]), report => results.Add(Assert.Single(report.Results)));
        hold.SetResult();
        await Eventually.TrueAsync(() => Task.FromResult(results.Count == total));
        Assert.InRange(results.Count(r => r.Outcome == PrewarmOutcome.Busy), 1, 216);
        Assert.Equal(total, results.Select(r => r.Task).Distinct().Count());
    }

    private static async Task AdvanceUntilAsync(TestEdge edge, Task task) => await Eventually.TrueAsync(() =>
    {
        edge.Time.Advance(TimeSpan.FromMilliseconds(100));
        return Task.FromResult(task.IsCompleted);
    });
}
