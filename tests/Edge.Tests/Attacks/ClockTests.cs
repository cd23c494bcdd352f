using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Tests.Http;

namespace OrleansCdn.Edge.Tests.Attacks;

/// <summary>Freshness is counted on a clock that only goes forward, whatever the wall clocks of edge and origin do.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task A_wall_clock_that_jumps_changes_nothing_that_is_stored()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Says("max-age=60", _ => null));
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await edge.GetAsync("/x").TextAsync();
        int age = 0;
        foreach (int days in new[] { 400, -800, 20_000, -19_600 })
        {
            edge.Time.StepWallClock(TimeSpan.FromDays(days));
            edge.Time.Advance(TimeSpan.FromSeconds(10));
            age += 10;
            HttpResponseMessage answer = await edge.GetAsync("/x");
            Assert.Equal($"waw; hit; ttl={60 - age}", answer.CacheStatus());
            Assert.Equal(TimeSpan.FromSeconds(age), answer.Headers.Age);
        }

        edge.Time.Advance(TimeSpan.FromSeconds(21));
        Assert.Contains("fwd=stale", (await edge.GetAsync("/x")).CacheStatus(), StringComparison.Ordinal);
    }

    /// <summary>RFC 9111 §4.2.3: the larger of two ages counts, so an origin whose clock is behind can only make its own content stale sooner.</summary>
    [Theory]
    [InlineData(-30, 30)]
    [InlineData(-59, 1)]
    [InlineData(-61, null)]
    [InlineData(-3_000_000, null)]
    [InlineData(0, 60)]
    [InlineData(61, 60)]
    [InlineData(3_000_000, 60)]
    public async Task An_origins_wrong_clock_prolongs_nothing(int seconds, int? left)
    {
        TestEdge? edge = null;
        await using TestOrigin origin = await TestOrigin.StartAsync(Says("max-age=60", _ => edge!.Time.GetUtcNow().AddSeconds(seconds)));
        await using (edge = await TestEdge.StartAsync(origin))
        {
            await edge.GetAsync("/x").TextAsync();
            string next = (await edge.GetAsync("/x")).CacheStatus();
            Assert.Equal(left is null ? 2 : 1, origin.Requests.Count);
            Assert.True(left is null || next == $"waw; hit; ttl={left}", next);
        }
    }

    [Theory]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT")]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT")]
    [InlineData("Mon, 01 Jan 0001 00:00:00 GMT")]
    [InlineData("0")]
    [InlineData("-1")]
    public async Task Dates_at_the_ends_of_the_calendar_are_no_failure(string date)
    {
        await using var origin = new ScriptedOrigin(
            $"HTTP/1.1 200 OK\r\nDate: {date}\r\nExpires: {date}\r\nLast-Modified: {date}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        await using TestEdge edge = await TestEdge.StartAsync(origin.Yaml, "");
        foreach (int days in new[] { 0, -20_000, 2_000_000 })
        {
            edge.Time.StepWallClock(TimeSpan.FromDays(days));
            HttpResponseMessage answer = await edge.GetAsync("/x", ("If-Modified-Since", date == "0" ? "-1" : "0"));
            Assert.Equal("ok", await answer.Content.ReadAsStringAsync());
            Assert.DoesNotContain("; hit;", answer.CacheStatus(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Freshness_ends_once_however_the_clocks_go_back_and_forth()
    {
        const int seed = 7;
        var random = new Random(seed);
        await using TestOrigin origin = await TestOrigin.StartAsync(Says("max-age=60", _ => DateTimeOffset.UnixEpoch.AddDays(random.Next(0, 40_000))));
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        int asked = 0;
        double until = -1;
        double now = 0;
        for (int i = 0; i < 200; i++)
        {
            edge.Time.StepWallClock(TimeSpan.FromSeconds(random.Next(-1_000_000, 1_000_000)));
            double step = random.Next(0, 30);
            now += step;
            edge.Time.Advance(TimeSpan.FromSeconds(step));
            HttpResponseMessage answer = await edge.GetAsync("/x");
            await answer.Content.ReadAsStringAsync();
            if (origin.Requests.Count > asked)
            {
                asked = origin.Requests.Count;
                until = now + 60;
                continue;
            }

            Assert.True(now < until, $"seed {seed}, step {i}: used {now - until} s past its lifetime");
        }

        Assert.InRange(asked, 2, 200);
    }

    private static RequestDelegate Says(string cacheControl, Func<HttpContext, DateTimeOffset?> date) => async context =>
    {
        context.Response.Headers.CacheControl = cacheControl;
        context.Response.Headers.Date = date(context)?.ToString("r", System.Globalization.CultureInfo.InvariantCulture) ?? "none";
        await context.Response.WriteAsync("page");
    };
}
