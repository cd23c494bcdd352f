using System.Net;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Http;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>What an object that changes, an origin that breaks off or lies, and a visitor that aims at the origin must not achieve.</summary>
public sealed class SlicingFaultTests
{
    private const string Film = "/film.mp4";
    private const long MiB = 1024 * 1024;

    [Fact]
    public async Task An_object_that_changes_midway_is_never_mixed_and_heals()
    {
        var film = new SyntheticObject(20 * MiB);
        await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
        int asked = 0;
        origin.Answer = context =>
        {
            if (Interlocked.Increment(ref asked) == 4)
            {
                (film.ETag, film.Seed) = ("\"v2\"", 9);
            }

            return film.AnswerAsync(context);
        };
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        using HttpResponseMessage part = await edge.GetAsync(Film, ("Range", "bytes=0-"));
        Assert.Equal("\"v1\"", part.Headers.ETag!.Tag);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => part.Content.ReadAsByteArrayAsync());

        await edge.SettledAsync();
        using HttpResponseMessage healed = await edge.GetAsync(Film, ("Range", "bytes=0-"));
        Assert.Equal(("\"v2\"", "waw; fwd=uri-miss; fwd-status=206; stored; ttl=60"), (healed.Headers.ETag!.Tag, healed.CacheStatus()));
        Assert.True((await healed.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(film.Bytes(0, film.Length - 1)));
    }

