using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Interop.Tests.Network;

namespace OrleansCdn.Interop.Tests.Cases;

/// <summary>The announcer as users run it, on its host of the lab, with a file that says what is desired.</summary>
internal sealed class AnnouncerProcess : IDisposable
{
    private const int AdminPort = 9179;

    /// <summary>One that is stopped answers nothing: a failure that is being described must not hang on it.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    // artifacts/bin/Interop.Tests/release
    private static readonly string Here = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
    private static readonly string Program = Path.GetFullPath(Path.Combine(Here, "..", "..", "Announcer", Path.GetFileName(Here), "OrleansCdn.Announcer.dll"));

    private readonly Lab _lab;
    private readonly HttpClient _http;

    public AnnouncerProcess(Lab lab)
    {
        _lab = lab;
        _http = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync }) { Timeout = AnswerLimit };
    }

    /// <summary>Of what was desired last.</summary>
    public long Version { get; private set; }

    public Daemon Process { get; private set; } = null!;

    private string DesiredFile => Path.Combine(_lab.Directory, "desired.json");

    /// <summary>What is desired must have been said.</summary>
    public void Start() => Process = Daemon.Start(
        _lab.Announcer,
        Path.Combine(_lab.Directory, "announcer.log"),
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet",
        [Program, "--standalone", "--desired", DesiredFile, "--no-probe", "--pop", "waw", "--edge", "waw1", "--router-id", "198.51.100.1", "--admin", $"127.0.0.1:{AdminPort}"]);

    /// <summary>Replaces the file as a whole.</summary>
    public void Desire(DesiredUpstream upstream, uint asn)
    {
        var desired = new DesiredAnnouncements
        {
            Epoch = "interop",
            ConfigVersion = ++Version,
            Asn = asn,
            AllowedPrefixes = [.. upstream.Routes.Select(r => r.Prefix)],
            Upstreams = [upstream with { Revision = Version }],
        };
        File.WriteAllText(DesiredFile + ".new", JsonSerializer.Serialize(desired, ContractsJson.Default.DesiredAnnouncements));
        File.Move(DesiredFile + ".new", DesiredFile, overwrite: true);
    }

    /// <summary>Its only session; null: the process does not answer, or has none yet.</summary>
    public async Task<ObservedSession?> SessionAsync()
    {
        try
        {
            using JsonDocument status = JsonDocument.Parse(await _http.GetByteArrayAsync($"http://127.0.0.1:{AdminPort}/status"));
            return status.RootElement.GetProperty("sessions").EnumerateArray().Select(s => s.Deserialize(ContractsJson.Default.ObservedSession)).SingleOrDefault();
        }
        catch (Exception e) when (TransportFailure.Is(e) || e is TaskCanceledException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        Process?.Dispose();
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        Socket socket = NamespaceSocket.Create(_lab.Announcer, AddressFamily.InterNetwork);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, AdminPort), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
