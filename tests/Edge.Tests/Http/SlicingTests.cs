using System.Net;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Http;
using Xunit.Abstractions;

namespace OrleansCdn.Edge.Tests.Http;

public sealed class SlicingTests(ITestOutputHelper output)
{
    private const string Film = "/film.mp4";
    private const long MiB = 1024 * 1024;

    [Fact]
    public async Task The_middle_of_a_cold_gigabyte_costs_its_own_blocks_only()
    {
        var film = new SyntheticObject(1024 * MiB);
        await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);

        long first = (512 * MiB) - 10, last = (513 * MiB) + 9;
        long started = TimeProvider.System.GetTimestamp();
        using HttpResponseMessage part = await edge.GetAsync(Film, ("Range", $"bytes={first}-{last}"));
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Stream body = await part.Content.ReadAsStreamAsync();
        byte[] got = new byte[last - first + 1];
        await body.ReadExactlyAsync(got.AsMemory(0, 1));
        TimeSpan toFirstByte = TimeProvider.System.GetElapsedTime(started);
        await body.ReadExactlyAsync(got.AsMemory(1));
        Assert.Equal($"bytes {first}-{last}/{film.Length}", part.Content.Headers.ContentRange!.ToString());
        Assert.True(got.AsSpan().SequenceEqual(film.Bytes(first, last)));
        Assert.Equal("waw; fwd=uri-miss; fwd-status=206; stored; ttl=60", part.CacheStatus());
        Assert.Equal([(511 * MiB, (512 * MiB) - 1), (512 * MiB, (513 * MiB) - 1), (513 * MiB, (514 * MiB) - 1)], film.Asked.Select(a => a!.Value).Order());

        // All of it is here now, and nothing else is.
        await edge.SettledAsync();
        Assert.Equal(3 * MiB, film.Sent);
        using HttpResponseMessage again = await edge.GetAsync(Film, ("Range", $"bytes={512 * MiB}-{(513 * MiB) - 1}"));
        Assert.Equal("waw; hit; ttl=60", again.CacheStatus());
        Assert.True((await again.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(film.Bytes(512 * MiB, (513 * MiB) - 1)));
        Assert.Equal(3, film.Asked.Count);

        started = TimeProvider.System.GetTimestamp();
        using HttpResponseMessage whole = await edge.GetAsync("/other-film.mp4");
        await (await whole.Content.ReadAsStreamAsync()).ReadExactlyAsync(new byte[64 * MiB]);
        output.WriteLine(
            $"first byte of the middle of 1 GiB after {toFirstByte.TotalMilliseconds:F1} ms; the first 64 MiB from the beginning alone took {TimeProvider.System.GetElapsedTime(started).TotalMilliseconds:F0} ms");
    }

    [Fact]
    public async Task Concurrent_readers_share_every_block()
    {
        var film = new SyntheticObject(40 * MiB);
        var gate = new TaskCompletionSource();
        film.BeforeBody = _ => gate.Task;
        await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        long first = (5 * MiB) + 3, last = (9 * MiB) + 100;
        Task<HttpResponseMessage>[] all = [.. Enumerable.Range(0, 30).Select(i => edge.GetAsync(Film, ("Range", $"bytes={first + i}-{last}")))];
        await Eventually.TrueAsync(() => Task.FromResult(edge.Metrics.Read(Counter.Coalesced) >= all.Length - 1));
        gate.SetResult();
        HttpResponseMessage[] answers = await Task.WhenAll(all);
        for (int i = 0; i < answers.Length; i++)
        {
            Assert.True((await answers[i].Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(film.Bytes(first + i, last)));
        }

        await edge.SettledAsync();
        Assert.Equal(5, film.Asked.Count);
        Assert.Equal(5 * MiB, film.Sent);
    }

    [Fact]
    public async Task The_whole_of_a_sliced_object_comes_from_its_blocks_and_those_that_are_missing()
    {
        var film = new SyntheticObject((5 * MiB) + 77);
        await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await (await edge.GetAsync(Film, ("Range", $"bytes={2 * MiB}-{2 * MiB}"))).Content.ReadAsByteArrayAsync();

        using HttpResponseMessage whole = await edge.GetAsync(Film);
        Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
        Assert.Equal("waw; fwd=partial; fwd-status=206; stored; ttl=60", whole.CacheStatus());
        Assert.Null(whole.Content.Headers.ContentRange);
        Assert.True((await whole.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(film.Bytes(0, film.Length - 1)));
        Assert.Equal(6, film.Asked.Count);
        Assert.Equal(film.Length, film.Sent);

        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Store.InFlightBytes == 0));
        Assert.Equal("waw; hit; ttl=60", (await edge.GetAsync(Film)).CacheStatus());
        using HttpResponseMessage head = await edge.SendAsync(HttpMethod.Head, Film, ("Range", "bytes=0-1"));
        Assert.Equal((HttpStatusCode.OK, film.Length), (head.StatusCode, head.Content.Headers.ContentLength!.Value));
        Assert.Equal(HttpStatusCode.NotModified, (await edge.GetAsync(Film, ("If-None-Match", "\"v1\""))).StatusCode);
        Assert.Equal(6, film.Asked.Count);
    }

