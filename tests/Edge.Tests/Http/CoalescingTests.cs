using System.Net;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Tests.Http;

public sealed class CoalescingTests
{
    private const string Page = "/x";

    [Fact]
    public async Task A_thousand_followers_stream_while_the_leader_fills()
    {
        byte[] bytes = new byte[400_000];
        new Random(2).NextBytes(bytes);
        var half = new TaskCompletionSource();
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            context.Response.ContentLength = bytes.Length;
            await context.Response.Body.WriteAsync(bytes.AsMemory(0, 200_000));
            await context.Response.Body.FlushAsync();
            await half.Task;
            await context.Response.Body.WriteAsync(bytes.AsMemory(200_000));
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);

        Task<HttpResponseMessage>[] all = [.. Enumerable.Range(0, 1000).Select(_ => edge.GetAsync(Page))];
        HttpResponseMessage[] answers = await Task.WhenAll(all);

        // All headers and first halves are here while the origin still holds the second.
        byte[] first = new byte[150_000];
        await Parallel.ForEachAsync(answers, async (answer, _) =>
        {
            Stream stream = await answer.Content.ReadAsStreamAsync(CancellationToken.None);
            byte[] start = new byte[150_000];
            await stream.ReadExactlyAsync(start, CancellationToken.None);
            Assert.True(start.AsSpan().SequenceEqual(bytes.AsSpan(0, 150_000)));
        });
        half.SetResult();
        await Parallel.ForEachAsync(answers, async (answer, _) =>
        {
            using var rest = new MemoryStream();
            await (await answer.Content.ReadAsStreamAsync(CancellationToken.None)).CopyToAsync(rest, CancellationToken.None);
            Assert.True(rest.ToArray().AsSpan().SequenceEqual(bytes.AsSpan(150_000)));
        });
        Assert.Single(origin.Requests);
        Assert.Equal(999, edge.Metrics.Read(Counter.Coalesced));
    }

    [Fact]
    public async Task The_leaders_client_leaves_and_the_followers_are_served()
    {
        var gate = new TaskCompletionSource();
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            await gate.Task;
            context.Response.Headers.CacheControl = "max-age=60";
            await context.Response.WriteAsync("whole");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);

        using var leave = new CancellationTokenSource();
        var request = new HttpRequestMessage(HttpMethod.Get, edge.PublicUrl + Page);
        request.Headers.Host = TestEdge.Host;
        Task<HttpResponseMessage> leader = edge.Client.SendAsync(request, leave.Token);
        await Eventually.TrueAsync(() => Task.FromResult(origin.Requests.Count == 1));
        Task<string> follower = edge.GetAsync(Page).TextAsync();
        await Eventually.TrueAsync(() => Task.FromResult(edge.Metrics.Read(Counter.Coalesced) == 1));
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leader);
        gate.SetResult();
        Assert.Equal("whole", await follower);
        Assert.Single(origin.Requests);
    }

    [Fact]
    public async Task A_fill_that_nobody_waits_for_any_more_is_ended()
    {
        var aborted = new TaskCompletionSource();
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.RequestAborted.Register(() => aborted.TrySetResult());
            await aborted.Task;
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        using var leave = new CancellationTokenSource();
        var request = new HttpRequestMessage(HttpMethod.Get, edge.PublicUrl + Page);
        request.Headers.Host = TestEdge.Host;
        Task<HttpResponseMessage> only = edge.Client.SendAsync(request, leave.Token);
        await Eventually.TrueAsync(() => Task.FromResult(origin.Requests.Count == 1));
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => only);
        await aborted.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Fills.Count == 0));
        Assert.Equal(0, edge.Plane.Store.InFlightBytes);
    }

    [Fact]
    public async Task Uncacheable_after_waiting_sends_everyone_alone_and_at_the_same_time()
    {
        var gate = new TaskCompletionSource();
        int inside = 0;
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            if (Interlocked.Increment(ref inside) == 20)
            {
                // Everyone but the leader is here at once: nobody was made to wait for another.
                gate.TrySetResult();
            }

            if (inside > 1)
            {
                await gate.Task.WaitAsync(TimeSpan.FromSeconds(30));
            }

            context.Response.Headers.CacheControl = "no-store";
            await context.Response.WriteAsync("own");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Task<string>[] all = [.. Enumerable.Range(0, 20).Select(_ => edge.GetAsync(Page).TextAsync())];
        Assert.All(await Task.WhenAll(all), text => Assert.Equal("own", text));
        Assert.Equal(20, origin.Requests.Count);

        // Remembered: from now on nobody waits at all, until something cacheable comes.
        await edge.GetAsync(Page).TextAsync();
        Assert.Equal(21, origin.Requests.Count);
        origin.Answer = async context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            await context.Response.WriteAsync("shared");
        };
        Assert.Equal("shared", await edge.GetAsync(Page).TextAsync());
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Fills.Count == 0));
        Assert.Contains("hit", (await edge.GetAsync(Page)).CacheStatus(), StringComparison.Ordinal);
        Assert.Equal(22, origin.Requests.Count);
    }

    [Fact]
    public async Task A_failing_origin_is_asked_at_most_twice_for_all_who_wait()
    {
        var gate = new TaskCompletionSource();
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            await gate.Task;
            context.Response.StatusCode = 503;
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Task<HttpResponseMessage>[] all = [.. Enumerable.Range(0, 100).Select(_ => edge.GetAsync(Page))];
        await Eventually.TrueAsync(() => Task.FromResult(edge.Metrics.Read(Counter.Coalesced) == 99));
        gate.SetResult();
        Assert.All(await Task.WhenAll(all), answer => Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode));

        // One leader, then one new leader, whose failure is everybody's, however late they wake.
        Assert.Equal(2, origin.Requests.Count);
    }

    [Fact]
    public async Task A_truncated_body_resets_every_response_and_is_not_stored()
    {
        int asked = 0;
        var half = new TaskCompletionSource();
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            if (Interlocked.Increment(ref asked) == 1)
            {
                context.Response.ContentLength = 100_000;
                await context.Response.Body.WriteAsync(new byte[50_000]);
                await context.Response.Body.FlushAsync();
                await half.Task;
                context.Abort();
                return;
            }

            await context.Response.WriteAsync("whole");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        HttpResponseMessage leader = await edge.GetAsync(Page);
        HttpResponseMessage follower = await edge.GetAsync(Page);
        half.SetResult();
        foreach (HttpResponseMessage answer in new[] { leader, follower })
        {
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => answer.Content.ReadAsByteArrayAsync());
        }

        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Fills.Count == 0));
        Assert.Equal("whole", await edge.GetAsync(Page).TextAsync());
        Assert.Equal(0, edge.Plane.Store.InFlightBytes);
    }

    [Fact]
    public async Task A_truncated_chunked_body_is_never_ended_as_if_it_were_whole()
    {
        var half = new TaskCompletionSource();
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = context.Request.Path == Page ? "max-age=60" : "no-store";
            await context.Response.Body.WriteAsync(new byte[50_000]);
            await context.Response.Body.FlushAsync();
            await half.Task;
            context.Abort();
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        foreach (string path in new[] { Page, "/uncached" })
        {
            half = new TaskCompletionSource();
            HttpResponseMessage answer = await edge.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            half.SetResult();
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => answer.Content.ReadAsByteArrayAsync());
        }

        Assert.Equal(0, edge.Plane.Store.Count);
    }

    [Fact]
    public async Task A_chunked_body_that_outgrows_the_limit_streams_on_within_a_window_and_is_not_kept()
    {
        const int total = 8 * 1024 * 1024;
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            byte[] piece = new byte[64 * 1024];
            for (int sent = 0; sent < total; sent += piece.Length)
            {
                Array.Fill(piece, (byte)(sent / piece.Length));
                await context.Response.Body.WriteAsync(piece);
            }
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin, "cache: { max-object: 1MiB }");
        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => edge.GetAsync(Page)));
        foreach (byte[] body in await Task.WhenAll(answers.Select(a => a.Content.ReadAsByteArrayAsync())))
        {
            Assert.Equal(total, body.Length);
            for (int i = 0; i < total; i += 64 * 1024)
            {
                Assert.Equal((byte)(i / (64 * 1024)), body[i + 1]);
            }
        }

        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Fills.Count == 0));
        Assert.Equal(0, edge.Plane.Store.Count);
        Assert.Equal(0, edge.Plane.Store.InFlightBytes);
    }

    [Fact]
    public async Task Variants_that_were_not_known_to_be_variants_get_their_own_answer()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            context.Response.Headers.Vary = "Accept-Language";
            await context.Response.WriteAsync(context.Request.Headers.AcceptLanguage.ToString());
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string[] languages = [.. Enumerable.Range(0, 30).Select(i => "l" + (i % 3))];
        string[] answers = await Task.WhenAll(languages.Select(l => edge.GetAsync(Page, ("Accept-Language", l)).TextAsync()));
        Assert.Equal(languages, answers);
    }

    [Fact]
    public async Task Fills_hold_no_more_memory_than_their_share()
    {
        var gate = new TaskCompletionSource();
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            context.Response.ContentLength = 1024 * 1024;
            await context.Response.Body.WriteAsync(new byte[1024]);
            await context.Response.Body.FlushAsync();
            await gate.Task;
            await context.Response.Body.WriteAsync(new byte[(1024 * 1024) - 1024]);
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin, memoryBytes: 8 * 1024 * 1024);
        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => edge.GetAsync($"/{i}")));
        Assert.InRange(edge.Plane.Store.InFlightBytes, 1, 4 * 1024 * 1024);
        Assert.Equal(8, answers.Count(a => a.CacheStatus().Contains("not-stored-no-memory", StringComparison.Ordinal)));
        gate.SetResult();
        Assert.All(await Task.WhenAll(answers.Select(a => a.Content.ReadAsByteArrayAsync())), b => Assert.Equal(1024 * 1024, b.Length));
    }

    [Fact]
    public async Task A_holder_gives_another_edge_what_it_has_and_a_shield_fetches_for_it()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            context.Response.Headers["Surrogate-Key"] = "t";
            await context.Response.WriteAsync("from origin");
        });
        await using TestEdge shield = await TestEdge.StartAsync(origin, "shield: lax", pop: "lax");
        await using TestEdge edge = await TestEdge.StartAsync(origin, "shield: lax");
        edge.State.Replace(new PeerTable([new PeerEdge("lax", "lax1", shield.PeerUrl), new PeerEdge("waw", "waw1", edge.PeerUrl)]));

        HttpResponseMessage first = await edge.GetAsync(Page);
        Assert.Equal("from origin", await first.Content.ReadAsStringAsync());
        Assert.Equal("lax; fwd=uri-miss; fwd-status=200; stored; ttl=60, waw; fwd=uri-miss; fwd-status=200; stored; ttl=60", first.CacheStatus());
        Assert.False(first.Headers.Contains("cdn-peer-result"));
        Assert.Equal("testcdn", Assert.Single(origin.Requests)["CDN-Loop"]);
        Assert.Equal("127.0.0.1", origin.Requests.Single()["X-Forwarded-For"]);
        Assert.Equal(ResponseSource.Of(FilledFrom.Origin, origin.Url.TrimEnd('/')), shield.Plane.Store.Enumerate().Single().Source);
        Assert.Equal(ResponseSource.Of(FilledFrom.Shield, "lax/lax1"), edge.Plane.Store.Enumerate().Single().Source);

        // Tags travel between edges, so that a purge by tag holds at both.
        edge.Purge(PurgeKind.Tag, "t");
        HttpResponseMessage behind = await edge.GetAsync(Page);
        Assert.Equal("from origin", await behind.Content.ReadAsStringAsync());
        Assert.Equal(2, origin.Requests.Count);

        // The shield has not seen the purge: it stepped aside and the origin was asked directly.
        Assert.DoesNotContain("lax", behind.CacheStatus(), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Store.Enumerate().Any(r => r.Source == ResponseSource.Of(FilledFrom.Origin, origin.Url.TrimEnd('/')))));
    }

    [Fact]
    public async Task Without_its_shield_an_edge_asks_the_origin()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            await context.Response.WriteAsync("from origin");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin, "shield: lax");
        edge.State.Replace(new PeerTable([new PeerEdge("lax", "lax1", "http://127.0.0.1:1")]));
        Assert.Equal("from origin", await edge.GetAsync(Page).TextAsync());
    }
}
