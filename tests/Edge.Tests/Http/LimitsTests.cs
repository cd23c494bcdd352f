using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>What a site lets its visitors ask for, over real sockets.</summary>
public sealed class LimitsTests
{
    private static readonly RequestDelegate Cacheable = async context =>
    {
        context.Response.Headers.CacheControl = "max-age=60";
        await context.Response.WriteAsync("ok");
    };

    [Fact]
    public async Task A_client_that_asks_too_fast_gets_429_and_when_to_come_back()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin, "limits: { client-rate: 1, client-burst: 3 }");
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await edge.GetAsync("/x")).StatusCode);
        }

        HttpResponseMessage refused = await edge.GetAsync("/x");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("1", refused.Headers.RetryAfter!.ToString());
        Assert.Equal("waw; detail=client-rate", refused.CacheStatus());
        Assert.Equal("no-store", refused.Headers.CacheControl!.ToString());
        Assert.Equal(1, edge.Metrics.Read(Counter.Limited));

        // Another site's visitors are none the worse for it.
        Assert.Equal(HttpStatusCode.OK, (await edge.GetAsync("/x", ("Host", "other.example.net"))).StatusCode);
        edge.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await edge.GetAsync("/x")).StatusCode);
    }

    [Fact]
    public async Task Clients_are_told_apart_by_their_address()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin, "limits: { client-rate: 1 }");
        string get = $"GET /x HTTP/1.1\r\nHost: {TestEdge.Host}\r\nX-Forwarded-For: 198.51.100.1\r\nConnection: close\r\n\r\n";
        Assert.StartsWith("HTTP/1.1 200", await RawFromAsync(edge, "127.0.0.2", get), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await RawFromAsync(edge, "127.0.0.3", get), StringComparison.Ordinal);

        // What a client says about itself makes it no other client.
        Assert.StartsWith("HTTP/1.1 429", await RawFromAsync(edge, "127.0.0.3", get.Replace("198.51.100.1", "198.51.100.2", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_site_takes_so_many_requests_at_one_time_and_no_other_site_pays_for_it()
    {
        var gate = new TaskCompletionSource();
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            if (context.Request.Path.StartsWithSegments("/slow"))
            {
                await gate.Task;
            }

            await Cacheable(context);
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin, "limits: { concurrency: 2 }");
        Task<HttpResponseMessage>[] slow = [edge.GetAsync("/slow/1"), edge.GetAsync("/slow/2")];
        await Eventually.TrueAsync(() => Task.FromResult(origin.Requests.Count == 2));
        HttpResponseMessage refused = await edge.GetAsync("/x");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("1", refused.Headers.RetryAfter!.ToString());
        Assert.Equal("waw; detail=site-busy", refused.CacheStatus());
        Assert.Equal("ok", await edge.GetAsync("/x", ("Host", "other.example.net")).TextAsync());
        gate.SetResult();
        foreach (Task<HttpResponseMessage> answer in slow)
        {
            Assert.Equal("ok", await answer.TextAsync());
        }

        await UntilIdleAsync(edge);
        Assert.Equal("ok", await edge.GetAsync("/x").TextAsync());
    }

    [Fact]
    public async Task A_client_takes_so_many_requests_at_one_time()
    {
        var gate = new TaskCompletionSource();
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            await gate.Task;
            await Cacheable(context);
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin, "limits: { client-concurrency: 1 }");
        Task<HttpResponseMessage> slow = edge.GetAsync("/1");
        await Eventually.TrueAsync(() => Task.FromResult(origin.Requests.Count == 1));
        HttpResponseMessage refused = await edge.GetAsync("/2");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("waw; detail=client-busy", refused.CacheStatus());
        gate.SetResult();
        Assert.Equal("ok", await slow.TextAsync());
        await Eventually.TrueAsync(async () => (await edge.GetAsync("/2")).StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Visitors_that_hang_up_are_no_longer_counted()
    {
        var never = new TaskCompletionSource();
        await using TestOrigin origin = await TestOrigin.StartAsync(_ => never.Task);
        await using TestEdge edge = await TestEdge.StartAsync(origin, "limits: { concurrency: 5, client-concurrency: 5 }");
        using var leave = new CancellationTokenSource();
        Task[] left = [.. Enumerable.Range(0, 5).Select(i =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, edge.PublicUrl + $"/{i}");
            request.Headers.Host = TestEdge.Host;
            return edge.Client.SendAsync(request, leave.Token);
        })];
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Limits.GateOf("www")?.Running == 5));
        await leave.CancelAsync();
        foreach (Task one in left)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        }

        await UntilIdleAsync(edge);
        never.SetResult();
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_413_and_goes_nowhere()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin, "limits: { max-body: 1KB }");
        foreach ((int bytes, bool chunked, HttpStatusCode expected) in new[]
        {
            (1000, false, HttpStatusCode.OK), (1000, true, HttpStatusCode.OK),
            (1001, false, HttpStatusCode.RequestEntityTooLarge), (100_000, true, HttpStatusCode.RequestEntityTooLarge),
        })
        {
            using var put = new HttpRequestMessage(HttpMethod.Put, edge.PublicUrl + "/up") { Content = new ByteArrayContent(new byte[bytes]) };
            put.Headers.Host = TestEdge.Host;
            put.Headers.TransferEncodingChunked = chunked;
            HttpResponseMessage answer = await edge.Client.SendAsync(put);
            Assert.True(answer.StatusCode == expected, $"{bytes} bytes, chunked {chunked}: {answer.StatusCode}");
            if (expected != HttpStatusCode.OK && !chunked)
            {
                Assert.Equal("waw; detail=body-too-large", answer.CacheStatus());
            }
        }

        Assert.All(origin.Requests, request => Assert.InRange(request.Body.Length, 0, 1000));
        Assert.Equal(2, origin.Requests.Count(request => request.Body.Length == 1000));
    }

    [Fact]
    public async Task A_url_or_a_header_beyond_the_limit_is_refused()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin, "limits: { max-url: 100B, max-header: 1KiB }");
        Assert.Equal(HttpStatusCode.OK, (await edge.GetAsync("/?" + new string('x', 98))).StatusCode);
        HttpResponseMessage url = await edge.GetAsync("/?" + new string('x', 99));
        Assert.Equal((HttpStatusCode.RequestUriTooLong, "waw; detail=url-too-long"), (url.StatusCode, url.CacheStatus()));
        Assert.Equal(HttpStatusCode.OK, (await edge.GetAsync("/x", ("Cookie", new string('x', 800)))).StatusCode);
        HttpResponseMessage header = await edge.GetAsync("/x", ("Cookie", new string('x', 1024)));
        Assert.Equal((HttpStatusCode.RequestHeaderFieldsTooLarge, "waw; detail=header-too-large"), (header.StatusCode, header.CacheStatus()));
        Assert.Null(header.Headers.RetryAfter);
    }

    [Fact]
    public async Task Other_edges_are_exempt()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge shield = await TestEdge.StartAsync(origin, "shield: lax\nlimits: { client-rate: 1 }", pop: "lax");
        await using TestEdge edge = await TestEdge.StartAsync(origin, "shield: lax");
        edge.State.Replace(new PeerTable([new("lax", "lax1", shield.PeerUrl), new("waw", "waw1", edge.PeerUrl)]));
        for (int i = 0; i < 5; i++)
        {
            HttpResponseMessage answer = await edge.GetAsync($"/{i}");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.StartsWith("lax;", answer.CacheStatus(), StringComparison.Ordinal);
        }
    }

    /// <summary>Hundreds that send their requests a byte at a time: those of another site are answered meanwhile.</summary>
    [Fact]
    public async Task Slow_clients_of_one_site_do_not_starve_another()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin, "limits: { concurrency: 10 }");
        var uri = new Uri(edge.PublicUrl);
        TcpClient[] slow = [.. Enumerable.Range(0, 300).Select(_ => new TcpClient())];
        try
        {
            byte[] upload = Encoding.ASCII.GetBytes($"POST /up HTTP/1.1\r\nHost: {TestEdge.Host}\r\nContent-Length: 1000000\r\n\r\nx");
            foreach (TcpClient client in slow)
            {
                await client.ConnectAsync(uri.Host, uri.Port);
                await client.GetStream().WriteAsync(upload);
            }

            await Eventually.TrueAsync(() => Task.FromResult(edge.Metrics.Read(Counter.Limited) == 290));
            Assert.Equal(10, edge.Plane.Limits.GateOf("www")!.Running);
            for (int i = 0; i < 20; i++)
            {
                Assert.Equal("ok", await edge.GetAsync($"/{i}", ("Host", "other.example.net")).TextAsync());
            }
        }
        finally
        {
            Array.ForEach(slow, client => client.Dispose());
        }

        await UntilIdleAsync(edge);
    }

    [Fact]
    public async Task Limits_that_the_config_takes_away_are_forgotten()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin, "limits: { client-rate: 1 }");
        await edge.GetAsync("/x").TextAsync();
        Assert.Equal(1, edge.Plane.Limits.GateOf("www")!.Clients);
        var config = edge.State.Snapshot!.Config;
        edge.Apply(config with { Sites = [config.Sites[0] with { Limits = null }] });
        Assert.Null(edge.Plane.Limits.GateOf("www"));
        Assert.Equal(HttpStatusCode.OK, (await edge.GetAsync("/x")).StatusCode);
    }

    private static Task UntilIdleAsync(TestEdge edge) =>
        Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Limits.GateOf("www")!.Running == 0));

    private static async Task<string> RawFromAsync(TestEdge edge, string from, string bytes)
    {
        var uri = new Uri(edge.PublicUrl);
        using var client = new TcpClient(new IPEndPoint(IPAddress.Parse(from), 0));
        await client.ConnectAsync(uri.Host, uri.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(bytes));
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync();
    }
}
