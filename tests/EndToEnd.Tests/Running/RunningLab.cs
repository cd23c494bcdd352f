using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using OrleansCdn.Cli.Lab;

namespace OrleansCdn.EndToEnd.Tests.Running;

/// <summary>A lab as a user runs it: the <c>cdn lab</c> process and its children, known only by its ready file.</summary>
internal sealed class RunningLab : IAsyncDisposable
{
    private readonly StringBuilder _output = new();
    private readonly string _scratch;
    private readonly bool _ownsData;

    private RunningLab(Process process, string scratch, string data, bool ownsData)
    {
        Process = process;
        _scratch = scratch;
        Data = data;
        _ownsData = ownsData;
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Process Process { get; }

    public string Data { get; }

    /// <summary>As the ready file stands now: process ids change with restarts.</summary>
    public ReadyState Ready => JsonSerializer.Deserialize<ReadyState>(File.ReadAllText(ReadyFile), JsonSerializerOptions.Web)!;

    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 1000, AllowAutoRedirect = false })
    {
        Timeout = Wait.Limit,
    };

    private string ReadyFile => Path.Combine(_scratch, "ready.json");

    /// <param name="data">Null: a fresh directory that goes with this object.</param>
    /// <param name="arguments">More arguments of <c>cdn lab</c>.</param>
    public static async Task<RunningLab> StartAsync(string? data = null, params string[] arguments)
    {
        string scratch = Directory.CreateTempSubdirectory("cdn-e2e-").FullName;
        string directory = data ?? Path.Combine(scratch, "data");
        string config = Path.Combine(scratch, "network.yaml");
        await File.WriteAllTextAsync(config, TestNetwork.Yaml);
        string[] network = arguments.Contains("--config") || data is not null ? [] : ["--config", config];
        Process process = Processes.Start(
            Built.Dotnet,
            [
                Built.Cdn, "lab", "--base-port", $"{FreePorts.Base()}", "--data", directory,
                "--ready-file", Path.Combine(scratch, "ready.json"), .. network, .. arguments,
            ]);
        var lab = new RunningLab(process, scratch, directory, data is null);
        try
        {
            await Wait.UntilAsync("the lab is ready", () => File.Exists(lab.ReadyFile) || process.HasExited);
            Assert.False(process.HasExited, "the lab ended");
            return lab;
        }
        catch (Exception e)
        {
            string logs = lab.Logs();
            await lab.DisposeAsync();
            throw new InvalidOperationException($"the lab did not start: {e.Message}\n{logs}", e);
        }
    }

    /// <summary>Runs a scenario; when it fails, everything that the lab wrote goes into the test's output.</summary>
    public async Task RunAsync(Xunit.Abstractions.ITestOutputHelper output, Func<Task> scenario)
    {
        try
        {
            await scenario();
        }
        catch
        {
            output.WriteLine(Logs());
            throw;
        }
    }

    /// <summary><c>cdn</c> with this lab's API and token.</summary>
    public Task<CdnRun> CdnAsync(params string[] args)
    {
        ReadyState ready = Ready;
        return CdnRun.OfAsync([.. args, "--api", ready.Api, "--token", ready.Token]);
    }

    /// <summary>A visitor's request at a PoP; the caller disposes the answer.</summary>
    public Task<HttpResponseMessage> GetAsync(
        string pop, string host, string target, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"http://{Ready.Pops[pop].Http}{target}");
        request.Headers.Host = host;
        return Http.SendAsync(request, completion);
    }

    /// <summary>Status 200 is expected.</summary>
    public async Task<string> TextAsync(string pop, string host, string target)
    {
        using HttpResponseMessage answer = await GetAsync(pop, host, target);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>How often the origin was asked for a path.</summary>
    public async Task<long> OriginCountAsync(string path)
    {
        using JsonDocument counts = JsonDocument.Parse(await Http.GetStringAsync(Ready.Origin + "/__origin/counts"));
        return counts.RootElement.TryGetProperty(path, out JsonElement count) ? count.GetInt64() : 0;
    }

    public async Task<JsonElement> StatusAsync() => (await CdnAsync("status", "--json")).Expect(0).Json;

    public int[] AllPids()
    {
        ReadyState ready = Ready;
        return [Process.Id, ready.SiloPid, .. ready.Pops.Values.Select(p => p.EdgePid)];
    }

    public string Logs()
    {
        var text = new StringBuilder();
        lock (_output)
        {
            text.Append("=== lab\n").Append(_output);
        }

        string logs = Path.Combine(Data, "logs");
        foreach (string file in Directory.Exists(logs) ? Directory.GetFiles(logs) : [])
        {
            string[] lines = File.ReadAllLines(file);
            text.Append("=== ").Append(Path.GetFileName(file)).Append('\n').AppendJoin('\n', lines.TakeLast(60)).Append('\n');
        }

        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!Process.HasExited)
        {
            Processes.Signal(Process.Id, Processes.SigTerm);
            try
            {
                await Process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
            }
            catch (TimeoutException)
            {
                Process.Kill();
            }
        }

        Process.Dispose();
        if (_ownsData && Directory.Exists(Data))
        {
            // A child may still be on its way out when the lab itself was killed.
            await Wait.UntilAsync("the data directory is free", () => TryDelete(Data));
        }

        TryDelete(_scratch);
    }

    private static bool TryDelete(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
            return true;
        }
        catch (IOException)
        {
            return !Directory.Exists(directory);
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.AppendLine(line.Data);
        }
    }
}