    [Fact]
    public async Task A_small_object_is_fetched_and_stored_whole()
    {
        var page = new SyntheticObject(10_000) { ETag = null };
        await using TestOrigin origin = await TestOrigin.StartAsync(page.AnswerAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        using HttpResponseMessage part = await edge.GetAsync("/x", ("Range", "bytes=-5"));
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal("bytes 9995-9999/10000", part.Content.Headers.ContentRange!.ToString());
        Assert.Equal(page.Bytes(9995, 9999), await part.Content.ReadAsByteArrayAsync());
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Fills.Count == 0));

        using HttpResponseMessage whole = await edge.GetAsync("/x");
        Assert.Equal((HttpStatusCode.OK, "waw; hit; ttl=60"), (whole.StatusCode, whole.CacheStatus()));
        Assert.Null(whole.Content.Headers.ContentRange);
        Assert.Equal(page.Bytes(0, 9999), await whole.Content.ReadAsByteArrayAsync());
        Assert.Single(page.Asked);
    }

    [Fact]
    public async Task An_origin_that_does_not_do_ranges_is_asked_once_for_the_whole()
    {
        var film = new SyntheticObject(20 * MiB) { DoesRanges = false };
        var gate = new TaskCompletionSource();
        film.BeforeBody = _ => gate.Task;
        await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Task<HttpResponseMessage>[] all = [.. Enumerable.Range(0, 20).Select(i => edge.GetAsync(Film, ("Range", $"bytes={i * MiB}-{(i * MiB) + 9}")))];
        await Eventually.TrueAsync(() => Task.FromResult(edge.Metrics.Read(Counter.Coalesced) >= all.Length - 1));
        gate.SetResult();
        HttpResponseMessage[] answers = await Task.WhenAll(all);
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.PartialContent, a.StatusCode));
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(film.Bytes(i * MiB, (i * MiB) + 9), await answers[i].Content.ReadAsByteArrayAsync());
        }

        Assert.Single(film.Asked);
    }

    [Fact]
    public async Task Parts_without_a_strong_validator_are_passed_on_and_not_stored()
    {
        foreach (string? tag in new[] { null, "W/\"weak\"" })
        {
            var film = new SyntheticObject(20 * MiB) { ETag = tag };
            await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
            await using TestEdge edge = await TestEdge.StartAsync(origin);
            for (int i = 0; i < 3; i++)
            {
                using HttpResponseMessage part = await edge.GetAsync(Film, ("Range", "bytes=3000000-3000009"));
                Assert.Equal("waw; fwd=uri-miss; fwd-status=206; detail=not-stored-partial", part.CacheStatus());
                Assert.Equal(film.Bytes(3_000_000, 3_000_009), await part.Content.ReadAsByteArrayAsync());
            }

            // Found out once, then each goes its own way with its own range.
            Assert.Equal(4, film.Asked.Count);
            Assert.Equal(0, edge.Plane.Store.Count);
        }
    }

    [Fact]
    public async Task A_range_past_the_end_is_the_origins_416_or_this_edges()
    {
        var film = new SyntheticObject((3 * MiB) + 5);
        await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        using HttpResponseMessage far = await edge.GetAsync(Film, ("Range", $"bytes={9 * MiB}-"));
        Assert.Equal((HttpStatusCode.RequestedRangeNotSatisfiable, $"bytes */{film.Length}"), (far.StatusCode, far.Content.Headers.ContentRange!.ToString()));
        foreach (string range in new[] { $"bytes={film.Length}-", "bytes=-0", "bytes=99999999999999999999999-" })
        {
            using HttpResponseMessage past = await edge.GetAsync(Film, ("Range", range));
            Assert.Equal((HttpStatusCode.RequestedRangeNotSatisfiable, $"bytes */{film.Length}"), (past.StatusCode, past.Content.Headers.ContentRange!.ToString()));
        }

        // Nobody else is the worse for it.
        Assert.Equal(HttpStatusCode.PartialContent, (await edge.GetAsync(Film, ("Range", "bytes=0-1"))).StatusCode);
    }

    [Fact]
    public async Task A_purge_ends_all_blocks_at_once_and_a_soft_one_has_them_confirmed()
    {
        var film = new SyntheticObject(10 * MiB);
        await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        async Task<string> PartAsync(long at)
        {
            using HttpResponseMessage part = await edge.GetAsync(Film, ("Range", $"bytes={at}-{at + 9}"));
            Assert.Equal(film.Bytes(at, at + 9), await part.Content.ReadAsByteArrayAsync());
            await edge.SettledAsync();
            return part.CacheStatus();
        }

        await PartAsync(0);
        await PartAsync(5 * MiB);
        Assert.Equal(2, film.Asked.Count);

        edge.Purge(PurgeKind.Url, $"http://{TestEdge.Host}{Film}", soft: true);
        Assert.StartsWith("waw; fwd=stale; fwd-status=304", await PartAsync(5 * MiB), StringComparison.Ordinal);
        Assert.Contains("hit", await PartAsync(0), StringComparison.Ordinal);
        Assert.Equal(2, film.Asked.Count);

        // Soft, and changed meanwhile: a new generation.
        edge.Purge(PurgeKind.Url, $"http://{TestEdge.Host}{Film}", soft: true);
        (film.ETag, film.Seed) = ("\"v2\"", 9);
        Assert.StartsWith("waw; fwd=stale; fwd-status=206", await PartAsync(5 * MiB), StringComparison.Ordinal);
        Assert.Contains("partial", await PartAsync(0), StringComparison.Ordinal);
        Assert.Equal(4, film.Asked.Count);
        Assert.Equal(3, edge.Plane.Store.Count); // a head and two blocks: the old ones are gone

        edge.Purge(PurgeKind.Url, $"http://{TestEdge.Host}{Film}");
        Assert.StartsWith("waw; fwd=uri-miss", await PartAsync(0), StringComparison.Ordinal);
        Assert.StartsWith("waw; fwd=partial", await PartAsync(5 * MiB), StringComparison.Ordinal);
        Assert.Equal(6, film.Asked.Count);
    }

    [Fact]
    public async Task Staleness_is_confirmed_once_for_all_blocks()
    {
        var film = new SyntheticObject(10 * MiB);
        await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await (await edge.GetAsync(Film)).Content.ReadAsByteArrayAsync();
        edge.Purge(PurgeKind.Url, $"http://{TestEdge.Host}{Film}");
        await (await edge.GetAsync(Film, ("Range", "bytes=0-9"))).Content.ReadAsByteArrayAsync();
        await (await edge.GetAsync(Film)).Content.ReadAsByteArrayAsync();
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Store.InFlightBytes == 0));
        int asked = film.Asked.Count;
        edge.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.True((await (await edge.GetAsync(Film)).Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(film.Bytes(0, film.Length - 1)));
        Assert.Contains("hit", (await edge.GetAsync(Film)).CacheStatus(), StringComparison.Ordinal);
        Assert.Equal(asked, film.Asked.Count);
    }
}
