using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.EndToEnd.Tests.Running;
using Xunit.Abstractions;

namespace OrleansCdn.EndToEnd.Tests;

public sealed class SiloOutageTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_silo_killed_under_load_costs_no_request_and_no_purge()
    {
        await using RunningLab lab = await RunningLab.StartAsync();
        await lab.RunAsync(output, async () =>
        {
            const string Target = "/cached?max-age=600&tags=before";
            Dictionary<string, string> purged = [];
            foreach (string pop in TestNetwork.Pops)
            {
                purged[pop] = await lab.TextAsync(pop, TestNetwork.ClusterHost, Target);
            }

            var load = new Load(lab, TestNetwork.ClusterHost);
            load.Start();
            await load.UntilAnsweredAsync(30);
            JsonElement acknowledged = (await lab.CdnAsync("purge", "--site", "cluster", "--tag", "before", "--wait", "--json")).Expect(0).Json;
            int silo = lab.Ready.SiloPid;
            Processes.Signal(silo, Processes.SigKill);
            await load.UntilAnsweredAsync(30);

            await Wait.UntilAsync("the silo runs again", () => lab.Ready.SiloPid != silo);
            await Wait.UntilAsync("its API answers", async () => (await lab.CdnAsync("status", "--json")).ExitCode == 0);

            // At once, whether edges are back or not: it holds everywhere in the end.
            CdnRun right = await lab.CdnAsync("purge", "--site", "cluster", "--tag", "after", "--wait", "--deadline", "60s", "--json");
            right.Expect(0);
            Assert.Equal(
                acknowledged.GetProperty("cursor").GetProperty("epoch").GetString(), right.Json.GetProperty("cursor").GetProperty("epoch").GetString());
            Assert.Equal(
                acknowledged.GetProperty("cursor").GetProperty("sequence").GetInt64() + 1, right.Json.GetProperty("cursor").GetProperty("sequence").GetInt64());

            await load.UntilAnsweredAsync(30);
            await load.StopAsync();
            Assert.Empty(load.Errors);
            output.WriteLine($"{load.Done} requests, no error");
            foreach (string pop in TestNetwork.Pops)
            {
                Assert.DoesNotContain(await lab.TextAsync(pop, TestNetwork.ClusterHost, Target), purged.Values);
            }

            JsonElement status = await lab.StatusAsync();
            Assert.Equal(3, status.GetProperty("pops").EnumerateArray().SelectMany(p => p.GetProperty("edges").EnumerateArray()).Count(e => e.GetProperty("connected").GetBoolean()));
        });
    }

    [Fact]
    public async Task Purges_of_an_outage_reach_an_edge_that_was_away()
    {
        await using RunningLab lab = await RunningLab.StartAsync(null, "--no-restart");
        await lab.RunAsync(output, async () =>
        {
            int edge = lab.Ready.Pops["lax"].EdgePid;
            string[] command = Processes.CommandLine(edge);
            Processes.Signal(edge, Processes.SigKill);
            await Wait.UntilAsync("the silo has seen it go", async () => !ConnectedAt(await lab.StatusAsync(), "lax"));

            CdnRun purge = await lab.CdnAsync("purge", "--site", "pop", "--tag", "away", "--wait", "--deadline", "2s", "--json");
            purge.Expect(3);
            Assert.Contains("lax/lax1", purge.Error, StringComparison.Ordinal);
            Assert.Equal("Partial", purge.Json.GetProperty("state").GetString());

            using System.Diagnostics.Process again = Processes.Start(command[0], command[1..]);
            await Wait.UntilAsync("it has caught up", async () => CaughtUp(await lab.StatusAsync(), "lax"));
            again.Kill();
        });
    }

    [Fact]
    public async Task An_edge_starts_and_serves_without_any_silo()
    {
        await using RunningLab lab = await RunningLab.StartAsync(null, "--no-restart");
        await lab.RunAsync(output, async () =>
        {
            int edge = lab.Ready.Pops["grr"].EdgePid;
            string[] command = Processes.CommandLine(edge);
            Processes.Signal(lab.Ready.SiloPid, Processes.SigKill);
            Processes.Signal(edge, Processes.SigKill);
            await Wait.UntilAsync("both are gone", () => !Processes.IsAlive(edge) && !Processes.IsAlive(lab.Ready.SiloPid));

            using System.Diagnostics.Process again = Processes.Start(command[0], command[1..]);
            await Wait.UntilAsync("it answers", async () => await HealthyAsync(lab, "grr"));
            string first = await lab.TextAsync("grr", TestNetwork.ClusterHost, "/cached?max-age=600");
            Assert.Equal(first, await lab.TextAsync("grr", TestNetwork.ClusterHost, "/cached?max-age=600"));
            again.Kill();
        });
    }

    [Fact]
    public async Task An_edge_that_is_cut_off_confirms_what_it_has_asks_to_be_drained_and_is_as_before_when_a_silo_is_back()
    {
        using TempFile config = TempFile.Of(TestNetwork.Yaml
            .Replace("coalescing: pop\n  cluster:", "coalescing: pop\n    when-cut-off: { after: 15s, policy: revalidate }\n  cluster:", StringComparison.Ordinal)
            .Replace("coalescing: cluster\n", "coalescing: cluster\n    when-cut-off: { after: 15s, policy: drain }\n", StringComparison.Ordinal).Split('\n'));
        await using RunningLab lab = await RunningLab.StartAsync(null, "--no-restart", "--config", config.Path);
        await lab.RunAsync(output, async () =>
        {
            const string Target = "/cached?max-age=600&tags=cut";
            await lab.TextAsync("lax", TestNetwork.PopHost, Target);
            string drained = await lab.TextAsync("lax", TestNetwork.ClusterHost, Target);
            await Wait.UntilAsync("it knows all purges", async () => !(await HealthAsync(lab, "lax")).TryGetProperty("cutOff", out _));
            int silo = lab.Ready.SiloPid;
            string[] command = Processes.CommandLine(silo);
            Processes.Signal(silo, Processes.SigKill);

            await Wait.UntilAsync("it asks to be drained", async () => (await HealthAsync(lab, "lax")).TryGetProperty("drain", out _));
            JsonElement health = await HealthAsync(lab, "lax");
            Assert.Equal("Degraded", health.GetProperty("status").GetString());
            Assert.Equal("CutOff", health.GetProperty("drain").GetProperty("reason").GetString());
            Assert.Equal(["cluster"], health.GetProperty("drain").GetProperty("sites").EnumerateArray().Select(s => s.GetString()));

            // Fresh for ten minutes, and confirmed as soon as it is older than the site allows.
            await Wait.UntilAsync("it confirms", async () => (await CacheStatusAsync(lab, "lax", TestNetwork.PopHost, Target)).Contains("fwd=stale", StringComparison.Ordinal));
            Assert.Equal(drained, await lab.TextAsync("lax", TestNetwork.ClusterHost, Target));

            using System.Diagnostics.Process again = Processes.Start(command[0], command[1..]);
            await Wait.UntilAsync("it knows all purges again", async () => !(await HealthAsync(lab, "lax")).TryGetProperty("cutOff", out _));
            Assert.False((await HealthAsync(lab, "lax")).TryGetProperty("drain", out _));
            Assert.Contains("lax; hit", await CacheStatusAsync(lab, "lax", TestNetwork.PopHost, Target), StringComparison.Ordinal);
            again.Kill();
        });
    }

    private static async Task<string> CacheStatusAsync(RunningLab lab, string pop, string host, string target)
    {
        using HttpResponseMessage answer = await lab.GetAsync(pop, host, target);
        return string.Join(", ", answer.Headers.GetValues("Cache-Status"));
    }

    private static async Task<JsonElement> HealthAsync(RunningLab lab, string pop) =>
        JsonDocument.Parse(await lab.Http.GetStringAsync(lab.Ready.Pops[pop].Admin + "/health")).RootElement;

    private static async Task<bool> HealthyAsync(RunningLab lab, string pop)
    {
        try
        {
            using HttpResponseMessage health = await lab.Http.GetAsync(lab.Ready.Pops[pop].Admin + "/health");
            return health.IsSuccessStatusCode;
        }
        catch (Exception error) when (TransportFailure.Is(error))
        {
            return false;
        }
    }

    private static JsonElement EdgeAt(JsonElement status, string pop) =>
        status.GetProperty("pops").EnumerateArray().Single(p => p.GetProperty("id").GetString() == pop).GetProperty("edges")[0];

    private static bool ConnectedAt(JsonElement status, string pop) => EdgeAt(status, pop).GetProperty("connected").GetBoolean();

    private static bool CaughtUp(JsonElement status, string pop) =>
        ConnectedAt(status, pop) && EdgeAt(status, pop).GetProperty("cursor").GetRawText() == status.GetProperty("cursor").GetRawText();
}
