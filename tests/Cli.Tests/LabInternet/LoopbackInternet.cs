using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Lab;
using OrleansCdn.Cli.LabInternet;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Internet.Graph;
using OrleansCdn.Routing.Intent;

namespace OrleansCdn.Cli.Tests.LabInternet;

/// <summary>The example network's internet on free ports, and announcers for all of its sessions.</summary>
internal sealed class LoopbackInternet : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly InternetServer _server;
    private readonly InternetClient _client;

    private LoopbackInternet(CdnConfig config, InternetServer server)
    {
        Config = config;
        _server = server;
        _client = new InternetClient(new Uri(server.Url));
    }

    public CdnConfig Config { get; }

    public string Url => _server.Url;

    /// <summary>By PoP and upstream.</summary>
    public Dictionary<string, TestAnnouncer> Announcers { get; } = [];

    public static async Task<LoopbackInternet> StartAsync()
    {
        int free = FreePort();
        string yaml = ExampleNetwork.Read();
        LabNetwork network = LabNetwork.Move(
            yaml, RoutingCheck.Read(yaml).Config!, new LabPorts(free), new Uri("http://127.0.0.1:9"), null, new LabCertificates("/lab/tls", TimeProvider.System), new LabGeo("/lab/geo"));
        CdnConfig config = RoutingCheck.Read(network.Yaml).Config!;
        var server = await InternetServer.StartAsync(config, GraphReader.Lab, new IPEndPoint(IPAddress.Loopback, 0), TimeProvider.System, default);
        var internet = new LoopbackInternet(config, server);
        foreach (NeighborPlan plan in NeighborPlan.Of(config))
        {
            internet.Announcers.Add(plan.Name, new TestAnnouncer(config, plan));
        }

        return internet;
    }

    public async Task<InternetReply> UntilAsync(string what, Func<InternetReply, bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        InternetReply? last = null;
        try
        {
            while (true)
            {
                last = await _client.LookAsync(limit.Token);
                if (condition(last))
                {
                    return last;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"not seen: {what}; {string.Join('\n', last?.Changes.SelectMany(c => c.What) ?? [])}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (TestAnnouncer announcer in Announcers.Values)
        {
            await announcer.DisposeAsync();
        }

        _client.Dispose();
        await _server.DisposeAsync();
    }

    /// <summary>A base port whose neighbours' ports nobody has: they come behind three edges.</summary>
    private static int FreePort()
    {
        for (int port = 31_000; ; port -= 50)
        {
            if (Enumerable.Range(0, 4).All(i => LabPorts.WhyBusy(new LabPorts(port).Neighbor(3, i)) is null))
            {
                return port;
            }
        }
    }
}
