using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>What goes on to the origin, what comes back, and what happens when it does not.</summary>
public sealed class ProxyTests
{
    private static readonly RequestDelegate Cacheable = async context =>
    {
        context.Response.Headers.CacheControl = "max-age=60";
        await context.Response.WriteAsync("ok");
    };

    [Fact]
    public async Task Unknown_hosts_get_421_and_never_reach_an_origin()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        HttpResponseMessage answer = await edge.GetAsync("/", ("Host", "evil.example"));
        Assert.Equal(HttpStatusCode.MisdirectedRequest, answer.StatusCode);
        Assert.Equal("waw; detail=unknown-host", answer.CacheStatus());
        Assert.Empty(origin.Requests);
    }

    [Fact]
    public async Task A_dead_origin_is_502_and_says_why()
    {
        int free = FreePort();
        await using TestEdge edge = await TestEdge.StartAsync($"url: \"http://127.0.0.1:{free}\", allow-private: true", "");
        HttpResponseMessage answer = await edge.GetAsync("/");
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal("waw; fwd=uri-miss; detail=origin-connect-failed", answer.CacheStatus());
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
    }

    [Fact]
    public async Task An_origin_that_says_nothing_is_504()
    {
        var never = new TaskCompletionSource();
        await using TestOrigin origin = await TestOrigin.StartAsync(_ => never.Task);
        await using TestEdge edge = await TestEdge.StartAsync($"url: {origin.Url}, allow-private: true, first-byte-timeout: 2s", "");
        Task<HttpResponseMessage> asked = edge.GetAsync("/");
        await Eventually.TrueAsync(() => Task.FromResult(origin.Requests.Count == 1));
        edge.Time.Advance(TimeSpan.FromSeconds(3));
        HttpResponseMessage answer = await asked;
        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Equal("waw; fwd=uri-miss; detail=origin-first-byte-timeout", answer.CacheStatus());
        never.SetResult();
    }

    [Fact]
    public async Task A_private_origin_address_is_refused_unless_the_site_allows_it()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        CdnConfig config = edge.State.Snapshot!.Config;
        SiteConfig site = config.Sites[0] with { Origins = [config.Sites[0].Origins[0] with { AllowPrivate = false }] };
        edge.State.Replace(new EdgeSnapshot("c", 2, config with { Sites = [site] }));
        HttpResponseMessage answer = await edge.GetAsync("/");
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal("waw; fwd=uri-miss; detail=origin-address-not-allowed", answer.CacheStatus());
        Assert.Empty(origin.Requests);
    }

    [Fact]
    public async Task An_origin_that_talks_nonsense_is_502()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string[] nonsense =
        [
            "SSH-2.0-OpenSSH_9.2\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nX: a\u0001b\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 304 Not Modified\r\nETag: \"unasked\"\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: " + new string('x', 80_000) + "\r\n\r\n",
        ];
        Task server = Task.Run(async () =>
        {
            foreach (string text in nonsense)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync();
                NetworkStream stream = client.GetStream();
                byte[] request = new byte[4096];
                _ = await stream.ReadAsync(request);
                await stream.WriteAsync(System.Text.Encoding.Latin1.GetBytes(text));
                client.Client.Shutdown(SocketShutdown.Send);
                while (await stream.ReadAsync(request) > 0)
                {
                }
            }
        });
        await using TestEdge edge = await TestEdge.StartAsync($"url: \"http://{listener.LocalEndpoint}\", allow-private: true", "");
        foreach (string text in nonsense)
        {
            HttpResponseMessage answer = await edge.GetAsync("/x");
            Assert.True(answer.StatusCode == HttpStatusCode.BadGateway, $"{(int)answer.StatusCode} for {text[..Math.Min(40, text.Length)]}");
        }

        await server;
        Assert.Equal(0, edge.Plane.Store.Count);
    }

    [Fact]
    public async Task What_a_visitor_says_about_itself_is_replaced()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await edge.GetAsync("/x",
            ("X-Forwarded-For", "1.2.3.4"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"), ("Forwarded", "for=1.2.3.4"),
            ("Client-Cert", ":abc:"), ("cdn-peer-mode", "shield"), ("TE", "trailers"), ("Keep-Alive", "timeout=5"),
            ("Connection", "X-Nominated, Authorization, Cookie"), ("X-Nominated", "drop"), ("Authorization", "keep"), ("Cookie", "keep=1")).TextAsync();
        OriginRequest seen = Assert.Single(origin.Requests);
        Assert.Equal("127.0.0.1", seen["X-Forwarded-For"]);
        Assert.Equal(TestEdge.Host, seen["X-Forwarded-Host"]);
        Assert.Equal("http", seen["X-Forwarded-Proto"]);
        Assert.Equal($"for=127.0.0.1;host=\"{TestEdge.Host}\";proto=http", seen["Forwarded"]);
        Assert.Equal("keep", seen["Authorization"]);
        Assert.Equal("keep=1", seen["Cookie"]);
        Assert.Equal(TestEdge.Host, seen["Host"]);
        Assert.Equal("1.1 testcdn", seen["Via"]);
        Assert.Equal("testcdn", seen["CDN-Loop"]);
        foreach (string gone in new[] { "Client-Cert", "cdn-peer-mode", "TE", "Keep-Alive", "X-Nominated" })
        {
            Assert.Null(seen[gone]);
        }
    }

    [Fact]
    public async Task Connection_fields_of_the_origin_are_neither_stored_nor_passed_on()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            context.Response.Headers.Connection = "X-Hop";
            context.Response.Headers["X-Hop"] = "1";
            context.Response.Headers["Keep-Alive"] = "timeout=5";
            context.Response.Headers["X-End"] = "1";
            await context.Response.WriteAsync("ok");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        for (int i = 0; i < 2; i++)
        {
            HttpResponseMessage answer = await edge.GetAsync("/x");
            Assert.False(answer.Headers.Contains("X-Hop"));
            Assert.False(answer.Headers.Contains("Keep-Alive"));
            Assert.True(answer.Headers.Contains("X-End"));
        }
    }

    [Fact]
    public async Task A_request_that_comes_back_is_a_loop()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Assert.Equal(HttpStatusCode.LoopDetected, (await edge.GetAsync("/", ("CDN-Loop", "other; v=1, TestCDN; v=2"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await edge.GetAsync("/", ("CDN-Loop", "other, testcdnx"))).StatusCode);
        Assert.Equal("other, testcdnx, testcdn", origin.Requests.Single()["CDN-Loop"]);
    }

    [Fact]
    public async Task Methods_that_tunnel_or_echo_are_not_served()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await edge.SendAsync(HttpMethod.Trace, "/")).StatusCode);
        Assert.StartsWith("HTTP/1.1 405", await edge.RawAsync($"CONNECT {TestEdge.Host}:443 HTTP/1.1\r\nHost: {TestEdge.Host}:443\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.Empty(origin.Requests);
    }

    [Fact]
    public async Task The_absolute_form_beats_Host()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string answer = await edge.RawAsync($"GET http://{TestEdge.Host}/abs?x HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Equal("/abs?x", origin.Requests.Single().Target);
        Assert.Equal(TestEdge.Host, origin.Requests.Single()["Host"]);
        await edge.GetAsync("/abs?x").TextAsync();
        Assert.Single(origin.Requests);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: www.example.net\r\nHost: other.example.net\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: www.example.net\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")]
    [InlineData("GET / HTTP/1.1\r\nHost: www.example.net\r\nBad Header: x\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: www.example.net\r\n folded: x\r\n\r\n")]
    [InlineData("\0\u0001\u0002garbage\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: www.example.net\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n")]
    public async Task Malformed_requests_are_400_and_the_connection_ends(string bytes)
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string answer = await edge.RawAsync(bytes);
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Equal("ok", await edge.GetAsync("/").TextAsync());
    }

    [Fact]
    public async Task A_body_on_Get_stays_here()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string answer = await edge.RawAsync($"GET /x HTTP/1.1\r\nHost: {TestEdge.Host}\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Empty(origin.Requests.Single().Body);
        Assert.Null(origin.Requests.Single()["Content-Length"]);
    }

    [Fact]
    public async Task Http2_to_the_origin_is_a_setting()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable, HttpProtocols.Http2);
        await using TestEdge edge = await TestEdge.StartAsync($"url: {origin.Url}, allow-private: true, protocol: http2", "");
        Assert.Equal("ok", await edge.GetAsync("/x").TextAsync());
        Assert.Equal("HTTP/2", origin.Requests.Single().Protocol);
    }

    [Fact]
    public async Task The_next_origin_is_tried_when_the_first_cannot_be_reached()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(
            $"url: \"http://127.0.0.1:{FreePort()}\", allow-private: true }}, {{ url: {origin.Url}, allow-private: true", "");
        Assert.Equal("ok", await edge.GetAsync("/x").TextAsync());
    }

    [Fact]
    public async Task A_large_upload_streams_through()
    {
        byte[] bytes = new byte[5_000_000];
        new Random(3).NextBytes(bytes);
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        foreach (bool chunked in new[] { false, true })
        {
            using var put = new HttpRequestMessage(HttpMethod.Put, edge.PublicUrl + "/up") { Content = new ByteArrayContent(bytes) };
            put.Headers.Host = TestEdge.Host;
            put.Headers.TransferEncodingChunked = chunked;
            Assert.Equal(HttpStatusCode.OK, (await edge.Client.SendAsync(put)).StatusCode);
            Assert.True(origin.Requests.Last().Body.AsSpan().SequenceEqual(bytes));
        }
    }

    [Fact]
    public async Task The_peer_listener_serves_edges_only()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        using var request = new HttpRequestMessage(HttpMethod.Get, edge.PeerUrl + "/x") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Host = TestEdge.Host;
        HttpResponseMessage answer = await edge.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(origin.Requests);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
