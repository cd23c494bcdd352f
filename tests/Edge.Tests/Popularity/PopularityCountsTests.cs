using System.Net;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Popularity;
using OrleansCdn.Edge.Tests.Http;

namespace OrleansCdn.Edge.Tests.Popularity;

public sealed class PopularityCountsTests
{
    [Fact]
    public async Task Hits_misses_and_what_is_not_cacheable_are_counted_by_site()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(context =>
        {
            context.Response.Headers.CacheControl = context.Request.Path.Value!.StartsWith("/never", StringComparison.Ordinal) ? "no-store" : "max-age=600";
            return context.Response.WriteAsync("x");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin, "cache: { rules: [ { path: /passed, bypass: true } ] }");
        for (int i = 0; i < 6; i++)
        {
            await GetAsync(edge, "/hot");
            await GetAsync(edge, "/never");
        }

        await GetAsync(edge, "/passed");
        await GetAsync(edge, "/hot", ("Host", "other.example.net"));
        await GetAsync(edge, "/hot", ("Host", "nowhere.example.net"));
        using (HttpResponseMessage posted = await edge.SendAsync(HttpMethod.Post, "/hot"))
        {
        }

        EdgePopularity[] reports = [.. edge.Plane.Popularity.Report()];
        Assert.Equal(["other", "www"], reports.Select(r => r.Site));
        EdgePopularity www = reports[1];
        double one = www.PerMinute / 13;
        Assert.Equal(
            [("http://www.example.net/hot", 6, 1), ("http://www.example.net/never", 6, 6), ("http://www.example.net/passed", 1, 1)],
            www.Urls.Select(u => (u.Url, (int)Math.Round(u.PerMinute / one), (int)Math.Round(u.MissesPerMinute / one))));
        Assert.Equal(8, Math.Round(www.MissesPerMinute / one));
        Assert.Equal("http://other.example.net/hot", Assert.Single(reports[0].Urls).Url);

        // A site that is gone is not told of any more.
        CdnConfig config = edge.State.Snapshot!.Config;
        edge.Apply(config with { Sites = [config.Sites[0]] });
        Assert.Equal("www", Assert.Single(edge.Plane.Popularity.Report()).Site);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5_000)]
    [InlineData(200_000)]
    public void Many_requests_are_sampled_evenly_whatever_their_rhythm(int perSecond)
    {
        var sampler = new RequestSampler();
        sampler.Adapt(perSecond);
        int taken = 0;
        for (int i = 0; i < perSecond; i++)
        {
            if (sampler.Takes(i))
            {
                taken++;
                sampler.Take($"http://h/{i % 8}", isMiss: i % 8 == 0);
            }
        }

        Assert.InRange(taken, Math.Min(perSecond, RequestSampler.WantedPerSecond / 2) - 8, RequestSampler.WantedPerSecond + 8);
        var counts = new Dictionary<(string, bool), double>();
        sampler.Fetch((url, isMiss, weight) => counts[(url, isMiss)] = counts.GetValueOrDefault((url, isMiss)) + weight);
        Assert.Equal(8, counts.Count);
        Assert.All(counts, c => Assert.InRange(c.Value, perSecond / 8.0 * 0.9, (perSecond / 8.0 * 1.1) + 1));
        Assert.All(counts.Keys, k => Assert.Equal(k.Item1 == "http://h/0", k.Item2));
        sampler.Fetch((_, _, _) => Assert.Fail("fetched twice"));
    }

    [Fact]
    public void A_burst_beyond_the_places_keeps_its_weight()
    {
        var sampler = new RequestSampler();
        for (int i = 0; i < 10 * RequestSampler.Places; i++)
        {
            sampler.Take("http://h/a", isMiss: false);
        }

        double sum = 0;
        sampler.Fetch((_, _, weight) => sum += weight);
        Assert.Equal(10.0 * RequestSampler.Places, sum, 1.0);
    }

    private static async Task GetAsync(TestEdge edge, string target, params (string, string)[] headers)
    {
        using HttpResponseMessage answer = await edge.GetAsync(target, headers);
        _ = await answer.Content.ReadAsStringAsync();
        Assert.NotEqual(HttpStatusCode.BadGateway, answer.StatusCode);
    }
}
