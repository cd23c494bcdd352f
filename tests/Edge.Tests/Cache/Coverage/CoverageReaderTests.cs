using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache.Coverage;
using OrleansCdn.Edge.Tests.Http;
using Xunit.Abstractions;

namespace OrleansCdn.Edge.Tests.Cache.Coverage;

public sealed class CoverageReaderTests(ITestOutputHelper output) : IDisposable
{
    private const string Site = "cache: { key: { query: drop, query-names: [utm] } }";
    private readonly string _directory = Directory.CreateTempSubdirectory("cdn-coverage-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static Task<TestOrigin> OriginAsync() => TestOrigin.StartAsync(context =>
    {
        context.Response.Headers.CacheControl = "max-age=600";
        context.Response.Headers["Surrogate-Key"] = context.Request.Query["tags"].ToString();
        context.Response.Headers["Cache-Groups"] = "\"group\"";
        return context.Response.WriteAsync("0123456789");
    });

    private static CoverageQuestion Ask(PurgeKind? kind, params string[] values) => new() { Id = "q", Site = "www", Kind = kind, Values = [.. values] };

    private static async Task FillAsync(TestEdge edge, string target, string host = TestEdge.Host)
    {
        using HttpResponseMessage answer = await edge.GetAsync(target, ("Host", host));
        Assert.Equal("0123456789", await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Any purge: what the question says is what the purge in earnest takes.</summary>
    [Fact]
    public async Task What_a_dry_run_counts_is_what_the_purge_takes()
    {
        int seed = Environment.GetEnvironmentVariable("CDN_COVERAGE_SEED") is { } given
            ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture) : new Random().Next();
        output.WriteLine($"CDN_COVERAGE_SEED={seed}");
        var random = new Random(seed);
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, Site, disk: new TestDisk(_directory));
        string[] hosts = [TestEdge.Host, "a.wild.example.net", "other.example.net"];
        var filled = new HashSet<string>();
        for (int i = 0; i < 150; i++)
        {
            string path = $"/{(char)('a' + random.Next(3))}/{random.Next(8)}?tags=t{random.Next(5)}+t{random.Next(5)}";
            string host = hosts[random.Next(hosts.Length)];
            await FillAsync(edge, path, host);
            filled.Add($"http://{host}{path}");
        }

        await Control.Eventually.IsTrueAsync(() => edge.Disk!.IsIdle);
        (int memory, long disk) = (edge.Plane.Store.Count, edge.Disk!.Count);
        Assert.Equal((filled.Count, filled.Count), (memory, (int)disk));
        for (int round = 0; round < 12; round++)
        {
            string some = filled.ElementAt(random.Next(filled.Count));
            (PurgeKind kind, string value) = random.Next(5) switch
            {
                0 => (PurgeKind.Url, some),
                1 => (PurgeKind.Tag, $"t{random.Next(6)}"),
                2 => (PurgeKind.Prefix, some["http://".Length..(some.IndexOf('?', StringComparison.Ordinal) - 1)]),
                3 => (PurgeKind.Host, hosts[random.Next(hosts.Length)]),
                _ when round > 8 => (PurgeKind.Site, ""),
                _ => (PurgeKind.Tag, $"t{random.Next(6)}"),
            };
            long before = await CoveredAsync(edge, PurgeKind.Site, "");
            CoverageResult trial = await ReadAsync(edge, kind, value);
            Assert.Equal(before, await CoveredAsync(edge, PurgeKind.Site, ""));
            edge.Purge(kind, value);
            long after = await CoveredAsync(edge, PurgeKind.Site, "");
            Assert.True(before - after == trial.Memory && trial.Disk == trial.Memory, $"{kind} '{value}': {before} - {after}, {trial}");
            Assert.Equal(0, (await ReadAsync(edge, kind, value)).Memory);
        }
    }

    private sealed record CoverageResult(long Memory, long Disk);

    private static async Task<CoverageResult> ReadAsync(TestEdge edge, PurgeKind kind, string value)
    {
        Contracts.Api.Coverage found = await edge.Plane.Coverage.ReadAsync(Ask(kind, value));
        Assert.True(found is { Memory.IsComplete: true, Disk.IsComplete: true, Note: null });
        Assert.Equal((10 * found.Memory.Objects, Math.Min(found.Memory.Objects, Contracts.Api.Coverage.MaxSample)), (found.Memory.Bytes, found.Memory.Sample.Length));
        return new CoverageResult(found.Memory.Objects, found.Disk.Objects);
    }

    private static async Task<long> CoveredAsync(TestEdge edge, PurgeKind kind, string value) => (await ReadAsync(edge, kind, value)).Memory;

