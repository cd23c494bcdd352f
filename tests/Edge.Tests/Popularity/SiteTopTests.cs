using System.Collections.Immutable;
using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Popularity;
using OrleansCdn.Grains.Popularity;
using Xunit.Abstractions;

namespace OrleansCdn.Edge.Tests.Popularity;

public sealed class SiteTopTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_steady_rate_is_told_as_it_is_from_the_first_report_on()
    {
        var top = new SiteTop(16);
        double now = 1000;
        foreach (int seconds in (int[])[20, 60, 1200, 3600])
        {
            for (; now < 1000 + seconds; now += 0.5)
            {
                top.Add("http://h/a", isMiss: false, 1, now);
                top.Add("http://h/b", isMiss: true, 0.5, now);
            }

            EdgePopularity report = Assert.Single(top.Report("www", now));
            Assert.True(report is { Part: 0, IsLast: true, Site: "www" });
            Assert.InRange(report.PerMinute, 175, 190);
            Assert.InRange(report.MissesPerMinute, 58, 64);
            Assert.Equal(["http://h/a", "http://h/b"], report.Urls.Select(u => u.Url));
            Assert.InRange(report.Urls[0].PerMinute, 116, 126);
            Assert.Equal((0.0, 0.0), (report.Urls[0].Error, report.Urls[0].MissesPerMinute));
            Assert.Equal(report.Urls[1].PerMinute, report.Urls[1].MissesPerMinute);
        }

        double before = top.Report("www", now)[0].Urls[0].PerMinute;
        Assert.Equal(before / 2, top.Report("www", now + PopularityLimits.HalfLife.TotalSeconds)[0].Urls[0].PerMinute, before * 0.02);

        // Counts that have grown for days are brought down, and what nobody asks for any more is not told.
        Assert.Empty(top.Report("www", now + (200 * PopularityLimits.HalfLife.TotalSeconds)));
        now += 2000 * PopularityLimits.HalfLife.TotalSeconds;
        top.Add("http://h/c", isMiss: false, 1, now);
        Assert.Equal("http://h/c", Assert.Single(Assert.Single(top.Report("www", now)).Urls).Url);
    }

    [Fact]
    public void Bounds_hold_for_any_stream()
    {
        int seed = Environment.GetEnvironmentVariable("CDN_POPULARITY_SEED") is { } given ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture) : new Random().Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var top = new SiteTop(32);
        var truth = new Dictionary<string, double>(StringComparer.Ordinal);
        for (int i = 0; i < 20_000; i++)
        {
            string url = $"http://h/{(int)(400 * Math.Pow(random.NextDouble(), 3))}";
            double weight = random.Next(1, 4);
            top.Add(url, isMiss: false, weight, now: 5);
            truth[url] = truth.GetValueOrDefault(url) + weight;
        }

        EdgePopularity report = Assert.Single(top.Report("www", 5));
        double scale = report.PerMinute / truth.Values.Sum();
        Assert.Equal(32, report.Urls.Length);
        foreach (UrlPopularity url in report.Urls)
        {
            Assert.InRange(truth[url.Url] * scale, url.PerMinute - url.Error - 0.01, url.PerMinute + 0.01);
        }

        Assert.All(truth.Where(t => report.Urls.All(u => u.Url != t.Key)), t => Assert.True(t.Value * scale <= report.Floor + 0.01));
    }

    [Fact]
    public void A_report_in_parts_fits_lines_and_comes_together_again()
    {
        var top = new SiteTop(PopularityLimits.MaxUrls);
        for (int i = 0; i < 3000; i++)
        {
            top.Add($"http://h/{i}{new string('\u007f', i % 3 == 0 ? 1000 : 10)}", isMiss: true, 1.234567891, 5);
        }

        top.Add("http://h/" + new string('a', PopularityLimits.MaxUrlLength), isMiss: false, 1000, 5);
        ImmutableArray<EdgePopularity> parts = top.Report("www", 5);
        var merge = new PopularityMerge();
        foreach (EdgePopularity part in parts)
        {
            Assert.InRange(JsonSerializer.SerializeToUtf8Bytes(part, ContractsJson.Default.EdgeMessage).Length, 1, FeedProtocol.MaxEdgeLineBytes);
            merge.Take(new PopPopularity("waw", "waw1", "c", part), Start);
        }

        PopularityView view = merge.Top("www", 5000, null, Start);
        Assert.Equal((1, PopularityLimits.MaxUrls), (view.Edges, view.Urls.Length));
        Assert.DoesNotContain(view.Urls, u => u.Url.Length > PopularityLimits.MaxUrlLength);
        Assert.True(view.PerMinute - view.MissesPerMinute > 1000);
    }

    /// <summary>Six edges, each with its own stream of one distribution, and visitors who ask for something new every time.</summary>
    [Fact]
    public void The_merged_top_hundred_of_a_zipf_stream_has_at_least_95_of_the_true_ones()
    {
        int seed = Environment.GetEnvironmentVariable("CDN_POPULARITY_SEED") is { } given ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture) : new Random().Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        const int urls = 50_000;
        double[] cumulative = new double[urls];
        for (int i = 0; i < urls; i++)
        {
            cumulative[i] = (i == 0 ? 0 : cumulative[i - 1]) + (1.0 / (i + 1));
        }

        var truth = new Dictionary<string, int>(StringComparer.Ordinal);
        var merge = new PopularityMerge();
        for (int edge = 0; edge < 6; edge++)
        {
            var top = new SiteTop(PopularityLimits.MaxUrls);
            for (int i = 0; i < 100_000; i++)
            {
                int rank = Array.BinarySearch(cumulative, random.NextDouble() * cumulative[^1]);
                string url = i % 10 == 0 ? $"http://h/new/{edge}/{i}" : $"http://h/{(rank < 0 ? ~rank : rank)}";
                top.Add(url, isMiss: false, 1, i / 1000.0);
                truth[url] = truth.GetValueOrDefault(url) + 1;
            }

            foreach (EdgePopularity part in top.Report("www", 100))
            {
                merge.Take(new PopPopularity($"p{edge % 3}", $"e{edge}", "c", part), Start);
            }
        }

        HashSet<string> best = [.. truth.OrderByDescending(t => t.Value).ThenBy(t => t.Key, StringComparer.Ordinal).Take(100).Select(t => t.Key)];
        PopularityView view = merge.Top("www", 100, null, Start);
        int found = view.Urls.Count(u => best.Contains(u.Url));
        output.WriteLine($"{found} of 100");
        Assert.Equal((6, 100), (view.Edges, view.Urls.Length));
        Assert.InRange(found, 95, 100);
        double scale = view.PerMinute / truth.Values.Sum();
        Assert.All(view.Urls, u => Assert.InRange(truth[u.Url] * scale, u.PerMinute * 0.93, (u.PerMinute + u.Error) * 1.07));
    }
}
