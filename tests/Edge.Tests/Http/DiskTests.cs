using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache.Disk;
using OrleansCdn.Edge.Tests.Control;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>What survives the end of an edge, and what must not.</summary>
public sealed class DiskTests : IDisposable
{
    private readonly TempDirectory _files = new();
    private readonly TestDisk _disk;

    public DiskTests() => _disk = new TestDisk(_files.File("disk"));

    public void Dispose() => _files.Dispose();

    private static Task<TestOrigin> OriginAsync(string cacheControl = "max-age=600") => TestOrigin.StartAsync(async context =>
    {
        string etag = $"\"{context.Request.Path.Value!.Length}\"";
        context.Response.Headers.CacheControl = cacheControl;
        context.Response.Headers.ETag = etag;
        if (context.Request.Headers.IfNoneMatch == etag)
        {
            context.Response.StatusCode = 304;
            return;
        }

        context.Response.Headers["Surrogate-Key"] = "all";
        if (context.Request.Path == "/vary")
        {
            context.Response.Headers.Vary = "X-Kind";
            await context.Response.WriteAsync($"kind {context.Request.Headers["X-Kind"]}");
            return;
        }

        byte[] body = BodyOf(context.Request.Path.Value!);
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body);
    });

    /// <summary>/NAME.SIZE has that many bytes, of its own.</summary>
    private static byte[] BodyOf(string path)
    {
        byte[] body = new byte[int.Parse(path[(path.IndexOf('.', StringComparison.Ordinal) + 1)..])];
        new Random(path.Length + body.Length).NextBytes(body);
        return body;
    }

    private async Task WrittenAsync(TestEdge edge, int objects) => await Control.Eventually.IsTrueAsync(
        () => edge.Disk!.PendingBytes == 0 && edge.Disk.Count == objects, () => $"{edge.Disk!.Count} objects, {edge.Disk.PendingBytes} bytes wait");

    private async Task FillAsync(TestOrigin origin, params string[] paths)
    {
        await using TestEdge edge = await TestEdge.StartAsync(origin, disk: _disk);
        foreach (string path in paths)
        {
            using HttpResponseMessage response = await edge.GetAsync(path);
            Assert.Equal(BodyOf(path), await response.Content.ReadAsByteArrayAsync());
        }

        await WrittenAsync(edge, paths.Length);
    }

    [Fact]
    public async Task An_object_survives_a_restart_and_its_age_goes_on()
    {
        await using TestOrigin origin = await OriginAsync();
        await FillAsync(origin, "/a.1000", "/b.300000", "/empty.0");
        _disk.Now += TimeSpan.FromSeconds(100);
        await using TestEdge edge = await TestEdge.StartAsync(origin, disk: _disk);
        foreach (string path in new[] { "/a.1000", "/b.300000", "/empty.0" })
        {
            using HttpResponseMessage response = await edge.GetAsync(path);
            Assert.Equal(BodyOf(path), await response.Content.ReadAsByteArrayAsync());
            Assert.Equal("waw; hit; ttl=500; detail=disk", response.CacheStatus());
            Assert.Equal("100", response.Headers.GetValues("Age").Single());
            Assert.False(response.Headers.Contains("Surrogate-Key"));
            Assert.Equal("1.1 testcdn", response.Headers.Via.Single().ToString());
        }

        using HttpResponseMessage again = await edge.GetAsync("/a.1000");
        Assert.Equal("waw; hit; ttl=500", again.CacheStatus());
        Assert.Equal(3, origin.Requests.Count);
    }

    /// <summary>A restart while the origins are down: what is on disk stands in as what is in memory would.</summary>
    [Fact]
    public async Task A_stale_object_stands_in_at_once_while_the_origins_are_sick()
    {
        await using TestOrigin origin = await OriginAsync("max-age=10");
        await FillAsync(origin, "/a.1000");
        _disk.Now += TimeSpan.FromSeconds(15);
        await using TestEdge edge = await TestEdge.StartAsync(origin, "failover: { trip-after: 1 }", disk: _disk);
        origin.Answer = context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await edge.GetAsync("/b.1000")).StatusCode);
        int asked = origin.Requests.Count;
        using HttpResponseMessage response = await edge.GetAsync("/a.1000");
        Assert.Equal(BodyOf("/a.1000"), await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("waw; hit; ttl=-5; detail=disk", response.CacheStatus());
        Assert.Equal("waw; hit; ttl=-5; detail=origins-sick", (await edge.GetAsync("/a.1000")).CacheStatus());
        Assert.Equal(asked, origin.Requests.Count);
    }

    [Fact]
    public async Task Many_who_ask_at_once_cause_one_move_to_memory_and_no_request()
    {
        await using TestOrigin origin = await OriginAsync();
        await FillAsync(origin, "/a.60000");
        await using TestEdge edge = await TestEdge.StartAsync(origin, disk: _disk);
        byte[][] bodies = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ => await (await edge.GetAsync("/a.60000")).Content.ReadAsByteArrayAsync()));
        Assert.All(bodies, body => Assert.Equal(BodyOf("/a.60000"), body));
        Assert.Single(origin.Requests);
    }

    [Fact]
    public async Task A_large_body_is_sent_from_disk_whole_and_in_parts()
    {
        const string path = "/large.9000000";
        await using TestOrigin origin = await OriginAsync();
        await FillAsync(origin, path);
        await using TestEdge edge = await TestEdge.StartAsync(origin, disk: _disk);
        byte[] expected = BodyOf(path);
        using HttpResponseMessage whole = await edge.GetAsync(path);
        Assert.Equal(SHA256.HashData(expected), SHA256.HashData(await whole.Content.ReadAsByteArrayAsync()));
        Assert.EndsWith("detail=disk", whole.CacheStatus(), StringComparison.Ordinal);
        using HttpResponseMessage part = await edge.GetAsync(path, ("Range", "bytes=1000000-1200000"));
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal("bytes 1000000-1200000/9000000", part.Content.Headers.ContentRange!.ToString());
        Assert.Equal(expected[1_000_000..1_200_001], await part.Content.ReadAsByteArrayAsync());
        using HttpResponseMessage head = await edge.SendAsync(HttpMethod.Head, path);
        Assert.Equal(expected.Length, head.Content.Headers.ContentLength);
        using HttpResponseMessage beyond = await edge.GetAsync(path, ("Range", "bytes=9000000-"));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
        using HttpResponseMessage same = await edge.GetAsync(path, ("If-None-Match", $"\"{path.Length}\""));
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Single(origin.Requests);
        Assert.Equal(0, edge.Plane.Store.Count);
    }

    [Fact]
    public async Task What_memory_lets_go_comes_back_from_disk()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, memoryBytes: 500_000, disk: _disk);
        for (int round = 0; round < 2; round++)
        {
            for (int i = 10; i < 40; i++)
            {
                using HttpResponseMessage response = await edge.GetAsync($"/o{i}.40000");
                Assert.Equal(BodyOf($"/o{i}.40000"), await response.Content.ReadAsByteArrayAsync());
                await Control.Eventually.IsTrueAsync(() => edge.Disk!.PendingBytes == 0);
            }
        }

        Assert.Equal(30, origin.Requests.Count);
    }

    [Fact]
    public async Task Variants_are_told_apart()
    {
        await using TestOrigin origin = await OriginAsync();
        await using (TestEdge edge = await TestEdge.StartAsync(origin, disk: _disk))
        {
            foreach (string kind in new[] { "a", "b", "c" })
            {
                Assert.Equal($"kind {kind}", await edge.GetAsync("/vary", ("X-Kind", kind)).TextAsync());
            }

            await WrittenAsync(edge, 3);
        }

        await using TestEdge restarted = await TestEdge.StartAsync(origin, disk: _disk);
        foreach (string kind in new[] { "b", "c", "a" })
        {
            Assert.Equal($"kind {kind}", await restarted.GetAsync("/vary", ("X-Kind", kind)).TextAsync());
        }

        Assert.Equal(3, origin.Requests.Count);
        Assert.Equal("kind d", await restarted.GetAsync("/vary", ("X-Kind", "d")).TextAsync());
        Assert.Equal(4, origin.Requests.Count);
    }

    [Theory]
    [InlineData(PurgeKind.Url, "http://www.example.net/a.1000")]
    [InlineData(PurgeKind.Tag, "all")]
    [InlineData(PurgeKind.Site, "")]
    [InlineData(PurgeKind.Host, "www.example.net")]
    [InlineData(PurgeKind.Prefix, "www.example.net/a")]
    public async Task What_was_purged_before_the_restart_stays_purged(PurgeKind kind, string value)
    {
        await using TestOrigin origin = await OriginAsync();
        await using (TestEdge edge = await TestEdge.StartAsync(origin, disk: _disk))
        {
            await edge.GetAsync("/a.1000").TextAsync();
            await WrittenAsync(edge, 1);
            edge.Purge(kind, value);
            await edge.GetAsync("/b.1000").TextAsync();
            await WrittenAsync(edge, 2);
            _disk.Saved = edge.State.Purges.Cursor;
        }

        await using TestEdge restarted = await TestEdge.StartAsync(origin, disk: _disk);
        await restarted.GetAsync("/b.1000").TextAsync();
        Assert.Equal(2, origin.Requests.Count);
        using HttpResponseMessage purged = await restarted.GetAsync("/a.1000");
        Assert.Contains("fwd=uri-miss", purged.CacheStatus(), StringComparison.Ordinal);
        Assert.Equal(3, origin.Requests.Count);
        Assert.Null(origin.Requests.Last()["If-None-Match"]);
    }

    [Fact]
    public async Task What_is_purged_while_it_is_only_on_disk_is_not_served()
    {
        await using TestOrigin origin = await OriginAsync();
        await FillAsync(origin, "/a.1000", "/large.9000000");
        await using TestEdge edge = await TestEdge.StartAsync(origin, disk: _disk);
        edge.Purge(PurgeKind.Tag, "all");
        await edge.GetAsync("/a.1000").TextAsync();
        await edge.GetAsync("/large.9000000").TextAsync();
        Assert.Equal(4, origin.Requests.Count);
    }

    [Fact]
    public async Task A_gap_in_the_log_holds_for_the_disk_too()
    {
        await using TestOrigin origin = await OriginAsync();
        await using (TestEdge edge = await TestEdge.StartAsync(origin, disk: _disk))
        {
            await edge.GetAsync("/a.1000").TextAsync();
            await WrittenAsync(edge, 1);
            edge.State.Purges.ApplyGap(new PurgeCursor("f", 7));
            await edge.GetAsync("/b.1000").TextAsync();
            await WrittenAsync(edge, 2);
            _disk.Saved = new PurgeCursor("f", 7);
        }

        await using TestEdge restarted = await TestEdge.StartAsync(origin, disk: _disk);
        Assert.Equal(1, restarted.Disk!.Count);
        await restarted.GetAsync("/b.1000").TextAsync();
        Assert.Equal(2, origin.Requests.Count);
        await restarted.GetAsync("/a.1000").TextAsync();
        Assert.Equal(3, origin.Requests.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_soft_purge_asks_the_origin_with_the_validator(bool beforeTheRestart)
    {
        await using TestOrigin origin = await OriginAsync();
        await using (TestEdge edge = await TestEdge.StartAsync(origin, disk: _disk))
        {
            await edge.GetAsync("/a.1000").TextAsync();
            await WrittenAsync(edge, 1);
            if (beforeTheRestart)
            {
                edge.Purge(PurgeKind.Tag, "all", soft: true);
            }
        }

        await using TestEdge restarted = await TestEdge.StartAsync(origin, disk: _disk);
        if (!beforeTheRestart)
        {
            restarted.Purge(PurgeKind.Tag, "all", soft: true);
        }

        using HttpResponseMessage response = await restarted.GetAsync("/a.1000");
        Assert.Equal(BodyOf("/a.1000"), await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("\"7\"", origin.Requests.Last()["If-None-Match"]);
        Assert.Equal(2, origin.Requests.Count);
        await restarted.GetAsync("/a.1000").TextAsync();
        Assert.Equal(2, origin.Requests.Count);
    }

    [Fact]
    public async Task Stale_objects_are_confirmed_also_large_ones()
    {
        await using TestOrigin origin = await OriginAsync();
        await FillAsync(origin, "/a.1000", "/large.9000000");
        _disk.Now += TimeSpan.FromSeconds(700);
        await using TestEdge edge = await TestEdge.StartAsync(origin, disk: _disk);
        foreach (string path in new[] { "/a.1000", "/large.9000000" })
        {
            using HttpResponseMessage response = await edge.GetAsync(path);
            Assert.Equal(BodyOf(path), await response.Content.ReadAsByteArrayAsync());
            Assert.NotNull(origin.Requests.Last()["If-None-Match"]);
        }

        Assert.Equal(4, origin.Requests.Count);
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(-5)]
    public async Task A_clock_that_went_back_makes_nothing_fresher(int step)
    {
        await using TestOrigin origin = await OriginAsync();
        await FillAsync(origin, "/a.1000");
        _disk.Now += TimeSpan.FromSeconds(step);
        await using (TestEdge edge = await TestEdge.StartAsync(origin, disk: _disk))
        {
            await edge.GetAsync("/a.1000").TextAsync();
            Assert.NotNull(origin.Requests.Last()["If-None-Match"]);
            Assert.Equal(2, origin.Requests.Count);
            await WrittenAsync(edge, 1);
        }

        // What was confirmed then has an age that is known again.
        await using TestEdge later = await TestEdge.StartAsync(origin, disk: _disk);
        await later.GetAsync("/a.1000").TextAsync();
        Assert.Equal(2, origin.Requests.Count);
    }

    [Fact]
    public async Task An_unsafe_method_reaches_the_disk_and_stays_after_a_restart()
    {
        await using TestOrigin origin = await OriginAsync();
        await using (TestEdge edge = await TestEdge.StartAsync(origin, disk: _disk))
        {
            await edge.GetAsync("/a.1000").TextAsync();
            await edge.GetAsync("/b.1000").TextAsync();
            await WrittenAsync(edge, 2);
            await edge.SendAsync(HttpMethod.Post, "/a.1000").TextAsync();
            Assert.Equal(1, edge.Disk!.Count);
        }

        File.Delete(Path.Combine(_disk.Directory, IndexCheckpoint.FileName));
        await using TestEdge restarted = await TestEdge.StartAsync(origin, disk: _disk);
        await restarted.GetAsync("/b.1000").TextAsync();
        Assert.Equal(3, origin.Requests.Count);
        await restarted.GetAsync("/a.1000").TextAsync();
        Assert.Equal(4, origin.Requests.Count);
    }

    [Fact]
    public async Task Until_missed_purges_are_known_the_disk_is_not_served_from()
    {
        await using TestOrigin origin = await OriginAsync();
        await FillAsync(origin, "/a.1000", "/b.1000");
        await using TestEdge edge = await TestEdge.StartAsync(origin, disk: _disk);
        bool isCaughtUp = false;
        edge.Disk!.IsCaughtUp = () => isCaughtUp;
        await edge.GetAsync("/a.1000").TextAsync();
        Assert.Equal(3, origin.Requests.Count);
        isCaughtUp = true;
        await edge.GetAsync("/b.1000").TextAsync();
        Assert.Equal(3, origin.Requests.Count);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("damaged")]
    [InlineData("behind")]
    public async Task Without_a_journal_that_knows_every_acknowledged_purge_nothing_on_disk_is_used(string journal)
    {
        await using TestOrigin origin = await OriginAsync();
        await FillAsync(origin, "/a.1000");
        string file = Path.Combine(_disk.Directory, PurgeJournal.FileName);
        switch (journal)
        {
            case "missing":
                File.Delete(file);
                break;
            case "damaged":
                byte[] bytes = File.ReadAllBytes(file);
                bytes[20] ^= 1;
                File.WriteAllBytes(file, bytes);
                break;
            default:
                _disk.Saved = new PurgeCursor("e", 1);
                break;
        }

        await using TestEdge edge = await TestEdge.StartAsync(origin, disk: _disk);
        Assert.Equal(0, edge.Disk!.Count);
        await edge.GetAsync("/a.1000").TextAsync();
        Assert.Equal(2, origin.Requests.Count);
    }

    [Fact]
    public async Task A_damaged_body_is_never_served()
    {
        await using TestOrigin origin = await OriginAsync();
        await FillAsync(origin, "/a.1000", "/large.9000000");
        Flip(BodyOf("/a.1000"), 500);
        Flip(BodyOf("/large.9000000"), 5_000_000);
        await using TestEdge edge = await TestEdge.StartAsync(origin, disk: _disk);
        using HttpResponseMessage small = await edge.GetAsync("/a.1000");
        Assert.Equal(BodyOf("/a.1000"), await small.Content.ReadAsByteArrayAsync());
        Assert.Equal(3, origin.Requests.Count);
        using HttpResponseMessage large = await edge.GetAsync("/large.9000000");
        await Assert.ThrowsAnyAsync<Exception>(() => large.Content.ReadAsByteArrayAsync());
        using HttpResponseMessage again = await edge.GetAsync("/large.9000000");
        Assert.Equal(BodyOf("/large.9000000"), await again.Content.ReadAsByteArrayAsync());
        Assert.Equal(4, origin.Requests.Count);
    }

    /// <summary>Changes one bit of a body where it is on disk.</summary>
    private void Flip(byte[] body, int at)
    {
        foreach (string file in SegmentFile.List(_disk.Directory))
        {
            byte[] bytes = File.ReadAllBytes(file);
            int start = bytes.AsSpan().IndexOf(body.AsSpan(0, 200));
            if (start >= 0)
            {
                bytes[start + at] ^= 0x10;
                File.WriteAllBytes(file, bytes);
                return;
            }
        }

        Assert.Fail("the body is in no segment");
    }
}
