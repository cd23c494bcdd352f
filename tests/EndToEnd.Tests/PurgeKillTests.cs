using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansCdn.Cli.Lab;
using OrleansCdn.Contracts;
using OrleansCdn.EndToEnd.Tests.Running;
using Xunit.Abstractions;

namespace OrleansCdn.EndToEnd.Tests;

/// <summary>Every process in turn is killed with -9 while visitors ask and an operator purges.</summary>
public sealed class PurgeKillTests(ITestOutputHelper output)
{
    private const int Targets = 6;

    private static readonly string[] Hosts = [TestNetwork.ClusterHost, TestNetwork.ShieldHost];

    /// <summary>One of them asks for what the edge keeps on disk, as soon as it is back.</summary>
    private const int VisitorsPerPopAndHost = 2;

    /// <summary>By PoP, host and target: what the origin sent up to this number was purged, and the PoP's edge has acknowledged it.</summary>
    private readonly ConcurrentDictionary<(string Pop, string Host, int Target), long> _floors = new();
    private readonly ConcurrentDictionary<string, long> _answered = new();
    private readonly ConcurrentQueue<string> _violations = new();
    private long _acknowledged;
    private volatile bool _stopping;

    [Fact]
    public async Task What_was_purged_and_acknowledged_is_not_served_again_whoever_is_killed()
    {
        string data = Directory.CreateTempSubdirectory("cdn-e2e-data-").FullName;
        string config = Path.Combine(data, "network.yaml");
        await File.WriteAllTextAsync(config, WithDisks(data));
        await using (RunningLab lab = await RunningLab.StartAsync(Path.Combine(data, "lab"), "--config", config))
        {
            await lab.RunAsync(output, () => KillInTurnAsync(lab));
        }

        Assert.NotEmpty(Directory.GetFiles(Path.Combine(data, "waw1"), "*", SearchOption.AllDirectories));
        Directory.Delete(data, recursive: true);
    }

    private async Task KillInTurnAsync(RunningLab lab)
    {
        Task[] all =
        [
            .. from pop in TestNetwork.Pops from host in Hosts from visitor in Enumerable.Range(0, VisitorsPerPopAndHost) select VisitAsync(lab, pop, host, visitor),
            .. Hosts.Select(host => PurgeAsync(lab, host)),
        ];
        await ProgressAsync();
        for (int round = 0; round < 2; round++)
        {
            foreach (string victim in (string[])["silo", .. TestNetwork.Pops])
            {
                int pid = PidOf(lab.Ready, victim);
                Processes.Signal(pid, Processes.SigKill);
                await Wait.UntilAsync($"{victim} runs again", () => PidOf(lab.Ready, victim) != pid || !_violations.IsEmpty);
                await ProgressAsync();
                Assert.Empty(_violations);
            }
        }

        _stopping = true;
        await Task.WhenAll(all);
        Assert.Empty(_violations);
        output.WriteLine($"{_answered.Values.Sum()} answers, {_acknowledged} purges acknowledged by all edges");
    }

    /// <summary>Answers from everywhere, and purges that everybody has acknowledged.</summary>
    private async Task ProgressAsync()
    {
        Dictionary<string, long> before = TestNetwork.Pops.ToDictionary(pop => pop, pop => _answered.GetValueOrDefault(pop));
        long purges = Interlocked.Read(ref _acknowledged);
        await Wait.UntilAsync(
            "answers at every PoP, and purges that all have acknowledged",
            () => !_violations.IsEmpty || (TestNetwork.Pops.All(pop => _answered.GetValueOrDefault(pop) >= before[pop] + 50) && Interlocked.Read(ref _acknowledged) >= purges + 4));
    }

    private async Task VisitAsync(RunningLab lab, string pop, string host, int visitor)
    {
        for (int i = visitor; !_stopping; i++)
        {
            int target = i % Targets;
            long floor = _floors.GetValueOrDefault((pop, host, target));
            try
            {
                using HttpResponseMessage answer = await lab.GetAsync(pop, host, $"/cached?max-age=600&tags=t{target}&t={target}");
                string text = await answer.Content.ReadAsStringAsync();
                if (!answer.IsSuccessStatusCode)
                {
                    continue; // the origin process is not killed, but an edge that fetches through another that dies may say 502
                }

                // "request N, fresh for …": N counts up at the origin.
                long number = long.Parse(text.Split(' ', ',')[1], CultureInfo.InvariantCulture);
                if (number <= floor)
                {
                    _violations.Enqueue($"{pop} {host} t{target}: answer {number} was purged up to {floor}: {string.Join(' ', answer.Headers.GetValues("Cache-Status"))}");
                }

                _answered.AddOrUpdate(pop, 1, static (_, count) => count + 1);
            }
            catch (Exception error) when (TransportFailure.Is(error))
            {
                await Wait.PauseAsync(TimeSpan.FromMilliseconds(20)); // its edge was killed
            }
        }
    }

    private async Task PurgeAsync(RunningLab lab, string host)
    {
        using var client = new HttpClient { BaseAddress = new Uri(lab.Ready.Api) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", lab.Ready.Token);
        string site = host.Split('.')[0];
        for (int i = 0; !_stopping; i++)
        {
            int target = i % Targets;
            try
            {
                long sent = await lab.OriginCountAsync("/cached");
                using HttpResponseMessage response = await client.PostAsJsonAsync(
                    "/v1/purges", new { site, kind = "Tag", values = new[] { $"t{target}" }, wait = true, deadlineMs = 5000 });
                if (!response.IsSuccessStatusCode)
                {
                    continue;
                }

                JsonElement reply = await response.Content.ReadFromJsonAsync<JsonElement>();
                foreach (JsonElement pop in reply.GetProperty("pops").EnumerateArray())
                {
                    if (pop.GetProperty("edges").EnumerateArray().All(edge => edge.GetProperty("acknowledged").GetBoolean()))
                    {
                        _floors.AddOrUpdate((pop.GetProperty("pop").GetString()!, host, target), sent, (_, floor) => Math.Max(floor, sent));
                    }
                }

                if (reply.GetProperty("state").GetString() == "Done")
                {
                    Interlocked.Increment(ref _acknowledged);
                }
            }
            catch (Exception error) when (TransportFailure.Is(error))
            {
                // The silo was killed.
            }

            await Wait.PauseAsync(TimeSpan.FromMilliseconds(20));
        }
    }

    private static int PidOf(ReadyState ready, string victim) => victim == "silo" ? ready.SiloPid : ready.Pops[victim].EdgePid;

    private static string WithDisks(string data)
    {
        string yaml = TestNetwork.Yaml;
        foreach (string edge in (string[])["waw1", "lax1", "grr1"])
        {
            yaml = yaml.Replace($"name: {edge}, ", $"name: {edge}, disk: {{ path: \"{Path.Combine(data, edge)}\", size: 256MiB }}, ", StringComparison.Ordinal);
        }

        return yaml;
    }
}
