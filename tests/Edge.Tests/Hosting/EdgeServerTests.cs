using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Admin;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Health;
using OrleansCdn.Edge.Health.Local;
using OrleansCdn.Edge.Hosting;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Tests.Control;
using OrleansCdn.Edge.Tests.Tls;
using OrleansCdn.Edge.Tls;

namespace OrleansCdn.Edge.Tests.Hosting;

/// <summary>The real listeners in front of a handler that says what it saw.</summary>
public sealed class EdgeServerTests : IAsyncLifetime, IDisposable
{
    private readonly TempDirectory _files = new();
    private TestCertificates _made = null!;
    private EdgeParts _parts = null!;
    private WebApplication _app = null!;
    private ListenAddresses _at = null!;
    private (string Certificate, string Key) _edgeFiles;

    public async Task InitializeAsync()
    {
        _made = new TestCertificates(_files.Path);
        (string Certificate, string Key) site = _made.Write("site", "www.example.net");
        _edgeFiles = _made.Write("waw1", "127.0.0.1");
        EdgeState state = new("waw", "waw1", new PurgeIndex());
        state.Replace(new EdgeSnapshot("e", 3, Configs.One(sites: Configs.Site("www", new TlsConfig { CertificateFile = site.Certificate, KeyFile = site.Key }, "www.example.net"))));
        ListLogger log = new();
        _parts = new EdgeParts
        {
            State = state,
            Metrics = new EdgeMetrics(),
            Leases = LeaseClient.WithoutSilo(TimeProvider.System),
            Identity = LinkIdentity.Load(new LinkFiles(_edgeFiles.Certificate, _edgeFiles.Key, _made.AuthorityFile), TimeProvider.System, log),
            Certificates = new SiteCertificates(state, TimeProvider.System, log),
            Feed = new FeedStatusBoard(new FeedStatus(FeedState.Connecting, null, DateTimeOffset.UnixEpoch, null)),
            Time = TimeProvider.System,
            Loggers = NullLoggerFactory.Instance,
        };
        _parts.Certificates.Start();
        IPEndPoint any = new(IPAddress.Loopback, 0);
        ListenAddresses asked = new() { Http = any, Https = any, Peer = any, Admin = any };
        _app = EdgeServer.Build(
            _parts,
            asked,
            (context, role) => ProbeAnswer.Handles(context)
                ? ProbeAnswer.AnswerAsync(context, state)
                : context.Response.WriteAsync($"{role} {context.Request.Protocol} {context.Request.IsHttps}"),
            new AdminEndpoint(_parts, "1.0"));
        await _app.StartAsync();
        _at = EdgeServer.Bound(_app, asked);
    }