    [Fact]
    public async Task One_answer_of_another_representation_is_asked_for_again()
    {
        var film = new SyntheticObject(8 * MiB);
        var other = new SyntheticObject(8 * MiB, seed: 9) { ETag = "\"v2\"" };
        await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
        int asked = 0;
        origin.Answer = context => Interlocked.Increment(ref asked) == 4 ? other.AnswerAsync(context) : film.AnswerAsync(context);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        using HttpResponseMessage part = await edge.GetAsync(Film, ("Range", "bytes=0-"));
        Assert.True((await part.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(film.Bytes(0, film.Length - 1)));
        Assert.Equal(9, asked);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_block_that_breaks_off_is_asked_for_again_and_the_visitor_does_not_notice(int broken)
    {
        var film = new SyntheticObject(8 * MiB);
        int asked = 0;
        await using TestOrigin origin = await TestOrigin.StartAsync(context =>
            Interlocked.Increment(ref asked) == broken ? BreakOffAsync(film, context) : film.AnswerAsync(context));
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        using HttpResponseMessage part = await edge.GetAsync(Film, ("Range", "bytes=100-"));
        Assert.True((await part.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(film.Bytes(100, film.Length - 1)));
        await edge.SettledAsync();
    }

    [Fact]
    public async Task An_origin_that_always_breaks_off_resets_the_response_and_leaves_nothing_behind()
    {
        var film = new SyntheticObject(8 * MiB);
        await using TestOrigin origin = await TestOrigin.StartAsync(context => BreakOffAsync(film, context));
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await Assert.ThrowsAnyAsync<HttpRequestException>(async () =>
        {
            using HttpResponseMessage part = await edge.GetAsync(Film, ("Range", "bytes=100-"));
            await part.Content.ReadAsByteArrayAsync();
        });
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Store is { InFlightBytes: 0, Count: 0 } && edge.Plane.Fills.Count == 0));
    }

    private static async Task BreakOffAsync(SyntheticObject film, HttpContext context)
    {
        string[] ends = context.Request.Headers.Range.ToString()["bytes=".Length..].Split('-');
        long first = long.Parse(ends[0], null);
        long last = Math.Min(film.Length - 1, long.Parse(ends[1], null));
        context.Response.StatusCode = 206;
        context.Response.Headers.CacheControl = "max-age=60";
        context.Response.Headers.ETag = film.ETag;
        context.Response.Headers.ContentRange = $"bytes {first}-{last}/{film.Length}";
        context.Response.ContentLength = last - first + 1;
        await context.Response.Body.WriteAsync(film.Bytes(first, Math.Min(last, first + 200_000)));
        await context.Response.Body.FlushAsync();
        context.Abort();
    }

    /// <summary>The first answer may lie, or one to a later block of an object that is known.</summary>
    [Theory]
    [InlineData("bytes 0-1048575/8388608", null)]
    [InlineData("bytes 2097151-3145727/8388608", null)]
    [InlineData("bytes 2097152-3145728/8388608", 1048576)]
    [InlineData("bytes 2097152-3145727/3145720", null)]
    [InlineData("bytes 2097152-3145727/8388608", 1000)]
    [InlineData("bytes 2097152-3145727/8388608", 2000000)]
    [InlineData("bytes 3145727-2097152/8388608", null)]
    [InlineData("bytes 2097152-99999999999999999999/8388608", null)]
    [InlineData("bytes=2097152-3145727/8388608", null)]
    [InlineData("rubbish", null)]
    [InlineData("", null)]
    public async Task A_lying_content_range_is_neither_stored_nor_served(string contentRange, int? length)
    {
        foreach (int lieFrom in new[] { 1, 2 })
        {
            var film = new SyntheticObject(8 * MiB);
            int asked = 0;
            await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
            {
                if (Interlocked.Increment(ref asked) < lieFrom)
                {
                    await film.AnswerAsync(context);
                    return;
                }

                context.Response.StatusCode = 206;
                context.Response.Headers.CacheControl = "max-age=60";
                context.Response.Headers.ETag = film.ETag;
                if (contentRange.Length > 0)
                {
                    context.Response.Headers.ContentRange = contentRange;
                }

                byte[] evil = new byte[length ?? 1048576];
                Array.Fill(evil, (byte)0xEE);
                context.Response.ContentLength = evil.Length;
                await context.Response.Body.WriteAsync(evil);
            });
            await using TestEdge edge = await TestEdge.StartAsync(origin);
            if (lieFrom == 2)
            {
                await (await edge.GetAsync(Film, ("Range", "bytes=0-0"))).Content.ReadAsByteArrayAsync();
            }

            using HttpResponseMessage part = await edge.GetAsync(Film, ("Range", "bytes=2097152-2097161"));
            Assert.True(part.StatusCode == HttpStatusCode.BadGateway, $"{lieFrom}: {part} {asked}");
            await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Store is { InFlightBytes: 0, Count: 0 } && edge.Plane.Fills.Count == 0));
        }
    }

    [Fact]
    public async Task After_a_purge_midway_no_old_block_is_used()
    {
        foreach (bool changes in new[] { false, true })
        {
            var film = new SyntheticObject(12 * MiB);
            var gate = new TaskCompletionSource();
            film.BeforeBody = context => context.Response.Headers.ContentRange.ToString().StartsWith("bytes 4194304-", StringComparison.Ordinal) ? gate.Task : Task.CompletedTask;
            await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
            await using TestEdge edge = await TestEdge.StartAsync(origin);
            await (await edge.GetAsync(Film, ("Range", $"bytes={8 * MiB}-{9 * MiB}"))).Content.ReadAsByteArrayAsync();
            using HttpResponseMessage part = await edge.GetAsync(Film, ("Range", "bytes=0-"));
            Task<byte[]> reading = part.Content.ReadAsByteArrayAsync();
            await Eventually.TrueAsync(() => Task.FromResult(film.Asked.Contains((5 * MiB, (6 * MiB) - 1))));
            edge.Purge(PurgeKind.Url, $"http://{TestEdge.Host}{Film}");
            if (changes)
            {
                (film.ETag, film.Seed) = ("\"v2\"", 9);
            }

            gate.SetResult();
            if (changes)
            {
                await Assert.ThrowsAnyAsync<HttpRequestException>(() => reading);
            }
            else
            {
                Assert.True((await reading).AsSpan().SequenceEqual(film.Bytes(0, film.Length - 1)));
            }

            // Straight from the origin to the end, although some of it was here.
            Assert.Contains((5 * MiB, film.Length - 1), film.Asked);
            using HttpResponseMessage next = await edge.GetAsync(Film, ("Range", $"bytes={8 * MiB}-{(8 * MiB) + 9}"));
            Assert.StartsWith("waw; fwd=uri-miss", next.CacheStatus(), StringComparison.Ordinal);
            Assert.Equal(film.Bytes(8 * MiB, (8 * MiB) + 9), await next.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task Tiny_ranges_over_many_large_objects_cost_the_origin_no_more_than_a_visitors_budget()
    {
        var film = new SyntheticObject(100 * MiB);
        await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        HttpResponseMessage? last = null;
        for (int i = 0; i < 300; i++)
        {
            long at = i % 90 * MiB;
            last = await edge.GetAsync($"/{i}.mp4", ("Range", $"bytes={at}-{at}"));
            Assert.Equal(HttpStatusCode.PartialContent, last.StatusCode);
            Assert.Equal(film.Bytes(at, at), await last.Content.ReadAsByteArrayAsync());
        }

        Assert.InRange(film.Sent, 0, RangeBudget.CapacityBytes + (2 * MiB));
        Assert.Equal("waw; fwd=uri-miss; fwd-status=206; detail=not-stored-range-budget", last!.CacheStatus());

        // Of one object too; and who reads what it asks for is not hindered once it has some again.
        long at2 = 95 * MiB;
        using HttpResponseMessage other = await edge.GetAsync("/0.mp4", ("Range", $"bytes={at2}-{at2 + 1}"));
        Assert.Equal(film.Bytes(at2, at2 + 1), await other.Content.ReadAsByteArrayAsync());
        Assert.InRange(film.Sent, 0, RangeBudget.CapacityBytes + (2 * MiB));
        edge.Time.Advance(TimeSpan.FromSeconds(2));
        using HttpResponseMessage long1 = await edge.GetAsync("/new.mp4", ("Range", $"bytes={MiB}-{(40 * MiB) - 1}"));
        Assert.True((await long1.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(film.Bytes(MiB, (40 * MiB) - 1)));
        Assert.Contains("stored", long1.CacheStatus(), StringComparison.Ordinal);
        Assert.DoesNotContain("not-stored", long1.CacheStatus(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Blocks_are_evicted_one_by_one_and_memory_stays_bounded()
    {
        const long memory = 16 * MiB;
        var film = new SyntheticObject(60 * MiB);
        await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin, memoryBytes: memory);
        long peak = 0;
        using var done = new CancellationTokenSource();
        Task watch = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                peak = Math.Max(peak, edge.Plane.Store.Bytes + edge.Plane.Store.InFlightBytes);
                await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
            }
        });
        await Parallel.ForEachAsync(Enumerable.Range(0, 6), async (i, _) =>
        {
            long first = i * 7 * MiB, last = Math.Min(film.Length, first + (30 * MiB)) - 1;
            using HttpResponseMessage part = await edge.GetAsync(Film, ("Range", $"bytes={first}-{last}"));
            Assert.True((await part.Content.ReadAsByteArrayAsync(CancellationToken.None)).AsSpan().SequenceEqual(film.Bytes(first, last)));
        });
        await done.CancelAsync();
        await watch;
        await edge.SettledAsync();
        Assert.InRange(peak, 2 * MiB, memory + MiB);
        Assert.InRange(edge.Plane.Store.Bytes, MiB, memory);
    }

    [Fact]
    public async Task A_failing_origin_is_told_as_such_and_the_object_stays()
    {
        var film = new SyntheticObject(8 * MiB);
        bool fails = false;
        await using TestOrigin origin = await TestOrigin.StartAsync(context =>
        {
            if (fails)
            {
                context.Response.StatusCode = 503;
                return Task.CompletedTask;
            }

            return film.AnswerAsync(context);
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await (await edge.GetAsync(Film, ("Range", "bytes=0-0"))).Content.ReadAsByteArrayAsync();
        await edge.SettledAsync();
        fails = true;
        using HttpResponseMessage missing = await edge.GetAsync(Film, ("Range", $"bytes={4 * MiB}-{4 * MiB}"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "waw; fwd=partial; fwd-status=503; detail=origin-error-status"), (missing.StatusCode, missing.CacheStatus()));
        using HttpResponseMessage here = await edge.GetAsync(Film, ("Range", "bytes=5-6"));
        Assert.Equal("waw; hit; ttl=60", here.CacheStatus());
    }

    [Fact]
    public async Task What_one_visitor_forbids_to_store_does_not_end_the_object_for_all()
    {
        var film = new SyntheticObject(8 * MiB);
        await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await (await edge.GetAsync(Film, ("Range", "bytes=0-0"))).Content.ReadAsByteArrayAsync();
        await edge.SettledAsync();
        using HttpResponseMessage own = await edge.GetAsync(Film, ("Range", $"bytes={4 * MiB}-{(4 * MiB) + 9}"), ("Cache-Control", "no-store"), ("Authorization", "Basic eDp5"));
        Assert.Equal(film.Bytes(4 * MiB, (4 * MiB) + 9), await own.Content.ReadAsByteArrayAsync());
        using HttpResponseMessage here = await edge.GetAsync(Film, ("Range", "bytes=5-6"));
        Assert.Equal("waw; hit; ttl=60", here.CacheStatus());
    }

    [Fact]
    public async Task A_shield_serves_blocks_from_its_own()
    {
        var film = new SyntheticObject(20 * MiB);
        await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
        await using TestEdge shield = await TestEdge.StartAsync(origin, "shield: lax", pop: "lax");
        await using TestEdge edge = await TestEdge.StartAsync(origin, "shield: lax");
        await using TestEdge second = await TestEdge.StartAsync(origin, "shield: lax");
        foreach (TestEdge each in new[] { edge, second })
        {
            each.State.Replace(new PeerTable([new PeerEdge("lax", "lax1", shield.PeerUrl), new PeerEdge("waw", "waw1", each.PeerUrl)]));
            using HttpResponseMessage part = await each.GetAsync(Film, ("Range", $"bytes={(5 * MiB) + 7}-{8 * MiB}"));
            Assert.Equal("lax", part.CacheStatus()[..3]);
            Assert.True((await part.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(film.Bytes((5 * MiB) + 7, 8 * MiB)));
        }

        await shield.SettledAsync();
        Assert.Equal(4, film.Asked.Count);
        Assert.Equal(4 * MiB, film.Sent);

        // Purged here only: the shield steps aside.
        edge.Purge(PurgeKind.Url, $"http://{TestEdge.Host}{Film}");
        using HttpResponseMessage behind = await edge.GetAsync(Film, ("Range", $"bytes={6 * MiB}-{6 * MiB}"));
        Assert.Equal("waw; fwd=uri-miss; fwd-status=206; stored; ttl=60", behind.CacheStatus());
        Assert.Equal(5, film.Asked.Count);
    }
}