    [Fact]
    public async Task A_URL_is_looked_for_where_the_key_rules_store_it()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, Site);
        await FillAsync(edge, "/keyed?x=1&utm=mail");
        Contracts.Api.Coverage found = await edge.Plane.Coverage.ReadAsync(Ask(PurgeKind.Url, "http://www.example.net/keyed?x=1&utm=other"));
        Assert.Equal((1, 10), (found.Memory.Objects, found.Memory.Bytes));
        Assert.Equal("http://www.example.net/keyed?x=1", Assert.Single(found.Memory.Sample));
        Assert.Null(found.Disk);
    }

    [Fact]
    public async Task Of_candidates_it_is_told_which_are_covered_or_fresh_and_of_no_other_site_anything()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, Site);
        foreach (string target in new[] { "/1?tags=news", "/2?tags=news", "/3?tags=sport", "/9?tags=news" })
        {
            await FillAsync(edge, target);
        }

        await FillAsync(edge, "/4?tags=news", "other.example.net");
        string[] candidates = [.. Enumerable.Range(1, 3).Select(i => $"http://www.example.net/{i}?tags={(i == 3 ? "sport" : "news")}"), "http://other.example.net/4?tags=news", "http://www.example.net/none"];
        CoverageQuestion fresh = Ask(null) with { Candidates = [.. candidates] };
        Assert.Equal([0b00111], (await edge.Plane.Coverage.ReadAsync(fresh)).Candidates!);
        CoverageQuestion news = Ask(PurgeKind.Tag, "news") with { Candidates = [.. candidates] };
        Contracts.Api.Coverage found = await edge.Plane.Coverage.ReadAsync(news);
        Assert.Equal([0b00011], found.Candidates!);
        Assert.Equal("http://www.example.net/9?tags=news", Assert.Single(found.Named));

        // What is stale by a soft purge is what a refresh is for, and nothing to give to others.
        edge.Purge(PurgeKind.Tag, "news", soft: true);
        Assert.Equal([0b00011], (await edge.Plane.Coverage.ReadAsync(news)).Candidates!);
        Assert.Equal([0b00100], (await edge.Plane.Coverage.ReadAsync(fresh)).Candidates!);
        edge.Time.Advance(TimeSpan.FromSeconds(601));
        Assert.Equal([0], (await edge.Plane.Coverage.ReadAsync(fresh)).Candidates!);
        edge.Purge(PurgeKind.Site, "");
        found = await edge.Plane.Coverage.ReadAsync(news);
        Assert.Equal([0], found.Candidates!);
        Assert.Empty(found.Named);
    }

    [Fact]
    public void The_longest_answer_about_candidates_fits_a_line()
    {
        var tally = new CandidateTally([.. Enumerable.Range(0, PopularityView.MaxCount).Select(i => $"{i}")]);
        for (int i = 0; i < PopularityView.MaxCount; i++)
        {
            tally.Add($"{i}", isNamed: true);
            tally.Add($"http://a/?{new string('&', 50)}{i}", isNamed: true);
        }

        Assert.All(tally.Found, bits => Assert.Equal(0xff, bits));
        var tier = new CoveredTier(long.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue, true, []);
        var answer = new EdgeCovered(new string('a', 32), new Contracts.Api.Coverage { Memory = tier, Disk = tier, Candidates = tally.Found, Named = tally.Named });
        Assert.InRange(JsonSerializer.SerializeToUtf8Bytes(answer, ContractsJson.Default.EdgeMessage).Length, 16 * 1024, FeedProtocol.MaxEdgeLineBytes);
    }

    [Fact]
    public async Task Tags_are_counted_for_their_site_alone_and_groups_are_none()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, Site, disk: new TestDisk(_directory));
        await FillAsync(edge, "/1?tags=news+front");
        await FillAsync(edge, "/2?tags=news");
        await FillAsync(edge, "/3");
        await FillAsync(edge, "/4?tags=secret", "other.example.net");
        await Control.Eventually.IsTrueAsync(() => edge.Disk!.IsIdle);
        Contracts.Api.Coverage found = await edge.Plane.Coverage.ReadAsync(Ask(null));
        Assert.Equal([new TagUse("news", 2, 2), new TagUse("front", 1, 1)], found.Tags.AsEnumerable());
        Assert.Equal((2, false, 3, 4), (found.TagCount, found.IsTagCountLeast, found.Memory.Objects, found.Memory.Looked));
        Assert.Empty(found.Memory.Sample);
        edge.Purge(PurgeKind.Tag, "front");
        Assert.Equal([new TagUse("news", 1, 1)], (await edge.Plane.Coverage.ReadAsync(Ask(null))).Tags.AsEnumerable());
    }

    [Fact]
    public void A_tally_of_tags_is_bounded_and_the_largest_answer_fits_a_line()
    {
        var tags = new TagTally();
        for (int i = 0; i < TagTally.MaxTags + 10; i++)
        {
            tags.Add([$"t{i}"], isOnDisk: i % 2 == 0);
        }

        Assert.Equal((TagTally.MaxTags, true), (tags.Count, tags.IsFull));
        var longest = new TagTally();
        for (int i = 0; i < 10_000; i++)
        {
            longest.Add([new string('\u00ff', 1010) + i], isOnDisk: true);
        }

        Assert.True(longest.IsFull);
        var answer = new EdgeCovered("q", new Contracts.Api.Coverage { Memory = new CoveredTier(1, 1, 1, 1, true, []), Tags = longest.Top(), TagCount = longest.Count });
        Assert.Equal(Contracts.Api.Coverage.MaxTags, answer.Coverage.Tags.Length);
        Assert.InRange(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(answer, ContractsJson.Default.EdgeMessage).Length, 40_000, FeedProtocol.MaxEdgeLineBytes);
    }
}