    public async Task DisposeAsync()
    {
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

    private SocketsHttpHandler Handler(IPEndPoint to, (string Certificate, string Key)? client = null)
    {
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(to, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        handler.SslOptions.CertificateChainPolicy = Trust();
        if (client is { } files)
        {
            handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPemFile(files.Certificate, files.Key)];
        }

        return handler;
    }

    private X509ChainPolicy Trust()
    {
        X509ChainPolicy trust = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(_made.Authority);
        return trust;
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(SocketsHttpHandler handler, string url, Version version)
    {
        using HttpClient client = new(handler);
        using HttpRequestMessage request = new(HttpMethod.Get, url) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using HttpResponseMessage response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_admin_listener_shows_how_the_origins_are()
    {
        _parts.Metrics.Origins = static () =>
        [
            new OriginStatus { Site = "www", Origin = "https://a.example.net", Health = OriginHealth.Healthy, TimesSick = 0 },
            new OriginStatus
            {
                Site = "www", Origin = "https://b.example.net:8443", Health = OriginHealth.CheckFailed, LastFailure = "origin-connect-failed", LastCheck = "503", TimesSick = 3,
            },
        ];
        using HttpClient client = new();
        string metrics = await client.GetStringAsync($"http://{_at.Admin}/metrics");
        Assert.Contains("cdn_edge_origin_up{site=\"www\",origin=\"https://a.example.net\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("cdn_edge_origin_up{site=\"www\",origin=\"https://b.example.net:8443\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("cdn_edge_origin_sick_total{site=\"www\",origin=\"https://b.example.net:8443\"} 3\n", metrics, StringComparison.Ordinal);
        using JsonDocument status = JsonDocument.Parse(await client.GetStringAsync($"http://{_at.Admin}/status"));
        JsonElement sick = status.RootElement.GetProperty("origins")[1];
        Assert.Equal(
            ("CheckFailed", "origin-connect-failed", "503"),
            (sick.GetProperty("health").GetString(), sick.GetProperty("lastFailure").GetString(), sick.GetProperty("lastCheck").GetString()));
        Assert.Equal(1, status.RootElement.GetProperty("counters").GetProperty("sickOrigins").GetInt64());
    }

    [Fact]
    public async Task The_admin_listener_shows_how_the_disk_stands()
    {
        using HttpClient client = new();
        string without = await client.GetStringAsync($"http://{_at.Admin}/metrics");
        Assert.Contains("cdn_edge_disk_state{state=\"off\"} 1\n", without, StringComparison.Ordinal);
        Assert.DoesNotContain("cdn_edge_disk_objects", without, StringComparison.Ordinal);

        _parts.Metrics.Disk = static () => new EdgeDisk
        {
            State = EdgeDiskState.ReadOnly, Reason = "no space", CapacityBytes = 100, Objects = 7, Bytes = 60, Hits = 5, WritesDropped = 4, PendingBytes = 3,
            Journal = new PurgeCursor("e", 9),
        };
        string metrics = await client.GetStringAsync($"http://{_at.Admin}/metrics");
        foreach (string line in new[]
        {
            "disk_state{state=\"off\"} 0", "disk_state{state=\"read-only\"} 1", "disk_objects 7", "disk_bytes 60", "disk_capacity_bytes 100",
            "disk_hits_total 5", "disk_writes_dropped_total 4", "disk_pending_bytes 3", "disk_journal_sequence 9",
        })
        {
            Assert.Contains($"cdn_edge_{line}\n", metrics, StringComparison.Ordinal);
        }

        using JsonDocument status = JsonDocument.Parse(await client.GetStringAsync($"http://{_at.Admin}/status"));
        JsonElement disk = status.RootElement.GetProperty("disk");
        Assert.Equal(("ReadOnly", "no space", 7, 9), (
            disk.GetProperty("state").GetString(), disk.GetProperty("reason").GetString(), disk.GetProperty("objects").GetInt32(),
            disk.GetProperty("journal").GetProperty("sequence").GetInt32()));
    }

    [Fact]
    public async Task Each_listener_has_its_role_and_its_protocols()
    {
        Assert.Equal("Public HTTP/1.1 False", (await GetAsync(Handler(_at.Http!), "http://www.example.net/", HttpVersion.Version11)).Body);
        Assert.Equal("Public HTTP/1.1 True", (await GetAsync(Handler(_at.Https!), "https://www.example.net/", HttpVersion.Version11)).Body);
        Assert.Equal("Public HTTP/2 True", (await GetAsync(Handler(_at.Https!), "https://www.example.net/", HttpVersion.Version20)).Body);
        Assert.Equal("Peer HTTP/2 True", (await GetAsync(Handler(_at.Peer!, _made.Write("lax1", "127.0.0.1")), $"https://{_at.Peer}/", HttpVersion.Version20)).Body);
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(Handler(_at.Http!), "http://www.example.net/", HttpVersion.Version20));
    }

    [Fact]
    public async Task The_peer_listener_is_for_holders_of_our_ca_only()
    {
        using TempDirectory elsewhere = new();
        using TestCertificates stranger = new(elsewhere.Path);
        await Assert.ThrowsAnyAsync<Exception>(() => GetAsync(Handler(_at.Peer!), $"https://{_at.Peer}/", HttpVersion.Version20));
        await Assert.ThrowsAnyAsync<Exception>(() => GetAsync(Handler(_at.Peer!, stranger.Write("lax1", "127.0.0.1")), $"https://{_at.Peer}/", HttpVersion.Version20));
    }

    [Theory]
    [InlineData("unknown.example.org")]
    [InlineData("")]
    public async Task An_unknown_server_name_gets_no_certificate_and_others_go_on(string name)
    {
        using TcpClient tcp = new();
        await tcp.ConnectAsync(_at.Https!);
        await using SslStream tls = new(tcp.GetStream());
        Exception error = await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = name, CertificateChainPolicy = Trust() }));
        Assert.True(error is AuthenticationException or IOException, error.ToString());
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(Handler(_at.Https!), "https://www.example.net/", HttpVersion.Version20)).Status);
    }

    [Fact]
    public async Task Garbage_on_every_port_harms_nothing()
    {
        foreach (IPEndPoint port in new[] { _at.Http!, _at.Https!, _at.Peer!, _at.Admin! })
        {
            foreach (string garbage in new[] { "\0\u0001\u0002garbage\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0009\u0009\u0009\0\0\0\0", new string('A', 100_000) })
            {
                using TcpClient tcp = new();
                await tcp.ConnectAsync(port);
                NetworkStream stream = tcp.GetStream();
                try
                {
                    await stream.WriteAsync(Encoding.Latin1.GetBytes(garbage));
                    tcp.Client.Shutdown(SocketShutdown.Send);
                    await new StreamReader(stream).ReadToEndAsync();
                }
                catch (IOException)
                {
                    // Cut off: fine.
                }
            }
        }

        Assert.Equal(HttpStatusCode.OK, (await GetAsync(Handler(_at.Http!), "http://www.example.net/", HttpVersion.Version11)).Status);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(Handler(_at.Admin!), "http://localhost/health", HttpVersion.Version11)).Status);
        await Eventually.IsTrueAsync(() => _parts.Metrics.Read(Counter.OpenConnections) == 0);
    }

    [Theory]
    [InlineData(EdgeLimits.MaxRequestLineBytes, 0, 0, "414")]
    [InlineData(100, EdgeLimits.MaxHeaderBytes, 0, "431")]
    [InlineData(100, 0, EdgeLimits.MaxHeaderCount + 1, "431")]
    [InlineData(EdgeLimits.MaxRequestLineBytes - 100, EdgeLimits.MaxHeaderBytes - 500, 10, "200")]
    public async Task Requests_beyond_the_limits_are_refused(int path, int header, int count, string status)
    {
        StringBuilder request = new($"GET /{new string('p', path)} HTTP/1.1\r\nHost: www.example.net\r\nConnection: close\r\n");
        if (header > 0)
        {
            request.Append("X-Long: ").Append('h', header).Append("\r\n");
        }

        for (int i = 0; i < count; i++)
        {
            request.Append("X-").Append(i).Append(": v\r\n");
        }

        using TcpClient tcp = new();
        await tcp.ConnectAsync(_at.Http!);
        await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request.Append("\r\n").ToString()));
        string? answer = await new StreamReader(tcp.GetStream()).ReadLineAsync();
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Admin_answers_get_only_and_tells_how_the_edge_stands()
    {
        Task<(HttpStatusCode Status, string Body)> Get(string path) => GetAsync(Handler(_at.Admin!), $"http://localhost{path}", HttpVersion.Version11);

        (HttpStatusCode status, string health) = await Get("/health");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("\"configVersion\": 3", health, StringComparison.Ordinal);
        Assert.Contains("\"state\": \"Connecting\"", health, StringComparison.Ordinal);
        Assert.Contains("\"status\": \"Degraded\"", health, StringComparison.Ordinal);
        Assert.Contains("\"site\": \"www\"", health, StringComparison.Ordinal);
        Assert.Contains("\"requests\": 0", (await Get("/status")).Body, StringComparison.Ordinal);
        Assert.Contains("cdn_edge_requests_total 0\n", (await Get("/metrics")).Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await Get("/other")).Status);
        using HttpClient client = new(Handler(_at.Admin!));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.PostAsync("http://localhost/health", null)).StatusCode);
    }

    /// <summary>What a server makes of the host that no site has depends on the protocol: a field in one, a pseudo-field in the other.</summary>
    [Fact]
    public async Task The_probe_is_answered_over_every_protocol()
    {
        const string Url = "probe.cdn.invalid/.well-known/cdn/probe/waw/waw1/beef";
        const string Answer = "cdn-probe waw/waw1 beef\n";

        // HttpClient sends the host of the URL as server name, too.
        (string Certificate, string Key) probe = _made.Write("probe", "probe.cdn.invalid");
        _parts.State.Replace(new EdgeSnapshot("e", 4, Configs.One(sites: Configs.Site("p", new TlsConfig { CertificateFile = probe.Certificate, KeyFile = probe.Key }, "probe.cdn.invalid"))));
        Assert.Equal((HttpStatusCode.OK, Answer), await GetAsync(Handler(_at.Http!), "http://" + Url, HttpVersion.Version11));
        Assert.Equal((HttpStatusCode.OK, Answer), await GetAsync(Handler(_at.Https!), "https://" + Url, HttpVersion.Version11));
        Assert.Equal((HttpStatusCode.OK, Answer), await GetAsync(Handler(_at.Https!), "https://" + Url, HttpVersion.Version20));
    }

    /// <summary>As the announcer of another release reads it.</summary>
    [Fact]
    public async Task The_announcer_beside_it_is_told_what_it_asks_for_each_second()
    {
        _parts.Addresses = new EdgeAddresses { Http = "0.0.0.0:80", Https = "[::]:443" };
        _parts.Metrics.Add(Counter.OpenConnections, 7);
        _parts.Metrics.Reach = static () => new EdgeReach { Answering = ["lax1"], Silent = ["grr1"] };
        _parts.Metrics.ControlTrouble = static () => "Read-only file system";
        _parts.Host = static () => new HostFacts([new DiskSpace("/data", 1L << 30, 4L << 30)], null, new MemoryFacts(1L << 30, 4L << 30, 2L << 30));
        string ends = _parts.Certificates.Status.Single().NotAfter!.Value.UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        using HttpClient client = new();
        string reply = await client.GetStringAsync($"http://{_at.Admin}/local");
        Assert.StartsWith(
            "{\"pop\":\"waw\",\"edge\":\"waw1\",\"addresses\":{\"http\":\"0.0.0.0:80\",\"https\":\"[::]:443\"},\"tlsName\":\"www.example.net\",\"connections\":7,"
            + "\"reach\":{\"answering\":[\"lax1\"],\"silent\":[\"grr1\"]},\"checks\":["
            + "{\"check\":\"disk\",\"isOk\":false,\"evidence\":\"config and purges cannot be saved: Read-only file system\"},"
            + "{\"check\":\"memory\",\"isOk\":true,\"evidence\":\"1 GiB of 4 GiB in use by the edge; 2 GiB available on the server\"},"
            + "{\"check\":\"certificates\",\"isOk\":true,\"evidence\":\"1 certificates, the first ends " + ends,
            reply,
            StringComparison.Ordinal);
        Assert.Contains("{\"check\":\"silo\",\"isOk\":false,\"evidence\":\"none for ", reply, StringComparison.Ordinal);
        Assert.EndsWith("{\"check\":\"peers\",\"isOk\":false,\"evidence\":\"grr1 does not answer, 1 others do\"}]}", reply, StringComparison.Ordinal);
        Assert.InRange(reply.Length, 1, EdgeLocal.MaxBytes);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.PostAsync($"http://{_at.Admin}/local", null)).StatusCode);
    }

    [Fact]
    public async Task Open_connections_of_visitors_are_counted()
    {
        using TcpClient first = new();
        await first.ConnectAsync(_at.Http!);
        await Eventually.IsTrueAsync(() => _parts.Metrics.Read(Counter.OpenConnections) == 1);
        first.Close();
        await Eventually.IsTrueAsync(() => _parts.Metrics.Read(Counter.OpenConnections) == 0);
    }
}
