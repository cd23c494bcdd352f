using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using OrleansCdn.Cli.Lab;
using OrleansCdn.Contracts;
using OrleansCdn.EndToEnd.Tests.Running;
using Xunit.Abstractions;

namespace OrleansCdn.EndToEnd.Tests;

public sealed class LabLifeTests(ITestOutputHelper output)
{
    // The promise, from the signal to the end of the last process.
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task No_child_survives_a_lab_killed_with_9()
    {
        await using RunningLab lab = await RunningLab.StartAsync();
        await lab.RunAsync(output, async () =>
        {
            int[] children = Processes.ChildrenOf(lab.Process.Id);
            Assert.Equal(5, children.Length);
            Processes.Signal(lab.Process.Id, Processes.SigKill);
            await Wait.UntilAsync("all children are gone", () => !children.Any(Processes.IsAlive));
        });
    }

    [Theory]
    [InlineData(Processes.SigInt)]
    [InlineData(Processes.SigTerm)]
    public async Task Ctrl_c_ends_everything_in_time(int signal)
    {
        await using RunningLab lab = await RunningLab.StartAsync();
        await lab.RunAsync(output, async () =>
        {
            int[] children = Processes.ChildrenOf(lab.Process.Id);
            int api = new Uri(lab.Ready.Api).Port;
            long start = TimeProvider.System.GetTimestamp();
            Processes.Signal(lab.Process.Id, signal);
            await lab.Process.WaitForExitAsync().WaitAsync(Wait.Limit);
            TimeSpan took = TimeProvider.System.GetElapsedTime(start);
            output.WriteLine($"ended after {took.TotalSeconds:0.00} s");
            Assert.True(took < EndLimit, $"took {took}");
            Assert.Equal(0, lab.Process.ExitCode);
            Assert.DoesNotContain(children, Processes.IsAlive);
            Assert.True(FreePorts.IsFree(api));
        });
    }

    [Fact]
    public async Task A_temporary_data_directory_goes_with_the_lab()
    {
        string scratch = Directory.CreateTempSubdirectory("cdn-e2e-").FullName;
        string readyFile = Path.Combine(scratch, "ready.json");
        using Process process = Processes.Start(
            Built.Dotnet, [Built.Cdn, "lab", "--base-port", $"{FreePorts.Base()}", "--ready-file", readyFile, "--json"]);
        string? line = await process.StandardOutput.ReadLineAsync().WaitAsync(Wait.Limit);
        Assert.Equal((await File.ReadAllTextAsync(readyFile)).Trim(), line);
        ReadyState ready = JsonSerializer.Deserialize<ReadyState>(line!, JsonSerializerOptions.Web)!;
        string[] silo = Processes.CommandLine(ready.SiloPid);
        string data = Path.GetDirectoryName(silo[Array.IndexOf(silo, "--data") + 1])!;
        Assert.True(Directory.Exists(data));
        Processes.Signal(process.Id, Processes.SigInt);
        await process.WaitForExitAsync().WaitAsync(Wait.Limit);
        Assert.False(Directory.Exists(data));
        Directory.Delete(scratch, recursive: true);
    }

