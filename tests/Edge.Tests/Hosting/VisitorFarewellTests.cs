using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Admin;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Hosting;
using OrleansCdn.Edge.Tests.Control;
using OrleansCdn.Edge.Tests.Tls;
using OrleansCdn.Edge.Tls;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Hosting;

/// <summary>What visitors' connections see of a drain: the real listeners, by a clock that the test moves.</summary>
public sealed class VisitorFarewellTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Spread = RouteFailoverConfig.Default.Drain;

    private readonly TempDirectory _files = new();
    private readonly FakeTimeProvider _time = new();
    private readonly EdgeState _state = new("waw", "waw1", new PurgeIndex());
    private readonly TaskCompletionSource _mayEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TestCertificates _made = null!;
    private EdgeParts _parts = null!;
    private WebApplication _app = null!;
    private ListenAddresses _at = null!;
    private long _epoch;

    public async Task InitializeAsync()
    {
        _made = new TestCertificates(_files.Path);
        (string Certificate, string Key) site = _made.Write("site", "www.example.net");
        _state.Replace(new EdgeSnapshot("e", 3, Configs.One(sites: Configs.Site("www", new TlsConfig { CertificateFile = site.Certificate, KeyFile = site.Key }, "www.example.net"))));
        ListLogger log = new();
        _parts = new EdgeParts
        {
            State = _state,
            Metrics = new EdgeMetrics(),
            Leases = LeaseClient.WithoutSilo(TimeProvider.System),
            Identity = LinkIdentity.Load(null, TimeProvider.System, log),
            Certificates = new SiteCertificates(_state, TimeProvider.System, log),
            Feed = new FeedStatusBoard(new FeedStatus(FeedState.Connecting, null, DateTimeOffset.UnixEpoch, null)),
            Time = _time,
            Loggers = NullLoggerFactory.Instance,
        };
        _parts.Certificates.Start();
        IPEndPoint any = new(IPAddress.Loopback, 0);
        ListenAddresses asked = new() { Http = any, Https = any, Peer = any };
        _app = EdgeServer.Build(_parts, asked, AnswerAsync, new AdminEndpoint(_parts, "1.0"));
        await _app.StartAsync();
        _at = EdgeServer.Bound(_app, asked);
    }

    public async Task DisposeAsync()
    {
        _mayEnd.TrySetResult();
        await _app.DisposeAsync();
        await _parts.Leases.DisposeAsync();
        _parts.Identity.Dispose();
        _parts.Certificates.Dispose();
    }

    public void Dispose()
    {
        _made.Dispose();
        _files.Dispose();
    }

    private async Task AnswerAsync(HttpContext context, Edge.Http.ListenerRole role)
    {
        if (context.Request.Path == "/long")
        {
            await context.Response.WriteAsync("begun ");
            await context.Response.Body.FlushAsync();
            await _mayEnd.Task;
        }

        await context.Response.WriteAsync("done");
    }

    private void Decide(EligibilityState state, params string[] edges) =>
        Assert.True(_state.Replace(new Eligibility { Epoch = ++_epoch, Pops = [new PopEligibility("waw", state, DateTimeOffset.UnixEpoch)], DrainedEdges = [.. edges] }));

    private long Open => _parts.Metrics.Read(Counter.OpenConnections);

    /// <summary>In the drain's time all of them, and not all at once.</summary>
    [Fact]
    public async Task Idle_connections_end_one_after_the_other()
    {
        List<TcpClient> visitors = [];
        for (int i = 0; i < 60; i++)
        {
            TcpClient visitor = new();
            await visitor.ConnectAsync(_at.Http!);
            visitors.Add(visitor);
        }

        await Eventually.IsTrueAsync(() => Open == 60);
        Decide(EligibilityState.Draining);
        _time.Advance(Spread / 2);
        await Eventually.IsTrueAsync(() => Open < 60);
        await HeartbeatsAsync(3);
        Assert.InRange(Open, 10, 50); // half of them; a fair coin is out of this once in ten million runs
        _time.Advance(Spread / 2);
        await Eventually.IsTrueAsync(() => Open == 0);
        visitors.ForEach(visitor => visitor.Dispose());
    }

    [Fact]
    public async Task The_next_response_says_that_the_connection_ends_and_a_later_one_is_served_all_the_same()
    {
        using TcpClient visitor = new();
        await visitor.ConnectAsync(_at.Http!);
        using StreamReader lines = new(visitor.GetStream(), Encoding.ASCII);
        await SendAsync(visitor, "/long");
        string header = await HeaderAsync(lines);
        Assert.DoesNotContain("Connection: close", header, StringComparison.Ordinal);
        Decide(EligibilityState.Draining);
        _time.Advance(Spread);
        await HeartbeatsAsync(3);

        // Under way: it goes on to its end, and only then the connection ends.
        _mayEnd.SetResult();
        string rest = await lines.ReadToEndAsync();
        Assert.Contains("done", rest, StringComparison.Ordinal);

        using HttpClient client = new();
        Assert.Equal("done", await client.GetStringAsync($"http://{_at.Http}/"));
    }

    [Fact]
    public async Task A_response_that_begins_after_its_connection_was_asked_to_end_says_so()
    {
        using TcpClient visitor = new();
        await visitor.ConnectAsync(_at.Http!);
        using StreamReader lines = new(visitor.GetStream(), Encoding.ASCII);
        await visitor.GetStream().WriteAsync("GET /late HTTP/1.1\r\nHost: www.example.net\r\nContent-Length: 1\r\n"u8.ToArray());
        await Eventually.IsTrueAsync(() => Open == 1);
        Decide(EligibilityState.Draining);
        _time.Advance(Spread);
        await HeartbeatsAsync(3);
        await visitor.GetStream().WriteAsync("\r\nx"u8.ToArray());
        string all = await lines.ReadToEndAsync();
        Assert.Contains("200 OK", all, StringComparison.Ordinal);
        Assert.Contains("Connection: close", all, StringComparison.Ordinal);
    }

    /// <summary>GOAWAY: what is under way ends well, what comes after it takes another connection.</summary>
    [Fact]
    public async Task Streams_of_HTTP_2_go_on_to_their_end()
    {
        using SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(_at.Https!, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        X509ChainPolicy trust = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(_made.Authority);
        handler.SslOptions.CertificateChainPolicy = trust;
        using HttpMessageInvoker client = new(handler);
        HttpResponseMessage response = await client.SendAsync(Http2("/long"), default);
        Assert.Equal(HttpVersion.Version20, response.Version);
        Decide(EligibilityState.Draining);
        _time.Advance(Spread);
        await HeartbeatsAsync(3);
        Assert.Equal(1, Open);
        using HttpResponseMessage other = await client.SendAsync(Http2("/"), default);
        Assert.Equal("done", await other.Content.ReadAsStringAsync());
        _mayEnd.SetResult();
        Assert.Equal("begun done", await response.Content.ReadAsStringAsync());
        _time.Advance(Spread);
        await Eventually.IsTrueAsync(() => Open == 0);
        response.Dispose();

        static HttpRequestMessage Http2(string path) => new(HttpMethod.Get, "https://www.example.net" + path)
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    [Fact]
    public async Task One_edge_of_several_says_farewell_for_itself_and_only_for_itself()
    {
        using TcpClient visitor = new();
        await visitor.ConnectAsync(_at.Http!);
        await Eventually.IsTrueAsync(() => Open == 1);
        Decide(EligibilityState.InService, "waw2");
        _time.Advance(10 * Spread);
        await HeartbeatsAsync(3);
        Assert.Equal(1, Open);
        Decide(EligibilityState.InService, "waw2", "waw1");
        _time.Advance(Spread);
        await Eventually.IsTrueAsync(() => Open == 0);
    }

    /// <summary>No visitors of it are to go anywhere else: nobody drains it, or not any more.</summary>
    [Theory]
    [InlineData(EligibilityState.InService)]
    [InlineData(EligibilityState.Gone)]
    [InlineData(EligibilityState.WantsOut)]
    public async Task Without_a_drain_nobody_is_asked(EligibilityState state)
    {
        using TcpClient visitor = new();
        await visitor.ConnectAsync(_at.Http!);
        await Eventually.IsTrueAsync(() => Open == 1);
        Decide(EligibilityState.Draining);
        Decide(state);
        _time.Advance(10 * Spread);
        await HeartbeatsAsync(3);
        Assert.Equal(1, Open);
    }

    [Fact]
    public async Task Connections_of_other_edges_stay()
    {
        using SocketsHttpHandler handler = new() { PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan };
        int connections = 0;
        handler.ConnectCallback = async (_, cancellationToken) =>
        {
            connections++;
            Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(_at.Peer!, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        };
        using HttpMessageInvoker client = new(handler);
        for (int i = 0; i < 3; i++)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, $"http://{_at.Peer}/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using HttpResponseMessage response = await client.SendAsync(request, default);
            Assert.Equal("done", await response.Content.ReadAsStringAsync());
            if (i == 0)
            {
                Decide(EligibilityState.Draining);
            }

            _time.Advance(10 * Spread);
            await HeartbeatsAsync(2);
        }

        Assert.Equal(1, connections);
    }

    [Theory]
    [InlineData(100, 50, 120, 0.5, 160)]
    [InlineData(100, 150, 120, 0.5, 210)]
    [InlineData(100, 50, 120, 0, 100)]
    [InlineData(100, 50, 120, 1, 220)]
    public void Who_came_later_is_asked_later(double drained, double opened, double spread, double share, double asked) =>
        Assert.Equal(asked, VisitorFarewell.AskedAt(drained, opened, spread, share));

    /// <summary>Kestrel looks at its connections each second. On a slow machine a check that nothing happened may see too little, and never fails for it.</summary>
    private static async Task HeartbeatsAsync(int count) => await Task.Delay(TimeSpan.FromSeconds(count), TimeProvider.System);

    private static async Task SendAsync(TcpClient visitor, string path) =>
        await visitor.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: www.example.net\r\n\r\n"));

    private static async Task<string> HeaderAsync(StreamReader lines)
    {
        StringBuilder header = new();
        while (await lines.ReadLineAsync() is { Length: > 0 } line)
        {
            header.AppendLine(line);
        }

        return header.ToString();
    }
}
