using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>Several origins of one site, of which some fail.</summary>
public sealed class FailoverTests
{
    private const string Trip = "failover: { trip-after: 2, back-off: 1s, max-back-off: 4s }";

    [Theory]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task The_next_origin_answers_for_one_that_cannot(int status)
    {
        await using TestOrigin first = await TestOrigin.StartAsync(Status(status));
        await using TestOrigin second = await TestOrigin.StartAsync(Says("second"));
        await using TestEdge edge = await StartAsync("", first.Url, second.Url);
        HttpResponseMessage answer = await edge.GetAsync("/x");
        Assert.Equal("second", await answer.Content.ReadAsStringAsync());
        Assert.Equal("waw; fwd=uri-miss; fwd-status=200; stored; ttl=60", answer.CacheStatus());
        Assert.Equal(1, edge.Metrics.Read(Counter.OriginRetries));
        Assert.Single(first.Requests);
    }

    [Fact]
    public async Task A_500_is_an_answer()
    {
        await using TestOrigin first = await TestOrigin.StartAsync(Status(500));
        await using TestOrigin second = await TestOrigin.StartAsync(Says("second"));
        await using TestEdge edge = await StartAsync(Trip, first.Url, second.Url);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.InternalServerError, (await edge.GetAsync("/x")).StatusCode);
        }

        Assert.Equal(OriginHealth.Healthy, edge.Health(0));
        Assert.Empty(second.Requests);
    }

    [Fact]
    public async Task The_next_origin_answers_for_one_that_says_nothing()
    {
        var never = new TaskCompletionSource();
        await using TestOrigin first = await TestOrigin.StartAsync(_ => never.Task);
        await using TestOrigin second = await TestOrigin.StartAsync(Says("second"));
        await using TestEdge edge = await StartAsync("", first.Url, second.Url);
        Task<HttpResponseMessage> asked = edge.GetAsync("/x");
        await Eventually.TrueAsync(() => Task.FromResult(first.Requests.Count == 1));
        edge.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("second", await asked.TextAsync());
        never.SetResult();
    }

    [Fact]
    public async Task The_next_origin_answers_for_one_that_talks_nonsense_or_hangs_up()
    {
        foreach (string bytes in new[] { "SSH-2.0-OpenSSH_9.2\r\n", "", "HTTP/1.1 200 OK\r\nX: " })
        {
            await using var first = new RawOrigin(bytes);
            await using TestOrigin second = await TestOrigin.StartAsync(Says("second"));
            await using TestEdge edge = await StartAsync("", first.Url, second.Url);
            Assert.Equal("second", await edge.GetAsync("/x").TextAsync());
        }
    }

    [Fact]
    public async Task A_sick_origin_is_passed_over_until_one_request_finds_it_back()
    {
        await using TestOrigin first = await TestOrigin.StartAsync(Status(503));
        await using TestOrigin second = await TestOrigin.StartAsync(Says("second"));
        await using TestEdge edge = await StartAsync(Trip, first.Url, second.Url);
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal("second", await edge.GetAsync($"/{i}").TextAsync());
        }

        Assert.Equal(2, first.Requests.Count);
        Assert.Equal(OriginHealth.Tripped, edge.Health(0));

        // The back-off has passed: one request finds out, and is none the worse for it.
        edge.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("second", await edge.GetAsync("/a").TextAsync());
        Assert.Equal("second", await edge.GetAsync("/b").TextAsync());
        Assert.Equal(3, first.Requests.Count);

        // The back-off is longer now.
        edge.Time.Advance(TimeSpan.FromSeconds(2));
        first.Answer = Says("first");
        Assert.Equal("first", await edge.GetAsync("/c").TextAsync());
        Assert.Equal(OriginHealth.Healthy, edge.Health(0));
        Assert.Equal("first", await edge.GetAsync("/d").TextAsync());
    }

    [Fact]
    public async Task While_one_request_finds_out_the_others_do_not_wait_for_it()
    {
        await using TestOrigin first = await TestOrigin.StartAsync(Status(503));
        await using TestOrigin second = await TestOrigin.StartAsync(Says("second"));
        await using TestEdge edge = await StartAsync(Trip, first.Url, second.Url);
        await edge.GetAsync("/1").TextAsync();
        await edge.GetAsync("/2").TextAsync();
        edge.Time.Advance(TimeSpan.FromSeconds(1));
        var gate = new TaskCompletionSource();
        first.Answer = async context =>
        {
            await gate.Task;
            await Says("first")(context);
        };
        Task<string> trial = edge.GetAsync("/trial").TextAsync();
        await Eventually.TrueAsync(() => Task.FromResult(first.Requests.Count == 3));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("second", await edge.GetAsync($"/other{i}").TextAsync());
        }

        Assert.Equal(3, first.Requests.Count);
        gate.SetResult();
        Assert.Equal("first", await trial);
        Assert.Equal("first", await edge.GetAsync("/after").TextAsync());
    }

    [Fact]
    public async Task A_trial_whose_visitor_leaves_is_made_by_the_next_one()
    {
        await using TestOrigin first = await TestOrigin.StartAsync(Status(503));
        await using TestOrigin second = await TestOrigin.StartAsync(Says("second"));
        await using TestEdge edge = await StartAsync(Trip, first.Url, second.Url);
        await edge.GetAsync("/1").TextAsync();
        await edge.GetAsync("/2").TextAsync();
        edge.Time.Advance(TimeSpan.FromSeconds(1));
        var never = new TaskCompletionSource();
        first.Answer = _ => never.Task;
        using var leave = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Get, edge.PublicUrl + "/trial");
        request.Headers.Host = TestEdge.Host;
        Task left = edge.Client.SendAsync(request, leave.Token);
        await Eventually.TrueAsync(() => Task.FromResult(first.Requests.Count == 3));
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Health(0) == OriginHealth.TrialDue));
        first.Answer = Says("first");
        Assert.Equal("first", await edge.GetAsync("/3").TextAsync());
        never.SetResult();
    }

    [Fact]
    public async Task When_all_are_sick_all_are_tried_and_the_origins_own_words_are_passed_on()
    {
        await using TestOrigin first = await TestOrigin.StartAsync(async context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter = "7";
            await context.Response.WriteAsync("closed for today");
        });
        await using TestEdge edge = await StartAsync(Trip, first.Url, $"http://127.0.0.1:{FreePort()}");
        for (int i = 0; i < 6; i++)
        {
            HttpResponseMessage answer = await edge.GetAsync("/x");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal("7", answer.Headers.RetryAfter!.ToString());
            Assert.Equal("closed for today", await answer.Content.ReadAsStringAsync());
        }

        Assert.Equal([OriginHealth.Tripped, OriginHealth.Tripped], edge.Plane.OriginHealth.Status().Where(o => o.Site == "www").Select(o => o.Health));
        Assert.Equal(6, first.Requests.Count);
        first.Answer = Says("open");
        Assert.Equal("open", await edge.GetAsync("/x").TextAsync());
        Assert.Equal(OriginHealth.Healthy, edge.Health(0));
    }

    [Fact]
    public async Task Attempts_are_bounded_and_no_origin_is_asked_twice()
    {
        await using TestOrigin first = await TestOrigin.StartAsync(Status(503));
        await using TestOrigin second = await TestOrigin.StartAsync(Status(503));
        await using TestOrigin third = await TestOrigin.StartAsync(Says("third"));
        await using TestEdge edge = await StartAsync("failover: { attempts: 2 }", first.Url, second.Url, third.Url);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await edge.GetAsync("/x")).StatusCode);
        Assert.Equal((1, 1, 0), (first.Requests.Count, second.Requests.Count, third.Requests.Count));
    }

    [Fact]
    public async Task The_total_time_is_bounded()
    {
        var never = new TaskCompletionSource();
        await using TestOrigin first = await TestOrigin.StartAsync(_ => never.Task);
        await using TestOrigin second = await TestOrigin.StartAsync(_ => never.Task);
        await using TestOrigin third = await TestOrigin.StartAsync(Says("third"));
        await using TestEdge edge = await StartAsync("failover: { total-timeout: 70s }", first.Url, second.Url, third.Url);
        Task<HttpResponseMessage> asked = edge.GetAsync("/x");
        await Eventually.TrueAsync(() => Task.FromResult(first.Requests.Count == 1));
        edge.Time.Advance(TimeSpan.FromSeconds(60));
        await Eventually.TrueAsync(() => Task.FromResult(second.Requests.Count == 1));
        edge.Time.Advance(TimeSpan.FromSeconds(10));
        HttpResponseMessage answer = await asked;
        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Empty(third.Requests);

        // What was cut short says nothing of the second one.
        Assert.Equal(["origin-first-byte-timeout", null], edge.Plane.OriginHealth.Status().Where(o => o.Site == "www").Select(o => o.LastFailure).Take(2));
        never.SetResult();
    }

    [Fact]
    public async Task A_body_goes_to_one_origin_only()
    {
        await using TestOrigin first = await TestOrigin.StartAsync(Status(503));
        await using TestOrigin second = await TestOrigin.StartAsync(Says("second"));
        await using TestEdge edge = await StartAsync("", first.Url, second.Url);
        foreach (HttpMethod method in new[] { HttpMethod.Post, HttpMethod.Put })
        {
            using HttpRequestMessage request = Upload(edge, method);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await edge.Client.SendAsync(request)).StatusCode);
        }

        Assert.Equal(2, first.Requests.Count);
        Assert.Empty(second.Requests);
        Assert.Equal(0, edge.Metrics.Read(Counter.OriginRetries)); // nor was a half of one begun
    }

    [Fact]
    public async Task A_post_without_a_body_is_not_repeated_either_but_a_delete_is()
    {
        await using TestOrigin first = await TestOrigin.StartAsync(Status(503));
        await using TestOrigin second = await TestOrigin.StartAsync(Says("second"));
        await using TestEdge edge = await StartAsync("", first.Url, second.Url);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await edge.SendAsync(HttpMethod.Post, "/x")).StatusCode);
        Assert.Empty(second.Requests);
        Assert.Equal("second", await edge.SendAsync(HttpMethod.Delete, "/x").TextAsync());
    }

    [Fact]
    public async Task A_body_that_has_not_begun_goes_to_the_next_origin()
    {
        await using TestOrigin second = await TestOrigin.StartAsync(Says("second"));
        await using TestEdge edge = await StartAsync("", $"http://127.0.0.1:{FreePort()}", second.Url);
        using HttpRequestMessage request = Upload(edge, HttpMethod.Post);
        Assert.Equal(HttpStatusCode.OK, (await edge.Client.SendAsync(request)).StatusCode);
        Assert.Equal(200_000, Assert.Single(second.Requests).Body.Length);
    }

    [Fact]
    public async Task Nothing_is_asked_again_once_a_header_was_taken()
    {
        await using var first = new RawOrigin("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nCache-Control: max-age=60\r\n\r\nhalf");
        await using TestOrigin second = await TestOrigin.StartAsync(Says("second"));
        await using TestEdge edge = await StartAsync("", first.Url, second.Url);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => edge.GetAsync("/x").TextAsync());
        Assert.Empty(second.Requests);
    }

    /// <summary>The first-byte limit is the origin's: a slow upload neither runs into it nor speaks against the origin.</summary>
    [Fact]
    public async Task A_slow_upload_is_no_slow_origin()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Says("ok"));
        await using TestEdge edge = await StartAsync("failover: { trip-after: 1 }", origin.Url);
        var uri = new Uri(edge.PublicUrl);
        using var client = new TcpClient();
        await client.ConnectAsync(uri.Host, uri.Port);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /x HTTP/1.1\r\nHost: {TestEdge.Host}\r\nContent-Length: 6\r\nConnection: close\r\n\r\nabc"));
        await Eventually.TrueAsync(() => Task.FromResult(edge.Metrics.Read(Counter.OriginFetches) == 1 && edge.Time.ArmedTimers == 0));
        edge.Time.Advance(TimeSpan.FromSeconds(90));
        await stream.WriteAsync("def"u8.ToArray());
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 200", await reader.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(OriginHealth.Healthy, edge.Health(0));
    }

    [Fact]
    public async Task One_sites_origins_say_nothing_of_anothers()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Status(503));
        await using TestEdge edge = await StartAsync(Trip, origin.Url);
        for (int i = 0; i < 3; i++)
        {
            await edge.GetAsync("/x").TextAsync();
        }

        Assert.Equal(
            [("www", OriginHealth.Tripped), ("other", OriginHealth.Healthy)],
            edge.Plane.OriginHealth.Status().Select(o => (o.Site, o.Health)).OrderByDescending(o => o.Site));
    }

    [Fact]
    public async Task A_new_config_forgets_origins_that_are_gone_and_remembers_the_others()
    {
        await using TestOrigin first = await TestOrigin.StartAsync(Status(503));
        await using TestOrigin second = await TestOrigin.StartAsync(Says("second"));
        await using TestEdge edge = await StartAsync(Trip, first.Url, second.Url);
        await edge.GetAsync("/1").TextAsync();
        await edge.GetAsync("/2").TextAsync();
        CdnConfig config = edge.State.Snapshot!.Config;
        SiteConfig www = config.FindSite("www")!;
        edge.Apply(config with { Sites = [www with { Origins = [www.Origins[0] with { Weight = 7 }] }] });
        OriginStatus left = Assert.Single(edge.Plane.OriginHealth.Status());
        Assert.Equal(OriginHealth.Tripped, left.Health);
        edge.Apply(config with { Sites = [www with { Origins = [www.Origins[1]] }] });
        edge.Apply(config);
        Assert.Equal(OriginHealth.Healthy, edge.Health(0));
    }

    private static Task<TestEdge> StartAsync(string siteYaml, params string[] urls) =>
        TestEdge.StartAsync(string.Join(" }, { ", urls.Select(url => $"url: \"{url}\", allow-private: true")), siteYaml);

    private static RequestDelegate Status(int status) => context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    private static RequestDelegate Says(string text) => context =>
    {
        context.Response.Headers.CacheControl = "max-age=60";
        return context.Response.WriteAsync(text);
    };

    private static HttpRequestMessage Upload(TestEdge edge, HttpMethod method)
    {
        var request = new HttpRequestMessage(method, edge.PublicUrl + "/up") { Content = new ByteArrayContent(new byte[200_000]) };
        request.Headers.Host = TestEdge.Host;
        return request;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