    [Fact]
    public async Task The_readmes_command_serves_and_ends_when_dotnet_run_is_killed()
    {
        string scratch = Directory.CreateTempSubdirectory("cdn-e2e-").FullName;
        string readyFile = Path.Combine(scratch, "ready.json");
        using Process run = Processes.Start(
            Built.Dotnet,
            [
                "run", "--no-build", "-c", "Release", "--project", "src/Cli", "--", "lab",
                "--base-port", $"{FreePorts.Base()}", "--data", Path.Combine(scratch, "data"), "--ready-file", readyFile,
            ],
            Built.Root);
        Task<string> words = run.StandardError.ReadToEndAsync();
        await Wait.UntilAsync("the lab is ready", () => File.Exists(readyFile) || run.HasExited);
        Assert.False(run.HasExited, run.HasExited ? await words : "");
        ReadyState ready = JsonSerializer.Deserialize<ReadyState>(await File.ReadAllTextAsync(readyFile), JsonSerializerOptions.Web)!;
        Assert.Equal("www.example.net", ready.Site);
        using var http = new HttpClient();
        foreach (ReadyPop pop in ready.Pops.Values)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{pop.Http}/");
            request.Headers.Host = ready.Site;
            Assert.Contains("It works", await (await http.SendAsync(request)).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        int[] below = [.. Processes.ChildrenOf(run.Id).SelectMany(p => (int[])[p, .. Processes.ChildrenOf(p)])];
        Assert.True(below.Length >= 6, string.Join(' ', below));
        run.Kill();
        await Wait.UntilAsync("the lab and its children are gone", () => !below.Any(Processes.IsAlive));
        Directory.Delete(scratch, recursive: true);
    }

    [Fact]
    public async Task A_killed_edge_comes_back_and_the_ready_file_follows()
    {
        await using RunningLab lab = await RunningLab.StartAsync();
        await lab.RunAsync(output, async () =>
        {
            ReadyState before = lab.Ready;
            int edge = before.Pops["lax"].EdgePid;
            Processes.Signal(edge, Processes.SigKill);
            await Wait.UntilAsync("another process is named", () => lab.Ready.Pops["lax"].EdgePid != edge);
            Assert.True(Processes.IsAlive(lab.Ready.Pops["lax"].EdgePid));
            Assert.Equal(before.SiloPid, lab.Ready.SiloPid);
            Assert.Equal(before.Pops["waw"].EdgePid, lab.Ready.Pops["waw"].EdgePid);
            await Wait.UntilAsync("it serves", async () => await AnswersAsync(lab, "lax"));
        });
    }

    [Fact]
    public async Task A_kept_data_directory_is_gone_on_from()
    {
        string data = Directory.CreateTempSubdirectory("cdn-e2e-data-").FullName;
        string config = Path.Combine(data, "network.yaml");
        await File.WriteAllTextAsync(config, TestNetwork.Yaml);
        string cursor;
        long version;
        await using (RunningLab first = await RunningLab.StartAsync(data, "--config", config))
        {
            (await first.CdnAsync("purge", "--site", "pop", "--all", "--wait")).Expect(0);
            JsonElement status = await first.StatusAsync();
            (cursor, version) = (status.GetProperty("cursor").GetRawText(), status.GetProperty("configVersion").GetInt64());
        }

        await using (RunningLab second = await RunningLab.StartAsync(data))
        {
            await second.RunAsync(output, async () =>
            {
                JsonElement status = await second.StatusAsync();
                Assert.Equal(cursor, status.GetProperty("cursor").GetRawText());
                Assert.True(status.GetProperty("configVersion").GetInt64() >= version);
                Assert.Contains("It works", await second.TextAsync("grr", TestNetwork.PopHost, "/"), StringComparison.Ordinal);
                CdnRun twice = await CdnRun.OfAsync("lab", "--data", data, "--base-port", $"{FreePorts.Base()}");
                twice.Expect(1);
                Assert.Contains("--data", twice.Error, StringComparison.Ordinal);
            });
        }

        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task A_busy_port_is_named_with_the_way_out()
    {
        int basePort = FreePorts.Base();
        using var taken = new Socket(SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, basePort + 20));
        taken.Listen();
        CdnRun run = await CdnRun.OfAsync("lab", "--base-port", $"{basePort}");
        run.Expect(1);
        Assert.Contains($"port {basePort + 20} for http of lax1", run.Error, StringComparison.Ordinal);
        Assert.Contains("--base-port", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_users_own_origin_can_stand_behind_it()
    {
        await using RunningLab other = await RunningLab.StartAsync();
        await using RunningLab lab = await RunningLab.StartAsync(null, "--origin", other.Ready.Origin);
        await lab.RunAsync(output, async () =>
        {
            Assert.Equal(other.Ready.Origin, lab.Ready.Origin);
            string echo = await lab.TextAsync("waw", TestNetwork.PopHost, "/echo");
            Assert.Contains($"Host: {new Uri(other.Ready.Origin).Authority}\n", echo, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(4, Processes.ChildrenOf(lab.Process.Id).Length);
        });
    }

    private static async Task<bool> AnswersAsync(RunningLab lab, string pop)
    {
        try
        {
            using HttpResponseMessage answer = await lab.GetAsync(pop, TestNetwork.PopHost, "/");
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception error) when (TransportFailure.Is(error))
        {
            return false;
        }
    }
}
