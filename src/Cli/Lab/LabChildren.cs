using System.Globalization;
using System.Net;
using System.Text;
using OrleansCdn.Cli.Commands;

namespace OrleansCdn.Cli.Lab;

/// <summary>The lab's processes by their part.</summary>
internal sealed class LabChildren(CliHost host, LabData data, bool restart)
{
    private readonly List<ChildProcess> _all = [];
    private readonly Dictionary<string, ChildProcess> _edges = [];
    private readonly Dictionary<string, ChildProcess> _announcers = [];
    private ChildProcess? _silo;
    private volatile Action? _pidsChanged;

    /// <summary>What happened since, for the table; at most <see cref="MaxNotices"/>.</summary>
    public Queue<string> Notices { get; } = new();

    // One a second: enough to see that it waits for the edge, and soon over.
    private const string AnswersBeforeAnnouncing = "2";

    // What fits under a table.
    private const int MaxNotices = 8;

    public Task StartOrigin(IPEndPoint listen, CancellationToken stop) =>
        Add("origin", ChildCommand.Self(LabOriginCommand.Name, LabOriginCommand.ListenFlag, $"{listen}")).StartAsync(stop);

    public Task StartSilo(LabPorts ports, CancellationToken stop)
    {
        Directory.CreateDirectory(data.Silo);
        _silo = Add("silo", ChildCommand.Find(
            "Silo", "--api", $"{ports.Api}", "--feed", $"{ports.Feed}", "--data", data.Silo, "--tokens", data.TokensFile, "--name", "lab"));
        return _silo.StartAsync(stop);
    }

    public Task StartEdge(LabEdge edge, IPEndPoint feed, CancellationToken stop)
    {
        string directory = data.Edge(edge.Name);
        Directory.CreateDirectory(directory);
        ChildProcess child = Add(edge.Name, ChildCommand.Find(
            "Edge",
            "--pop", edge.Pop,
            "--edge", edge.Name,
            "--silo", $"http://{feed}",
            "--data", directory,
            "--http", $"{edge.Ports.Http}",
            "--https", $"{edge.Ports.Https}",
            "--peer", $"{edge.Ports.Peer}",
            "--admin", $"{edge.Ports.Admin}",
            "--dns", $"{edge.Ports.Dns}"));
        _edges[edge.Name] = child;
        return child.StartAsync(stop);
    }

    public Task StartInternet(IPEndPoint listen, string? graph, CancellationToken stop)
    {
        string[] networks = graph is null ? [] : [LabInternetCommand.GraphFlag, graph];
        return Add("internet", ChildCommand.Self(
            [LabInternetCommand.Name, LabInternetCommand.ListenFlag, $"{listen}", LabInternetCommand.ConfigFlag, data.InternetConfig, .. networks])).StartAsync(stop);
    }

    /// <param name="edge">Beside which it stands.</param>
    /// <param name="source">Of its sessions.</param>
    /// <param name="site">A host of one, asked for over TLS.</param>
    /// <param name="feed">Of the silo.</param>
    /// <param name="stop">The end.</param>
    public Task StartAnnouncer(LabEdge edge, IPAddress source, string site, IPEndPoint feed, CancellationToken stop)
    {
        string directory = data.Announcer(edge.Name);
        Directory.CreateDirectory(directory);
        ChildProcess child = Add($"{edge.Name}-announcer", ChildCommand.Find(
            "Announcer",
            "--pop", edge.Pop,
            "--edge", edge.Name,
            "--silo", $"http://{feed}",
            "--data", directory,
            "--admin", $"{edge.Ports.Announcer}",
            "--source", $"{source}",
            "--probe", $"http://{edge.Ports.Http}/,https://{edge.Ports.Https}/?name={site}",
            "--probe-ca", new LabCertificates(data.Tls, host.Time).CaFile,
            "--edge-admin", $"http://{edge.Ports.Admin}",
            "--rise", AnswersBeforeAnnouncing));
        _announcers[edge.Name] = child;
        return child.StartAsync(stop);
    }

    public int EdgePid(string name) => _edges[name].Pid;

    /// <summary>Waits for <paramref name="step"/>; a child that ends meanwhile is the failure.</summary>
    public async Task UnlessOneEndsAsync(Task step)
    {
        Task first = await Task.WhenAny([step, .. _all.Select(c => c.FirstEnd)]);
        await first;
    }

    /// <summary>From now on an end is a notice, and a restart calls <paramref name="pidsChanged"/>.</summary>
    public void EverythingIsUp(Action pidsChanged) => _pidsChanged = pidsChanged;

    public ReadyState Ready(LabPorts ports, string token, Uri origin, LabNetwork network) => new()
    {
        Api = $"http://{ports.Api}",
        Token = token,
        Origin = origin.GetLeftPart(UriPartial.Authority),
        Site = network.Host,
        Internet = network.Neighbors.IsEmpty ? null : $"http://{ports.Internet}",
        Pops = network.Edges.GroupBy(e => e.Pop).ToDictionary(g => g.Key, g => new ReadyPop
        {
            Http = $"{g.First().Ports.Http}",
            Https = $"{g.First().Ports.Https}",
            Dns = g.First().AnswersDns ? $"{g.First().Ports.Dns}" : null,
            Admin = $"http://{g.First().Ports.Admin}",
            EdgePid = EdgePid(g.First().Name),
            AnnouncerPid = _announcers.GetValueOrDefault(g.First().Name)?.Pid,
        }),
        SiloPid = _silo!.Pid,
    };

    /// <summary>The end of every log, for a start that took too long.</summary>
    public string Tails()
    {
        var text = new StringBuilder();
        foreach (ChildProcess child in _all)
        {
            using var log = new ChildLog(child.LogFile);
            text.Append(CultureInfo.InvariantCulture, $"{child.Name}:\n{log.Tail()}\n");
        }

        return text.ToString();
    }

    private ChildProcess Add(string name, ChildCommand command)
    {
        var child = new ChildProcess(name, command, data.Logs, restart, host.Time);
        child.Died += OnDied;
        child.Restarted += OnRestarted;
        _all.Add(child);
        return child;
    }

    private void OnDied(ChildProcess child, string how, string tail)
    {
        if (_pidsChanged is null)
        {
            return;
        }

        Notice($"{child.Name} {how}" + (restart ? "; it is started again" : "; it stays down (--no-restart)"));
        if (!host.Interactive)
        {
            host.Error.WriteLine(tail.Length == 0 ? "  its log is empty" : "  the end of its log:\n  " + tail.Replace("\n", "\n  ", StringComparison.Ordinal));
        }
    }

    private void OnRestarted(ChildProcess child)
    {
        Notice($"{child.Name} runs again as process {child.Pid}");
        _pidsChanged?.Invoke();
    }

    private void Notice(string text)
    {
        string line = $"{host.Time.GetLocalNow():HH:mm:ss} {text}";
        lock (Notices)
        {
            Notices.Enqueue(line);
            if (Notices.Count > MaxNotices)
            {
                Notices.Dequeue();
            }
        }

        if (!host.Interactive)
        {
            host.Error.WriteLine(line);
        }
    }
}
