using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Tests.Http;

public sealed class ExplainerTests
{
    private const string Rules = """
        cache:
          grace: 2m
          rules:
            - { path: /pass/*, bypass: true }
            - { extensions: [css], ttl: 5m }
        """;

    /// <summary>What the origin answers is written in the query.</summary>
    private static Task<TestOrigin> OriginAsync() => TestOrigin.StartAsync(async context =>
    {
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues value) in context.Request.Query)
        {
            context.Response.Headers[name] = value;
        }

        if (context.Request.Headers.IfNoneMatch.Count > 0)
        {
            context.Response.StatusCode = 304;
            return;
        }

        await context.Response.WriteAsync("body");
    });

    private static Explanation Explain(TestEdge edge, string target, string method = "GET", params (string Name, string Value)[] headers) =>
        edge.Plane.Explainer.ExplainAsync(Question($"http://{TestEdge.Host}{target}", method, headers)).GetAwaiter().GetResult();

    private static ExplainQuestion Question(string url, string method = "GET", params (string Name, string Value)[] headers) => new()
    {
        Id = "q",
        Method = method,
        Url = url,
        Headers = [.. headers.Select(h => new HeaderField(h.Name, h.Value))],
    };

    [Fact]
    public async Task A_stored_response_is_shown_with_everything_that_decides_about_it()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, Rules);
        const string Target = "/a?Cache-Control=max-age%3D60,stale-while-revalidate%3D30&ETag=%22e%22&Vary=X-Kind&Cache-Tag=one,two";
        Assert.Equal(ExplainVerdict.Miss, Explain(edge, Target).Verdict);
        await edge.GetAsync(Target, ("X-Kind", "cat")).TextAsync();
        await edge.GetAsync(Target).TextAsync();
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Store.Count == 2));
        edge.Time.Advance(TimeSpan.FromSeconds(10));

        Explanation answer = Explain(edge, Target, "GET", ("X-Kind", "cat"));
        Assert.Equal(ExplainVerdict.Fresh, answer.Verdict);
        Assert.Equal(("www", 2, 0, 1L), (answer.Site, answer.VariantCount, answer.Fills, answer.ConfigVersion));
        Assert.Equal(new ExplainedKey("http", TestEdge.Host, Target, new CacheKey("www", false, TestEdge.Host, Target).GlobalHash()), answer.Key);
        Assert.Null(answer.Rule);
        Assert.Null(answer.NotStored);
        ExplainedVariant variant = answer.Variants[0];
        Assert.True(variant.IsSelected);
        Assert.Equal(new ExplainedField("x-kind", "cat"), Assert.Single(variant.Vary));
        Assert.Equal(new ExplainedField("x-kind", null), Assert.Single(answer.Variants[1].Vary));
        Assert.False(answer.Variants[1].IsSelected);
        Assert.Equal(["one", "two"], variant.Tags.Order());
        Assert.Equal(("\"e\"", 10d, 60d, LifetimeSource.MaxAge, 50d), (variant.ETag, variant.AgeSeconds, variant.LifetimeSeconds, variant.LifetimeSource, variant.TtlSeconds));
        Assert.Equal((30d, 120d, false, 4L), (variant.StaleWhileRevalidateSeconds, variant.GraceSeconds, variant.NeverStale, variant.BodyBytes));

        edge.Time.Advance(TimeSpan.FromSeconds(55));
        Assert.Equal(ExplainVerdict.StaleWhileRevalidate, Explain(edge, Target).Verdict);
        edge.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(ExplainVerdict.Stale, Explain(edge, Target).Verdict);
        Assert.Equal(ExplainVerdict.Miss, Explain(edge, Target, "GET", ("X-Kind", "dog")).Verdict);
        Assert.Equal(2, origin.Requests.Count);
    }

    [Fact]
    public async Task The_purge_that_covers_an_object_is_named_and_the_object_is_left_alone()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        const string Target = "/img/a?Cache-Control=max-age%3D60";
        await edge.GetAsync(Target).TextAsync();
        edge.Purge(PurgeKind.Tag, "unrelated");
        edge.Purge(PurgeKind.Prefix, $"{TestEdge.Host}/img/", soft: true);
        Explanation answer = Explain(edge, Target);
        Assert.Equal((ExplainVerdict.Stale, 2L, new PurgeCursor("e", 2)), (answer.Verdict, answer.PurgesApplied - answer.Variants[0].PurgeStamp, answer.PurgeCursor));
        Assert.Equal(new ExplainedPurge($"{TestEdge.Host}/img/", Soft: true, 2, PurgeKind.Prefix), answer.Variants[0].Purge);
        Assert.Null(answer.Variants[0].SoftPurgedSecondsAgo);

        edge.Purge(PurgeKind.Host, TestEdge.Host);
        answer = Explain(edge, Target);
        Assert.Equal(ExplainVerdict.Miss, answer.Verdict);
        Assert.Equal(new ExplainedPurge(TestEdge.Host, Soft: false, 3, PurgeKind.Host), answer.Variants[0].Purge);
        Assert.Equal(1, edge.Plane.Store.Count);

        edge.State.Purges.ApplyGap(new PurgeCursor("another log", 9));
        Assert.Equal(new ExplainedPurge("", Soft: false, 0), Explain(edge, Target).Variants[0].Purge);
    }

    [Fact]
    public async Task Why_nothing_is_stored_is_remembered()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, Rules);
        const string Target = "/a?Cache-Control=private";
        await edge.GetAsync(Target).TextAsync();
        edge.Time.Advance(TimeSpan.FromSeconds(20));
        Explanation answer = Explain(edge, Target);
        Assert.Equal(ExplainVerdict.HitForMiss, answer.Verdict);
        Assert.Equal(new ExplainedNotStored("not-stored-private", 20, 100), answer.NotStored);
        edge.Time.Advance(TimeSpan.FromSeconds(100));
        answer = Explain(edge, Target);
        Assert.Equal(ExplainVerdict.Miss, answer.Verdict);
        Assert.Equal(new ExplainedNotStored("not-stored-private", 120, 0), answer.NotStored);
    }

    [Theory]
    [InlineData("/pass/a", "GET", ExplainVerdict.Bypass, 1)]
    [InlineData("/a.css", "GET", ExplainVerdict.Miss, 2)]
    [InlineData("/a", "POST", ExplainVerdict.Uncacheable, 0)]
    [InlineData("/a", "HEAD", ExplainVerdict.Miss, 0)]
    [InlineData("/a", "TRACE", ExplainVerdict.Malformed, 0)]
    public async Task Rules_and_methods_are_told(string target, string method, ExplainVerdict verdict, int rule)
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, Rules);
        Explanation answer = Explain(edge, target, method);
        Assert.Equal((verdict, rule), (answer.Verdict, answer.Rule?.Number ?? 0));
    }

    [Theory]
    [InlineData("http://unknown.example.net/", ExplainVerdict.NoSite)]
    [InlineData("http://other.example.net/", ExplainVerdict.Miss)]
    [InlineData("HTTPS://WWW.EXAMPLE.NET:443/", ExplainVerdict.Miss)]
    [InlineData("/path", ExplainVerdict.Malformed)]
    [InlineData("", ExplainVerdict.Malformed)]
    [InlineData("http://[::1]:80/", ExplainVerdict.NoSite)]
    [InlineData("http://h:99999/", ExplainVerdict.Malformed)]
    public async Task Whatever_is_asked_gets_an_answer(string url, ExplainVerdict verdict)
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Assert.Equal(verdict, (await edge.Plane.Explainer.ExplainAsync(Question(url, "GET", ("", "\r\n"), ("Range", "x")))).Verdict);
    }

    [Fact]
    public async Task An_answer_fits_a_line_of_the_feed_whatever_is_stored()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string tags = string.Join(',', Enumerable.Range(0, 20).Select(i => $"{i}{new string('<', 60)}"));
        string target = $"/{new string('x', 1500)}?Cache-Control=max-age%3D60&Vary=X-Kind&Cache-Tag={Uri.EscapeDataString(tags)}";
        for (int i = 0; i < CachedResource.MaxVariants; i++)
        {
            await edge.GetAsync(target, ("X-Kind", $"{i}{new string('<', 400)}")).TextAsync();
        }

        Explanation answer = Explain(edge, target);
        Assert.Equal(CachedResource.MaxVariants, answer.VariantCount);
        Assert.InRange(answer.Variants.Length, 1, CachedResource.MaxVariants - 1);
        byte[] line = JsonSerializer.SerializeToUtf8Bytes(new EdgeExplained("q", answer), ContractsJson.Default.EdgeMessage);
        Assert.True(line.Length < FeedProtocol.MaxEdgeLineBytes);
        var read = Assert.IsType<EdgeExplained>(JsonSerializer.Deserialize(line, ContractsJson.Default.EdgeMessage));
        Assert.Equal(answer.Variants.Length, read.Explanation.Variants.Length);
    }

    [Fact]
    public async Task What_is_told_is_what_happens()
    {
        const int Seeds = 20;
        for (int seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            await using TestOrigin origin = await OriginAsync();
            await using TestEdge edge = await TestEdge.StartAsync(origin, Rules);
            string[] targets =
            [
                "/a?Cache-Control=max-age%3D20", "/b?Cache-Control=max-age%3D5,stale-while-revalidate%3D20&ETag=%22e%22", "/c?Cache-Control=private",
                "/pass/d?Cache-Control=max-age%3D60", "/e.css", "/f?Cache-Control=no-cache&ETag=%22f%22", "/g?Vary=X-Kind&Cache-Control=s-maxage%3D30",
            ];
            for (int step = 0; step < 40; step++)
            {
                switch (random.Next(8))
                {
                    case 0:
                        edge.Time.Advance(TimeSpan.FromSeconds(random.Next(1, 15)));
                        break;
                    case 1:
                        edge.Purge(PurgeKind.Prefix, TestEdge.Host + targets[random.Next(targets.Length)][..2], soft: random.Next(2) == 0);
                        break;
                    default:
                        string target = targets[random.Next(targets.Length)];
                        string method = random.Next(6) == 0 ? "POST" : "GET";
                        (string, string)[] headers = random.Next(2) == 0 ? [] : [("X-Kind", "k" + random.Next(2))];
                        Explanation told = Explain(edge, target, method, headers);
                        HttpResponseMessage answer = await edge.SendAsync(new HttpMethod(method), target, headers);
                        string status = answer.CacheStatus();
                        await answer.Content.ReadAsStringAsync();
                        Assert.True(answer.StatusCode == HttpStatusCode.OK && Agrees(told.Verdict, status), $"seed {seed} step {step} {target}: told {told.Verdict}, was {status}");
                        await Eventually.TrueAsync(() => Task.FromResult(Explain(edge, target, method, headers).Fills == 0));
                        break;
                }
            }
        }
    }

    private static ResponseSource From(TestOrigin origin, bool isFromDisk = false) => ResponseSource.Of(FilledFrom.Origin, origin.Url.TrimEnd('/'), isFromDisk);

    [Fact]
    public async Task What_is_on_disk_is_shown_and_nothing_is_changed_by_it()
    {
        using var files = new Control.TempDirectory();
        var disk = new TestDisk(files.File("disk"));
        await using TestOrigin origin = await OriginAsync();
        const string Target = "/a?Cache-Control=max-age%3D600&ETag=%22e%22&Vary=X-Kind&Cache-Tag=one,two";
        await using (TestEdge first = await TestEdge.StartAsync(origin, Rules, disk: disk))
        {
            await first.GetAsync(Target, ("X-Kind", "cat")).TextAsync();
            await first.GetAsync(Target, ("X-Kind", "dog")).TextAsync();
            await Control.Eventually.IsTrueAsync(() => first.Disk!.PendingBytes == 0 && first.Disk.Count == 2);
            Explanation both = await ExplainAsync(first, Target, ("X-Kind", "cat"));
            Assert.Equal((ExplainVerdict.Fresh, 2, 2, 4), (both.Verdict, both.VariantCount, both.DiskVariantCount, both.Variants.Length));
            Assert.Equal([StorageTier.Memory, StorageTier.Memory, StorageTier.Disk, StorageTier.Disk], both.Variants.Select(v => v.Tier));
            Assert.All(both.Variants, v => Assert.Equal((FilledFrom.Origin, From(origin).Name, false), (v.Source!.From, v.Source.Name, v.Source.FromDisk && v.Tier == StorageTier.Memory)));
            Assert.Equal([true, false, false, false], both.Variants.Select(v => v.IsSelected));
        }

        disk.Now += TimeSpan.FromSeconds(100);
        await using TestEdge edge = await TestEdge.StartAsync(origin, Rules, disk: disk);
        Explanation answer = await ExplainAsync(edge, Target, ("X-Kind", "cat"));
        Assert.Equal((ExplainVerdict.OnDisk, 0, 2), (answer.Verdict, answer.VariantCount, answer.DiskVariantCount));
        Assert.EndsWith("read from disk, fresh", answer.Detail, StringComparison.Ordinal);
        ExplainedVariant variant = answer.Variants[0];
        Assert.Equal(new ExplainedField("x-kind", "cat"), Assert.Single(variant.Vary));
        Assert.Equal((true, StorageTier.Disk, "\"e\"", 100d, 600d, 500d, 4L), (
            variant.IsSelected, variant.Tier, variant.ETag, variant.AgeSeconds, variant.LifetimeSeconds, variant.TtlSeconds, variant.BodyBytes));
        Assert.Equal(["one", "two"], variant.Tags.Order());
        Assert.Equal(new ExplainedSource(FilledFrom.Origin, From(origin).Name, FromDisk: true), variant.Source);
        Assert.False(answer.Variants[1].IsSelected);
        Assert.Contains("nothing under this key", (await ExplainAsync(edge, Target, ("X-Kind", "cow"))).Detail, StringComparison.Ordinal);

        edge.Purge(PurgeKind.Tag, "one", soft: true);
        answer = await ExplainAsync(edge, Target, ("X-Kind", "cat"));
        Assert.Equal(new ExplainedPurge("one", Soft: true, 1, PurgeKind.Tag), answer.Variants[0].Purge);
        Assert.True(answer.Variants[0].TtlSeconds <= 0);
        Assert.Contains("asked whether it has changed", answer.Detail, StringComparison.Ordinal);
        edge.Purge(PurgeKind.Tag, "two");
        answer = await ExplainAsync(edge, Target, ("X-Kind", "cat"));
        Assert.Equal((ExplainVerdict.OnDisk, false), (answer.Verdict, answer.Variants[0].IsSelected));
        Assert.Equal(new ExplainedPurge("two", Soft: false, 2, PurgeKind.Tag), answer.Variants[0].Purge);
        Assert.Equal((2, 0, 0L), (edge.Disk!.Count, edge.Plane.Store.Count, edge.Metrics.Read(Counter.DiskHits)));
        Assert.Equal(2, origin.Requests.Count);
    }

    [Fact]
    public async Task What_was_read_back_from_disk_says_so_and_where_it_came_from()
    {
        using var files = new Control.TempDirectory();
        var disk = new TestDisk(files.File("disk"));
        await using TestOrigin origin = await OriginAsync();
        const string Target = "/a?Cache-Control=max-age%3D600";
        await using (TestEdge first = await TestEdge.StartAsync(origin, Rules, disk: disk))
        {
            await first.GetAsync(Target).TextAsync();
            await Control.Eventually.IsTrueAsync(() => first.Disk!.PendingBytes == 0 && first.Disk.Count == 1);
        }

        await using TestEdge edge = await TestEdge.StartAsync(origin, Rules, disk: disk);
        await edge.GetAsync(Target).TextAsync();
        Explanation answer = await ExplainAsync(edge, Target);
        Assert.Equal(ExplainVerdict.Fresh, answer.Verdict);
        Assert.Equal((StorageTier.Memory, new ExplainedSource(FilledFrom.Origin, From(origin).Name, FromDisk: true)), (answer.Variants[0].Tier, answer.Variants[0].Source));
    }

    [Fact]
    public async Task A_disk_that_is_not_served_yet_says_why()
    {
        using var files = new Control.TempDirectory();
        var disk = new TestDisk(files.File("disk"));
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, Rules, disk: disk);
        bool isCaughtUp = false;
        edge.Disk!.IsCaughtUp = () => isCaughtUp;
        Assert.Contains("which purges were missed", (await ExplainAsync(edge, "/a")).DiskNote, StringComparison.Ordinal);
        Assert.Equal(EdgeDiskState.Opening, edge.Metrics.Condition().Disk.State);
        isCaughtUp = true;
        Assert.Null((await ExplainAsync(edge, "/a")).DiskNote);
        Assert.Equal((EdgeDiskState.Open, null), (edge.Metrics.Condition().Disk.State, edge.Metrics.Condition().Disk.Reason));
    }

    private static Task<Explanation> ExplainAsync(TestEdge edge, string target, params (string Name, string Value)[] headers) =>
        edge.Plane.Explainer.ExplainAsync(Question($"http://{TestEdge.Host}{target}", "GET", headers));

    private static bool Agrees(ExplainVerdict verdict, string status) => verdict switch
    {
        ExplainVerdict.Fresh => status.Contains("; hit; ttl=", StringComparison.Ordinal) && !status.Contains("ttl=-", StringComparison.Ordinal),
        ExplainVerdict.StaleWhileRevalidate => status.Contains("; hit; ttl=", StringComparison.Ordinal),
        ExplainVerdict.Stale => status.Contains("fwd=stale", StringComparison.Ordinal),
        ExplainVerdict.Miss or ExplainVerdict.HitForMiss => status.Contains("fwd=uri-miss", StringComparison.Ordinal),
        ExplainVerdict.Bypass => status.Contains("fwd=bypass", StringComparison.Ordinal),
        ExplainVerdict.Uncacheable => status.Contains("fwd=method", StringComparison.Ordinal),
        _ => false,
    };
}
