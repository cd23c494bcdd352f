using System.Diagnostics;
using System.Text.Json;
using OrleansCdn.Cli.LabInternet;
using OrleansCdn.Contracts.Routing;
using Xunit.Abstractions;

namespace OrleansCdn.EndToEnd.Tests.Running;

/// <summary>What the neighbours of a PoP have of it.</summary>
public enum Heard
{
    Nothing,

    /// <summary>With GRACEFUL_SHUTDOWN (RFC 8326).</summary>
    Depreferred,

    Normal,
}

/// <summary>
/// One lab of <see cref="FailoverNetwork"/> for many faults, each of which ends as it began. Edges', announcers' and the silo's disks are small file
/// systems of their own, so that they can be filled.
/// </summary>
public sealed class FailoverLab : IAsyncLifetime
{
    public static readonly string[] Pops = ["waw", "lax", "grr"];

    private readonly Dictionary<string, (string[] Command, Process? Process, int Pid)> _processes = [];
    private readonly List<SmallDisk> _disks = [];
    private TempFile _config = null!;
    private string _data = null!;
    private DnsLoad _resolvers = null!;

    internal RunningLab Lab { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _config = TempFile.Of(FailoverNetwork.Yaml.Split('\n'));
        _data = Directory.CreateTempSubdirectory("cdn-e2e-failover-").FullName;
        foreach (string directory in (string[])["edges/waw1", "announcers/waw1", "silo"])
        {
            _disks.Add(SmallDisk.Mount(Path.Combine(_data, directory)));
        }

        Lab = await RunningLab.StartAsync(_data, "--config", _config.Path, "--no-restart");
        foreach (string pop in Pops)
        {
            Note($"{pop} edge", Lab.Ready.Pops[pop].EdgePid);
            Note($"{pop} announcer", Lab.Ready.Pops[pop].AnnouncerPid!.Value);
        }

        Note("silo", Lab.Ready.SiloPid);
        _resolvers = new DnsLoad(Pops.ToDictionary(pop => pop, pop => Lab.Ready.Pops[pop].Dns!), FailoverNetwork.Name) { Pause = TimeSpan.FromMilliseconds(5) };
        _resolvers.Start();
        await UntilAllIsWellAsync();
    }

    public async Task DisposeAsync()
    {
        await _resolvers.StopAsync();
        foreach ((_, Process? process, int pid) in _processes.Values)
        {
            if (Processes.IsAlive(pid))
            {
                Processes.Signal(pid, Processes.SigCont);
            }

            process?.Kill();
        }

        await Lab.DisposeAsync();
        _disks.ForEach(disk => disk.Dispose());
        Directory.Delete(_data, recursive: true);
        _config.Dispose();
    }

    internal SmallDisk DiskOf(string directory) => _disks.Single(disk => disk.Path == Path.Combine(_data, directory));

    /// <summary>Address that a nameserver gave last for the steered name.</summary>
    public string? Answer(string server) => _resolvers.Last(server);

    public void Signal(string process, int signal) => Processes.Signal(_processes[process].Pid, signal);

    public bool Runs(string process) => Processes.IsAlive(_processes[process].Pid);

    /// <summary>Starts a process again that was killed, as it was started before.</summary>
    public void Restart(string name)
    {
        string[] command = _processes[name].Command;
        Process process = Processes.Start(command[0], command[1..]);
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes[name] = (command, process, process.Id);
    }

    internal async Task<InternetReply> InternetAsync() => JsonSerializer.Deserialize(
        await Lab.Http.GetStringAsync(new Uri(new Uri(Lab.Ready.Internet!), InternetReply.Path)), LabInternetJson.Default.InternetReply)!;

    /// <summary>What the neighbours of each PoP have.</summary>
    public async Task<Dictionary<string, Heard>> RoutesAsync() => (await InternetAsync()).Neighbors.ToDictionary(neighbor => neighbor.Pop, neighbor =>
        neighbor.Routes.IsEmpty ? Heard.Nothing
        : neighbor.Routes.All(route => route.Communities.Contains(Community.GracefulShutdown)) ? Heard.Depreferred
        : Heard.Normal);

    /// <summary>Seconds until it is so, from now.</summary>
    public static async Task<double> SecondsUntilAsync(string what, Func<Task<bool>> condition)
    {
        long start = TimeProvider.System.GetTimestamp();
        await Wait.UntilAsync(what, condition);
        return TimeProvider.System.GetElapsedTime(start).TotalSeconds;
    }

    public Task<double> UntilHeardAsync(string pop, Heard heard) =>
        SecondsUntilAsync($"the neighbours of {pop} have {heard}", async () => (await RoutesAsync())[pop] == heard);

    /// <summary>All nameservers that run answer with the address of one PoP.</summary>
    public Task<double> UntilAnsweredAsync(string pop, params string[] servers) =>
        SecondsUntilAsync($"{string.Join(" and ", servers)} answer {pop}", () => Task.FromResult(servers.All(server => Answer(server) == DnsNetwork.Ipv4[pop])));

    public async Task UntilAllIsWellAsync()
    {
        await Wait.UntilAsync("all PoPs are announced", async () => (await RoutesAsync()) is { Count: 3 } routes && routes.Values.All(heard => heard == Heard.Normal));
        await UntilAnsweredAsync("waw", Pops);
        await Wait.UntilAsync("everybody has heard of everybody", async () =>
            (await Lab.CdnAsync("failover", "--json")) is { ExitCode: 0 } run && run.Out.Split("\"Announced\"").Length - 1 == 3);
    }

    /// <summary>Runs a scenario from where all is well to where all is well; when it fails, everything that the lab wrote goes into the test's output.</summary>
    public Task RunAsync(ITestOutputHelper output, Func<Task> scenario) => Lab.RunAsync(output, async () =>
    {
        await UntilAllIsWellAsync();
        try
        {
            await scenario();
            await UntilAllIsWellAsync();
        }
        finally
        {
            Mend();
        }
    });

    /// <summary>So that a scenario that fails leaves no broken lab to the next one.</summary>
    private void Mend()
    {
        foreach ((string name, (_, _, int pid)) in _processes.ToArray())
        {
            if (Processes.IsAlive(pid))
            {
                Processes.Signal(pid, Processes.SigCont);
            }
            else
            {
                Restart(name);
            }
        }
    }

    private void Note(string name, int pid) => _processes[name] = (Processes.CommandLine(pid), null, pid);
}

[CollectionDefinition(Name)]
public sealed class FailoverLabCollection : ICollectionFixture<FailoverLab>
{
    public const string Name = "failover lab";
}
