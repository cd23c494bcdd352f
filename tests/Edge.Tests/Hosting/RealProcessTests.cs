using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Tests.Control;

namespace OrleansCdn.Edge.Tests.Hosting;

/// <summary>The program as it is started on a server.</summary>
public sealed class RealProcessTests : IDisposable
{
    private readonly TempDirectory _data = new();
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task It_starts_from_its_disk_without_any_silo_and_stops_cleanly()
    {
        (int http, int admin, int nobody) = (FreePort(), FreePort(), FreePort());
        SaveSnapshot(new EdgeConfig
        {
            Name = "waw1",
            Http = new IPEndPoint(IPAddress.Loopback, http),
            Admin = new IPEndPoint(IPAddress.Loopback, admin),
            MemoryBytes = 16 << 20,
        });
        using Running edge = Running.Start($"--pop waw --edge waw1 --silo http://127.0.0.1:{nobody} --data {_data.Path}");
        string health = await UntilHealthyAsync(admin, edge);
        Assert.Contains("\"configVersion\": 9", health, StringComparison.Ordinal);
        using (HttpRequestMessage request = new(HttpMethod.Get, $"http://127.0.0.1:{http}/"))
        {
            request.Headers.Host = "unknown.example.org";
            Assert.Equal(HttpStatusCode.MisdirectedRequest, (await _http.SendAsync(request)).StatusCode);
        }

        Assert.Equal(0, await edge.StopAsync());
        Assert.Contains("from disk are in force", edge.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_snapshot_it_waits_for_its_first_config_and_then_listens()
    {
        (int http, int admin) = (FreePort(), FreePort());
        await using ScriptedSilo silo = await ScriptedSilo.StartAsync();
        using Running edge = Running.Start($"--pop waw --edge waw1 --silo {silo.Url} --data {_data.Path}");
        ScriptedSilo.Conversation feed = await silo.AcceptAsync();
        Assert.Null((await feed.ReadAsync<EdgeHello>()).Addresses.Http);
        await feed.WelcomeAsync();
        await feed.SendAsync(new ConfigSnapshot
        {
            Epoch = "e",
            Version = 2,
            Config = Configs.One(edge: new EdgeConfig
            {
                Name = "waw1",
                Http = new IPEndPoint(IPAddress.Loopback, http),
                Admin = new IPEndPoint(IPAddress.Loopback, admin),
                MemoryBytes = 16 << 20,
            }),
        });
        ScriptedSilo.Conversation again = await silo.AcceptAsync();
        feed.Close();
        EdgeHello hello = await again.ReadAsync<EdgeHello>();
        Assert.Equal(($"127.0.0.1:{http}", 2L), (hello.Addresses.Http, hello.ConfigVersion));
        Assert.Contains("\"configVersion\": 2", await UntilHealthyAsync(admin, edge), StringComparison.Ordinal);
        Assert.Equal(0, await edge.StopAsync());
    }

    [Fact]
    public async Task It_stops_while_it_waits_for_its_first_config()
    {
        await using ScriptedSilo silo = await ScriptedSilo.StartAsync();
        using Running edge = Running.Start($"--pop waw --edge waw1 --silo {silo.Url} --data {_data.Path}");
        await (await silo.AcceptAsync()).ReadAsync<EdgeHello>();
        Assert.Equal(0, await edge.StopAsync());
    }

    [Fact]
    public async Task Wrong_usage_and_busy_ports_say_so()
    {
        using Running usage = Running.Start("--pop waw");
        Assert.Equal(2, await usage.ExitAsync());
        Assert.Contains("--silo URL[,URL...] is missing", usage.Output, StringComparison.Ordinal);

        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        using Running busy = Running.Start($"--pop waw --edge waw1 --silo http://127.0.0.1:1 --data {_data.Path} --http {taken.LocalEndpoint}");
        Assert.Equal(1, await busy.ExitAsync());
        Assert.Contains(taken.LocalEndpoint.ToString()!, busy.Output, StringComparison.Ordinal);
        Assert.Contains("in use", busy.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Standalone_serves_from_a_file_and_takes_a_changed_one_at_sighup()
    {
        (int http, int admin) = (FreePort(), FreePort());
        string file = _data.File("cdn.yaml");
        string Yaml(string host) => $$"""
            cluster: { name: one }
            pops:
              waw:
                name: Warsaw
                location: { latitude: 52.23, longitude: 21.01, country: PL, continent: EU }
                edges: [ { name: waw1, http: "127.0.0.1:1", admin: "127.0.0.1:2", memory: 16MiB } ]
            sites:
              www:
                hosts: [{{host}}]
                origins: [ { url: "http://127.0.0.1:1", allow-private: true } ]
            """;
        File.WriteAllText(file, Yaml("a.example.net"));
        using Running edge = Running.Start($"--standalone --config {file} --pop waw --listen 127.0.0.1:{http} --admin 127.0.0.1:{admin}");
        await UntilHealthyAsync(admin, edge);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, await StatusAsync(http, "b.example.net"));

        File.WriteAllText(file, "sites: [");
        edge.Signal("HUP");
        await Eventually.IsTrueAsync(() => edge.Output.Contains("the config before it stays in force", StringComparison.Ordinal), () => edge.Output);
        Assert.NotEqual(HttpStatusCode.MisdirectedRequest, await StatusAsync(http, "a.example.net"));

        File.WriteAllText(file, Yaml("b.example.net"));
        edge.Signal("HUP");
        await Eventually.IsTrueAsync(() => edge.Output.Contains("was read again", StringComparison.Ordinal), () => edge.Output);
        Assert.NotEqual(HttpStatusCode.MisdirectedRequest, await StatusAsync(http, "b.example.net"));
        Assert.Equal(HttpStatusCode.MisdirectedRequest, await StatusAsync(http, "a.example.net"));
        Assert.Equal(0, await edge.StopAsync());
    }

    private async Task<HttpStatusCode> StatusAsync(int port, string host)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"http://127.0.0.1:{port}/");
        request.Headers.Host = host;
        using HttpResponseMessage response = await _http.SendAsync(request);
        return response.StatusCode;
    }

    private void SaveSnapshot(EdgeConfig entry)
    {
        using ControlStore store = ControlStore.Open(_data.Path, "waw", "waw1", new ListLogger());
        store.SaveSnapshot(new EdgeSnapshot("e", 9, Configs.One(edge: entry)));
        store.SaveCursor(new PurgeCursor("log", 4));
    }

    private async Task<string> UntilHealthyAsync(int port, Running edge)
    {
        string health = "";
        await Eventually.IsTrueAsync(() =>
        {
            Assert.False(edge.HasExited, edge.Output);
            try
            {
                health = _http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/health")).GetAwaiter().GetResult();
                return true;
            }
            catch (Exception error) when (TransportFailure.Is(error))
            {
                return false;
            }
        });
        return health;
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>One started process.</summary>
    private sealed class Running : IDisposable
    {
        private readonly Process _process;
        private readonly StringBuilder _output = new();

        private Running(Process process) => _process = process;

        public bool HasExited => _process.HasExited;

        public string Output
        {
            get
            {
                lock (_output)
                {
                    return _output.ToString();
                }
            }
        }

        public static Running Start(string arguments)
        {
            Process process = new()
            {
                StartInfo = new ProcessStartInfo("dotnet", $"{typeof(EdgeState).Assembly.Location} {arguments}")
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                },
            };
            Running running = new(process);
            process.OutputDataReceived += running.Keep;
            process.ErrorDataReceived += running.Keep;
            process.Start();
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return running;
        }

        public void Signal(string name)
        {
            using Process kill = Process.Start("kill", ["-s", name, $"{_process.Id}"]);
            kill.WaitForExit();
            Assert.Equal(0, kill.ExitCode);
        }

        public Task<int> StopAsync()
        {
            Signal("TERM");
            return ExitAsync();
        }

        public async Task<int> ExitAsync()
        {
            using CancellationTokenSource limit = new(Eventually.GiveUp);
            await _process.WaitForExitAsync(limit.Token);
            return _process.ExitCode;
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill();
            }

            _process.Dispose();
        }

        private void Keep(object sender, DataReceivedEventArgs line)
        {
            lock (_output)
            {
                _output.AppendLine(line.Data);
            }
        }
    }
}
