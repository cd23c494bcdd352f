using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>Checks that an edge makes on its own, over real sockets and on a clock that the test moves.</summary>
public sealed class HealthCheckTests
{
    private const string Check = "health: { path: \"/up?deep\", interval: 10s, timeout: 2m, healthy-after: 2, unhealthy-after: 2 }";

    [Fact]
    public async Task An_origin_whose_checks_fail_is_passed_over_until_they_pass()
    {
        bool isUp = true;
        await using TestOrigin first = await TestOrigin.StartAsync(context => AnswerAsync(context, "first", () => isUp));
        await using TestOrigin second = await TestOrigin.StartAsync(context => AnswerAsync(context, "second", () => true));
        await using TestEdge edge = await TestEdge.StartAsync($"{Origin(first)}, {Check} }}, {{ {Origin(second)}", "");
        await ChecksAsync(first, 1);
        Assert.Equal("first", await edge.GetAsync("/1").TextAsync());

        isUp = false;
        await NextCheckAsync(edge, first);
        Assert.Equal("first", await edge.GetAsync("/2").TextAsync());
        await NextCheckAsync(edge, first);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Health(0) == OriginHealth.CheckFailed));
        Assert.Equal("second", await edge.GetAsync("/3").TextAsync());
        Assert.Equal("503", edge.Plane.OriginHealth.Status().First(o => o.Site == "www").LastCheck);
        Assert.InRange(edge.Metrics.Snapshot().SickOrigins, 1, 2); // the other site of the test's config has the same origins

        isUp = true;
        await NextCheckAsync(edge, first);
        Assert.Equal("second", await edge.GetAsync("/4").TextAsync());
        await NextCheckAsync(edge, first);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Health(0) == OriginHealth.Healthy));
        Assert.Equal("first", await edge.GetAsync("/5").TextAsync());
    }

    [Fact]
    public async Task A_check_asks_as_the_config_says()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(context => AnswerAsync(context, "x", () => true));
        await using TestEdge edge = await TestEdge.StartAsync($"{Origin(origin)}, health: {{ path: \"/up?deep\", interval: 10s, timeout: 2m, host: check.example.net, expect: [204-299], unhealthy-after: 1 }}", "");
        OriginRequest seen = await ChecksAsync(origin, 1);
        Assert.Equal(("GET", "/up?deep", "check.example.net"), (seen.Method, seen.Target, seen["Host"]));
        Assert.Equal("testcdn health check", seen["User-Agent"]);

        // 200 is not expected.
        await Eventually.TrueAsync(() => Task.FromResult(edge.Health(0) == OriginHealth.CheckFailed));
    }

    [Fact]
    public async Task An_origin_that_is_only_slow_to_answer_a_check_fails_it()
    {
        var never = new TaskCompletionSource();
        await using TestOrigin origin = await TestOrigin.StartAsync(_ => never.Task);
        await using TestEdge edge = await TestEdge.StartAsync($"{Origin(origin)}, health: {{ path: /, timeout: 1s, unhealthy-after: 1 }}", "");
        await ChecksAsync(origin, 1);
        edge.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => Task.FromResult(edge.Health(0) == OriginHealth.CheckFailed));
        Assert.Equal("origin-first-byte-timeout", edge.Plane.OriginHealth.Status().Single(o => o.Site == "www").LastCheck);
        never.SetResult();
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n", "X-Endless: abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\r\n", false)]
    [InlineData("HTTP/1.1 200 OK\r\nX: ", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", false)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "8\r\nabcdefgh\r\n", true)]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", null, false)]
    public async Task A_hostile_answer_to_a_check_costs_little(string begin, string? endless, bool isGood)
    {
        await using var origin = new RawOrigin(begin, endless);
        await using TestEdge edge = await TestEdge.StartAsync(
            $"url: \"{origin.Url}\", allow-private: true, health: {{ path: /, healthy-after: 1, unhealthy-after: 1 }}", "");
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.OriginHealth.Status().Any(o => o.LastCheck is not null) && origin.Served > 0));
        OriginStatus status = edge.Plane.OriginHealth.Status().First(o => o.LastCheck is not null);
        Assert.Equal(isGood ? OriginHealth.Healthy : OriginHealth.CheckFailed, status.Health);

        // What was in flight when the edge hung up: both sockets' buffers, far from endless.
        Assert.InRange(origin.BytesSent, 0, 64 * 1024 * 1024);
    }

    [Fact]
    public async Task Checks_end_with_the_origin_and_change_with_the_config()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(context => AnswerAsync(context, "x", () => false));
        await using TestEdge edge = await TestEdge.StartAsync($"{Origin(origin)}, {Check}", "");
        CdnConfig config = edge.State.Snapshot!.Config;
        CdnConfig www = config with { Sites = [config.FindSite("www")!] };
        edge.Apply(www);
        await ChecksAsync(origin, 1);
        await NextCheckAsync(edge, origin);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Health(0) == OriginHealth.CheckFailed));

        // Another path, from the next check on.
        OriginConfig checkedOrigin = www.Sites[0].Origins[0];
        edge.Apply(www with { Sites = [www.Sites[0] with { Origins = [checkedOrigin with { Health = checkedOrigin.Health! with { Path = "/new" } }] }] });
        Assert.Equal("/new", (await NextCheckAsync(edge, origin)).Target);

        // No checks any more: nothing they said counts, and no further one comes.
        edge.Apply(www with { Sites = [www.Sites[0] with { Origins = [checkedOrigin with { Health = null }] }] });
        Assert.Equal(OriginHealth.Healthy, edge.Health(0));
        await Eventually.TrueAsync(() => Task.FromResult(edge.Time.ArmedTimers == 0));
        int asked = origin.Requests.Count;
        edge.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(asked, origin.Requests.Count);
    }

    private static string Origin(TestOrigin origin) => $"url: \"{origin.Url}\", allow-private: true";

    private static Task AnswerAsync(HttpContext context, string text, Func<bool> isUp)
    {
        if (context.Request.Path == "/up" || context.Request.Path == "/new")
        {
            context.Response.StatusCode = isUp() ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        }

        return context.Response.WriteAsync(text);
    }

    /// <summary>Those of the first site; the other one checks the same origins under its own host.</summary>
    private static OriginRequest[] Checks(TestOrigin origin) =>
        [.. origin.Requests.Where(r => r["User-Agent"] == "testcdn health check" && r["Host"] != "other.example.net")];

    private static async Task<OriginRequest> ChecksAsync(TestOrigin origin, int count)
    {
        await Eventually.TrueAsync(() => Task.FromResult(Checks(origin).Length >= count));
        return Checks(origin)[^1];
    }

    /// <summary>
    /// Moves the clock past the interval until the next check arrives: the first time may be before its timer is armed. A check
    /// under way has time for ten such steps.
    /// </summary>
    private static async Task<OriginRequest> NextCheckAsync(TestEdge edge, TestOrigin origin)
    {
        int before = Checks(origin).Length;
        int looks = 0;
        await Eventually.TrueAsync(() =>
        {
            if (looks++ % 100 == 0)
            {
                edge.Time.Advance(TimeSpan.FromSeconds(11));
            }

            return Task.FromResult(Checks(origin).Length > before);
        });
        return Checks(origin)[before];
    }
}
