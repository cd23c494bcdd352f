using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Cache.Disk;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Hosting;
using OrleansCdn.Edge.Hosting.Transport;
using OrleansCdn.Edge.Http;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Tests.Control;
using OrleansCdn.Edge.Tests.Fuzz;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>The data plane behind real listeners on loopback, on a clock that the test moves.</summary>
internal sealed class TestEdge : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestEdge(WebApplication app, EdgeState state, DataPlane plane, FakeTimeProvider time, EdgeMetrics metrics, DiskStore? disk)
    {
        Disk = disk;
        (_app, State, Plane, Time, Metrics) = (app, state, plane, time, metrics);
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, MaxConnectionsPerServer = 2000, ActivityHeadersPropagator = null })
        {
            BaseAddress = new Uri(PublicUrl),
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    public EdgeState State { get; }

    public DataPlane Plane { get; }

    public FakeTimeProvider Time { get; }

    public EdgeMetrics Metrics { get; }

    public DiskStore? Disk { get; }

    public HttpClient Client { get; }

    public string PublicUrl => _app.Urls.First();

    public string PeerUrl => _app.Urls.Last();

    /// <summary>Nothing is being fetched any more. A reader has its part before the origin has sent the rest of the last block.</summary>
    public Task SettledAsync() => Eventually.TrueAsync(() => Task.FromResult(Plane.Store.InFlightBytes == 0 && Plane.Fills.Count == 0));

    public const string Host = "www.example.net";

    public static Task<TestEdge> StartAsync(TestOrigin origin, string siteYaml = "", string pop = "waw", long memoryBytes = 64 * 1024 * 1024, TestDisk? disk = null, FaultLog? faults = null,
        SiloContact? contact = null) =>
        StartAsync($"url: {origin.Url}, allow-private: true", siteYaml, pop, memoryBytes, disk, faults, contact);

    public static async Task<TestEdge> StartAsync(
        string originYaml, string siteYaml, string pop = "waw", long memoryBytes = 64 * 1024 * 1024, TestDisk? disk = null, FaultLog? faults = null,
        SiloContact? contact = null)
    {
        CdnConfig config = Config(originYaml, siteYaml);
        var time = new FakeTimeProvider(disk?.Now ?? DateTimeOffset.UnixEpoch.AddYears(56));
        var state = new EdgeState(pop, pop + "1", new PurgeIndex()) { Contact = contact ?? SiloContact.NotNeeded };
        DiskStore? store = null;
        if (disk is null)
        {
            state.Purges.ApplyGap(new PurgeCursor("e", 0));
        }
        else
        {
            state.Purges.Resume(disk.Saved);
            store = DiskStore.TryOpen(disk.Directory, disk.Capacity, state.Purges, disk.Saved, isFirst: true, time, disk.Log, out _);
        }

        state.Replace(new EdgeSnapshot("c", 1, config));
        var metrics = new EdgeMetrics();
        string? peerUrl = null;
        var plane = new DataPlane(
            state, metrics, OriginPool.NewHandler(), leases: null, () => peerUrl, memoryBytes, time, faults ?? (ILoggerFactory)NullLoggerFactory.Instance, disk: store);
        if (store is not null)
        {
            store.Start();
            await store.Loaded;
        }

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        if (faults is not null)
        {
            builder.Logging.AddProvider(faults);
        }

        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            EdgeLimits.Apply(kestrel);
            kestrel.Listen(IPAddress.Loopback, 0, listen => Tag(listen, ListenerRole.Public, HttpProtocols.Http1));
            kestrel.Listen(IPAddress.Loopback, 0, listen => Tag(listen, ListenerRole.Peer, HttpProtocols.Http2));
        });
        WebApplication app = builder.Build();
        app.Run(context => plane.Pipeline.HandleAsync(context, context.Features.Get<ListenerRoleFeature>()!.Role));
        await app.StartAsync();
        peerUrl = app.Urls.Last();
        plane.ApplyConfig();
        return new TestEdge(app, state, plane, time, metrics, store);
    }

    /// <summary>A new config in force, as the control link brings it.</summary>
    public void Apply(CdnConfig config)
    {
        State.Replace(new EdgeSnapshot("c", State.Snapshot!.Version + 1, config));
        Plane.ApplyConfig();
    }

    /// <summary>What the edge knows of an origin of the first site.</summary>
    public OriginHealth Health(int origin) => Plane.OriginHealth.Of(State.Snapshot!.Config.Sites[0]).Endpoints[origin].State.Health(Time.MonotonicSeconds());

    public static CdnConfig Config(string originYaml, string siteYaml)
    {
        string indented = string.Join("\n    ", siteYaml.ReplaceLineEndings("\n").Trim().Split('\n'));
        ConfigReadResult read = ConfigReader.Read($$"""
            cluster: { name: testcdn }
            pops:
              waw: { name: Warsaw, location: { latitude: 52, longitude: 21, country: PL, continent: EU }, edges: [ { name: waw1, http: "127.0.0.1:1" } ] }
              lax: { name: Los Angeles, location: { latitude: 34, longitude: -118, country: US, continent: NA }, edges: [ { name: lax1, http: "127.0.0.1:1" } ] }
            sites:
              www:
                hosts: [{{Host}}, "*.wild.example.net"]
                origins: [ { {{originYaml}} } ]
                {{indented}}
              other:
                hosts: [other.example.net]
                origins: [ { {{originYaml}} } ]
            """.Replace("    \n", "\n", StringComparison.Ordinal));
        Assert.True(read.Config is not null, string.Join("\n", read.Errors));
        return read.Config;
    }

    private static void Tag(ListenOptions listen, ListenerRole role, HttpProtocols protocols)
    {
        listen.Protocols = protocols;
        listen.Use(next => connection =>
        {
            connection.Features.Set(new ListenerRoleFeature(role));
            return next(connection);
        });
        if (role == ListenerRole.Public)
        {
            listen.UseSocketOutput(isPlain: true);
        }
    }

    public Task<HttpResponseMessage> GetAsync(string target, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, target, headers);

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, new Uri(PublicUrl + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        request.Headers.Host = Host;
        foreach ((string name, string value) in headers)
        {
            if (name == "Host")
            {
                request.Headers.Host = value;
            }
            else
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Sends bytes as they are and reads until the edge closes.</summary>
    public async Task<string> RawAsync(string bytes)
    {
        var uri = new Uri(PublicUrl);
        using var client = new TcpClient();
        await client.ConnectAsync(uri.Host, uri.Port);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }

    public void Purge(PurgeKind kind, string value, bool soft = false, string site = "www")
    {
        PurgeCursor cursor = State.Purges.Cursor;
        var entry = new PurgeEntry { Sequence = cursor.Sequence + 1, Site = site, Kind = kind, Value = value, Soft = soft };
        State.Apply(new PurgeBatch { Through = cursor with { Sequence = entry.Sequence }, Entries = [entry] });
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        Plane.Dispose();
        State.Purges.Flush();
        Disk?.Dispose();
    }
}

/// <summary>A directory that edges are started on one after the other.</summary>
internal sealed class TestDisk(string directory)
{
    public string Directory { get; } = directory;

    public long Capacity { get; set; } = 256 << 20;

    /// <summary>Wall clock at the next start.</summary>
    public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch.AddYears(56);

    /// <summary>Cursor that was acknowledged, as the control store keeps it.</summary>
    public PurgeCursor Saved { get; set; } = new("e", 0);

    public ListLogger Log { get; } = new();
}

internal static class TestResponses
{
    public static string CacheStatus(this HttpResponseMessage response) => string.Join(", ", response.Headers.GetValues("Cache-Status"));

    public static async Task<string> TextAsync(this Task<HttpResponseMessage> response) => await (await response).Content.ReadAsStringAsync();
}
