using System.Runtime.InteropServices;
using OrleansCdn.Cli.Api;
using OrleansCdn.Cli.Output;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Cli.Lab;

/// <summary>
/// The life of a lab: (1) data directory, (2) origin and silo, (3) network, ports and certificates, and the config through
/// the silo's API, (4) the internet, edges and announcers, (5) everything answers, (6) ready file and table until told to end, (7) processes end.
/// </summary>
internal sealed class LabRun(CliHost host, LabSettings settings)
{
    // Several times what a slow, busy machine needs; the usual start takes two to four seconds.
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly LabPorts _ports = new(settings.BasePort);
    private readonly List<Task> _watches = [];

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        long begin = host.Time.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });

        // :: Step 1
        using LabData data = LabData.Open(settings.DataDirectory);
        try
        {
            return await RunAsync(data, begin, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCode.Done;
        }
        finally
        {
            // :: Step 7
            await stop.CancelAsync();
            await Task.WhenAll(_watches);
        }
    }

    private async Task<int> RunAsync(LabData data, long begin, CancellationToken stop)
    {
        Uri origin = settings.Origin ?? new Uri($"http://{_ports.Origin}");
        string token = LabToken.Ensure(data.Root, data.TokensFile);
        RequireFree("the API", _ports.Api);
        RequireFree("the feed", _ports.Feed);
        using var limit = new CancellationTokenSource(StartLimit, host.Time);
        using var starting = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        using var api = new ApiClient(new Uri($"http://{_ports.Api}"), token);
        var children = new LabChildren(host, data, settings.Restart);
        try
        {
            // :: Step 2
            if (settings.Origin is null)
            {
                RequireFree("the sample origin", _ports.Origin);
                Watch(children.StartOrigin(_ports.Origin, stop));
            }

            Watch(children.StartSilo(_ports, stop));
            await children.UnlessOneEndsAsync(LabReadiness.SiloAsync(api, host.Time, starting.Token));

            // :: Step 3
            string? inForce = settings.ConfigFile is null ? await ConfigInForceAsync(api, starting.Token) : null;
            LabNetwork network = Plan(inForce, origin, data);
            RequireFree(network);
            ConfigApplyReply applied = await api.ApplyAsync(network.Yaml, dryRun: false, null, "the lab's start", starting.Token);

            // :: Step 4. Not before: an edge that a silo without config turns away waits longer and longer; so does an announcer
            // whose neighbour does not listen.
            if (!network.Neighbors.IsEmpty)
            {
                File.WriteAllText(data.InternetConfig, network.Yaml);
                Watch(children.StartInternet(_ports.Internet, settings.GraphFile, stop));
                await children.UnlessOneEndsAsync(LabReadiness.InternetAsync(_ports.Internet, host.Time, starting.Token));
            }

            foreach (LabEdge edge in network.Edges)
            {
                Watch(children.StartEdge(edge, _ports.Feed, stop));
            }

            foreach (LabEdge edge in network.Edges)
            {
                if (edge.Source is { } source)
                {
                    Watch(children.StartAnnouncer(edge, source, network.Host, _ports.Feed, stop));
                }
            }

            // :: Step 5
            await children.UnlessOneEndsAsync(LabReadiness.EdgesAsync(api, network.Edges, applied.Version, host.Time, starting.Token));
            if (settings.Origin is null)
            {
                await children.UnlessOneEndsAsync(LabReadiness.OriginAsync(origin, host.Time, starting.Token));
            }

            if (!network.Neighbors.IsEmpty)
            {
                await children.UnlessOneEndsAsync(LabReadiness.RoutesAsync(api, _ports.Internet, host.Time, starting.Token));
            }

            // :: Step 6
            ReadyState Ready() => children.Ready(_ports, token, origin, network);
            children.EverythingIsUp(() => WriteReadyFile(Ready()));
            WriteReadyFile(Ready());
            await ShowAsync(data, network, Ready(), children, host.Time.GetElapsedTime(begin), stop);
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new CommandFailure(
                ExitCode.Failed,
                $"the lab was not up within {StartLimit.TotalSeconds:0} s",
                children.Tails() + "\nKeep the logs with --data DIR and look into DIR/logs.");
        }
    }

    private void Watch(Task watch) => _watches.Add(watch);

    private LabNetwork Plan(string? inForce, Uri origin, LabData data)
    {
        (string name, string yaml) = settings.ConfigFile is { } file ? (file, ConfigFile.ReadConfig(file, host))
            : inForce is not null ? ("the config in force", inForce)
            : ("the example network", ExampleNetwork.Read());
        CdnConfig config = ConfigFile.Check(name, yaml, host);
        var certificates = new LabCertificates(data.Tls, host.Time);
        certificates.Make(config.Sites);
        return LabNetwork.Move(yaml, config, _ports, origin, settings.Origin?.Authority, certificates, new LabGeo(data.Geo));
    }

    /// <summary>Null when the kept silo has none yet: an earlier start did not get that far.</summary>
    private static async Task<string?> ConfigInForceAsync(ApiClient api, CancellationToken cancellationToken)
    {
        StatusReply status = await api.StatusAsync(cancellationToken);
        return status.ConfigVersion == 0 ? null : (await api.ConfigAsync(null, cancellationToken)).Yaml;
    }

    private void RequireFree(LabNetwork network)
    {
        if (!network.Neighbors.IsEmpty)
        {
            RequireFree("the internet", _ports.Internet);
        }

        foreach (System.Net.IPEndPoint neighbor in network.Neighbors)
        {
            RequireFree("a neighbor", neighbor);
        }

        foreach (LabEdge edge in network.Edges)
        {
            RequireFree($"the announcer of {edge.Name}", edge.Ports.Announcer);
            RequireFree($"http of {edge.Name}", edge.Ports.Http);
            RequireFree($"https of {edge.Name}", edge.Ports.Https);
            RequireFree($"peer of {edge.Name}", edge.Ports.Peer);
            RequireFree($"admin of {edge.Name}", edge.Ports.Admin);
            if (edge.AnswersDns)
            {
                RequireFree($"dns of {edge.Name}", edge.Ports.Dns);
            }
        }
    }

    private static void RequireFree(string what, System.Net.IPEndPoint endPoint)
    {
        if (LabPorts.WhyBusy(endPoint) is { } reason)
        {
            throw new CommandFailure(
                ExitCode.Failed,
                $"port {endPoint.Port} for {what} on {endPoint.Address}: {reason}",
                "Choose other ports with --base-port N (docs/lab.md has the layout), or end what uses this one.");
        }
    }

    private void WriteReadyFile(ReadyState ready)
    {
        if (settings.ReadyFile is not { } path)
        {
            return;
        }

        try
        {
            ready.WriteTo(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.Failed, $"cannot write {path}: {e.Message}", "Give another path with --ready-file.");
        }
    }

    private async Task ShowAsync(
        LabData data, LabNetwork network, ReadyState ready, LabChildren children, TimeSpan took, CancellationToken stop)
    {
        if (settings.Json)
        {
            host.Out.WriteLine(ready.ToJson());
        }
        else
        {
            LabGreeting.Write(host.Out, network, ready, data, took);
        }

        host.Out.Flush();
        Task end = DotnetRunParent.Gone(host.Time, stop) ?? Task.Delay(Timeout.InfiniteTimeSpan, host.Time, stop);
        if (host.Interactive && !settings.Json)
        {
            await LabTable.ShowAsync(host, network, ready.Internet, children, end, stop);
        }

        await end;
    }
}
