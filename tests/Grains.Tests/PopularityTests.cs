using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains.Popularity;

namespace OrleansCdn.Grains.Tests;

public sealed class PopularityTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PopularityMerge _merge = new();

    private static PopPopularity Part(string pop, string edge, int part, bool isLast, double floor, params UrlPopularity[] urls) =>
        new(pop, edge, "c1", new EdgePopularity { Site = "www", Part = part, IsLast = isLast, PerMinute = 100, MissesPerMinute = 10, Floor = floor, Urls = [.. urls] });

    private PopularityView Top(string? pop = null, int count = 10, DateTimeOffset? now = null) => _merge.Top("www", count, pop, now ?? Start);

    [Fact]
    public void Counts_of_edges_add_up_with_their_bounds()
    {
        _merge.Take(Part("waw", "waw1", 0, true, 2, new UrlPopularity("a", 40, 1, 4), new UrlPopularity("b", 30, 0, 0)), Start);
        _merge.Take(Part("lax", "lax1", 0, true, 5, new UrlPopularity("b", 20, 3, 1)), Start);
        PopularityView all = Top();
        Assert.Equal((2, 200.0, 20.0), (all.Edges, all.PerMinute, all.MissesPerMinute));
        Assert.Equal(["b", "a"], all.Urls.Select(u => u.Url));
        Assert.Equal((47.0, 3.0, 1.0), (all.Urls[0].PerMinute, all.Urls[0].Error, all.Urls[0].MissesPerMinute));
        // The second edge may have had up to its floor of what it does not name.
        Assert.Equal((39.0, 6.0, 39.0 / 200), (all.Urls[1].PerMinute, all.Urls[1].Error, all.Urls[1].Share));
        Assert.Equal(["a", "b"], Top("waw").Urls.Select(u => u.Url));
        Assert.Equal(["b"], Top("lax").Urls.Select(u => u.Url));
        Assert.Empty(Top("nowhere").Urls);
        Assert.Single(Top(count: 1).Urls);
    }

    [Fact]
    public void A_report_counts_when_all_its_parts_have_come_in_order()
    {
        _merge.Take(Part("waw", "waw1", 0, false, 0, new UrlPopularity("a", 2, 0, 0)), Start);
        Assert.Empty(Top().Urls);
        _merge.Take(Part("waw", "waw1", 1, true, 0, new UrlPopularity("b", 1, 0, 0)), Start);
        Assert.Equal(["a", "b"], Top().Urls.Select(u => u.Url));
        _merge.Take(Part("waw", "waw1", 0, false, 0, new UrlPopularity("c", 2, 0, 0)), Start);
        _merge.Take(Part("waw", "waw1", 2, true, 0, new UrlPopularity("d", 2, 0, 0)), Start);
        _merge.Take(Part("waw", "waw1", 1, true, 0, new UrlPopularity("e", 2, 0, 0)) with { Connection = "c2" }, Start);
        Assert.Equal(["a", "b"], Top().Urls.Select(u => u.Url));
        _merge.Take(Part("waw", "waw1", 0, true, 0, new UrlPopularity("f", 2, 0, 0)), Start);
        Assert.Equal(["f"], Top().Urls.Select(u => u.Url));
    }

    [Fact]
    public void A_silent_edge_weighs_less_and_is_forgotten_in_the_end()
    {
        _merge.Take(Part("waw", "waw1", 0, true, 0, new UrlPopularity("a", 8, 0, 0)), Start);
        Assert.Equal(8, Top(now: Start + TimeSpan.FromSeconds(20)).Urls[0].PerMinute);
        Assert.Equal(4, Top(now: Start + PopularityLimits.HalfLife + TimeSpan.FromSeconds(30)).Urls[0].PerMinute, 6);
        Assert.Equal(0, Top(now: Start + TimeSpan.FromHours(2)).Edges);
    }

    [Fact]
    public void What_no_edge_sends_is_dropped_and_everything_is_bounded()
    {
        _merge.Take(Part("waw", "waw1", 0, true, double.NaN, new UrlPopularity("a", 1, 0, 0)), Start);
        _merge.Take(Part("waw", "waw1", 0, true, 0, new UrlPopularity("a", double.PositiveInfinity, 0, 0)), Start);
        _merge.Take(Part("waw", "waw1", 0, true, 0, new UrlPopularity("a", 1, 2, 0)), Start);
        _merge.Take(Part("waw", "waw1", 0, true, 0, new UrlPopularity(new string('a', PopularityLimits.MaxUrlLength + 1), 1, 0, 0)), Start);
        _merge.Take(Part("waw", "waw1", 0, true, 0, [.. Enumerable.Range(0, PopularityLimits.MaxPartUrls + 1).Select(i => new UrlPopularity($"{i}", 1, 0, 0))]), Start);
        _merge.Take(Part("waw", "waw1", -1, true, 0), Start);
        Assert.Equal(0, Top().Edges);
        for (int i = 0; i <= PopularityMerge.MaxEdges; i++)
        {
            _merge.Take(Part("waw", $"e{i}", 0, true, 0, new UrlPopularity("a", 1, 0, 0)), Start);
        }

        Assert.Equal(PopularityMerge.MaxEdges, Top().Edges);
        // Once the others are forgotten there is room again.
        _merge.Take(Part("waw", "late", 0, true, 0, new UrlPopularity("a", 1, 0, 0)), Start + TimeSpan.FromHours(2));
        Assert.Equal(1, Top(now: Start + TimeSpan.FromHours(2)).Edges);
        for (int part = 0; part < 20; part++)
        {
            _merge.Take(Part("waw", "many", part, part == 19, 0, [.. Enumerable.Range(0, 100).Select(i => new UrlPopularity($"{part} {i}", 1, 0, 0))]), Start + TimeSpan.FromHours(2));
        }

        Assert.Equal(1, Top(now: Start + TimeSpan.FromHours(2)).Edges);
    }
}
