using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using OrleansCdn.Contracts;

namespace OrleansCdn.Conformance.Tests;

/// <summary>
/// One run of the public suite against the program as users run it: the suite's server as the origin, a standalone edge
/// before it, the suite's client before that.
/// </summary>
public sealed class SuiteRun : IAsyncLifetime
{
    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RunLimit = TimeSpan.FromMinutes(8);
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    // artifacts/bin/Conformance.Tests/release
    private static readonly string Here = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
    private static readonly string Root = Path.GetFullPath(Path.Combine(Here, "..", "..", "..", ".."));
    private static readonly string EdgeProgram = Path.GetFullPath(Path.Combine(Here, "..", "..", "Edge", Path.GetFileName(Here), "OrleansCdn.Edge.dll"));

    private readonly List<Process> _running = [];

    /// <summary>What <c>suite.mjs</c> writes.</summary>
    public JsonElement Results { get; private set; }

    public async Task InitializeAsync()
    {
        await EndAsync("npm", ["install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"], InstallLimit);
        int originPort = FreePort();
        int edgePort = FreePort();
        string config = Path.Combine(Here, "edge.running.yaml");
        await File.WriteAllTextAsync(config, (await File.ReadAllTextAsync(Path.Combine(Here, "edge.yaml"))).Replace("ORIGIN_PORT", $"{originPort}", StringComparison.Ordinal));

        Start("node", [Path.Combine("node_modules", "http-cache-tests", "server", "server.mjs")], new()
        {
            ["npm_config_protocol"] = "http",
            ["npm_config_port"] = $"{originPort}",
            ["npm_config_pidfile"] = Path.Combine(Here, "server.pid"),
        });
        Start(Environment.ProcessPath ?? "dotnet", [EdgeProgram, "--config", config, "--pop", "one", "--standalone", "--listen", $"127.0.0.1:{edgePort}"], []);
        string edge = $"http://127.0.0.1:{edgePort}";
        await UntilItAnswersAsync(edge);

        string results = Path.Combine(Here, "results.json");
        File.Delete(results);
        await EndAsync("node", ["--no-warnings", "suite.mjs", edge, results, Path.Combine(Root, "docs", "conformance.md")], RunLimit);
        Results = JsonDocument.Parse(await File.ReadAllTextAsync(results)).RootElement;
    }

    public Task DisposeAsync()
    {
        foreach (Process process in _running)
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
        }

        return Task.CompletedTask;
    }

    private static async Task UntilItAnswersAsync(string url)
    {
        using var client = new HttpClient();
        using var limit = new CancellationTokenSource(StartLimit);
        while (true)
        {
            try
            {
                // Both of them: the edge answers 502 while the suite's server is not up.
                using HttpResponseMessage answer = await client.GetAsync($"{url}/", limit.Token);
                if (answer.StatusCode != HttpStatusCode.BadGateway)
                {
                    return;
                }
            }
            catch (Exception error) when (TransportFailure.Is(error))
            {
                // Not listening yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
        }
    }

    private void Start(string program, string[] arguments, Dictionary<string, string> environment)
    {
        Process process = New(program, arguments, environment);
        _running.Add(process);
        _ = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
    }

    private static async Task EndAsync(string program, string[] arguments, TimeSpan within)
    {
        using Process process = New(program, arguments, []);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(within);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end within {within}");
        }

        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}\n{await output}\n{await errors}");
    }

    private static Process New(string program, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Here, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
