using System.Diagnostics;
using System.Text.Json;
using OrleansCdn.EndToEnd.Tests.Running;
using Xunit.Abstractions;

namespace OrleansCdn.EndToEnd.Tests;

/// <summary>A PoP without announcers whose edge is killed, or hangs (with CDN_E2E_FULL=1; with announcers: <see cref="FailoverTests"/>), leaves the answers of the others, and comes back.</summary>
public sealed class SilentPopTests(ITestOutputHelper output)
{
    private static readonly string[] Others = ["lax", "grr"];

    [Fact]
    public async Task A_pop_that_is_killed_or_hangs_leaves_the_answers_and_comes_back()
    {
        using TempFile config = TempFile.Of(DnsNetwork.Yaml.Split('\n'));
        await using RunningLab lab = await RunningLab.StartAsync(null, ["--config", config.Path, "--no-restart"]);
        await lab.RunAsync(output, async () =>
        {
            DnsLoad load = new(Others.ToDictionary(pop => pop, pop => lab.Ready.Pops[pop].Dns!), "www.cdn.test");
            load.Start();
            await UntilAnsweredAsync(load, "waw", "before");
            await UntilReachedAsync(lab);

            int edge = lab.Ready.Pops["waw"].EdgePid;
            string[] command = Processes.CommandLine(edge);
            Processes.Signal(edge, Processes.SigKill);
            await UntilAnsweredAsync(load, "lax", "killed");
            Assert.Equal(("Gone", "waw1 does not answer lax and grr"), await WhyAsync(lab));
            string status = (await lab.CdnAsync("status")).Expect(0).Out;
            Assert.Contains("waw: its edges have gone", status, StringComparison.Ordinal);
            Assert.Contains("waw1 does not answer lax/lax1, grr/grr1", status, StringComparison.Ordinal);

            using Process again = Processes.Start(command[0], command[1..]);
            try
            {
                await UntilAnsweredAsync(load, "waw", "started again");
                await UntilReachedAsync(lab);
                if (FullRun.IsOn)
                {
                    Processes.Signal(again.Id, Processes.SigStop);
                    await UntilAnsweredAsync(load, "lax", "stopped by SIGSTOP");
                    Processes.Signal(again.Id, Processes.SigCont);
                    await UntilAnsweredAsync(load, "waw", "going on by SIGCONT");
                }
            }
            finally
            {
                again.Kill();
            }

            await load.StopAsync();
            Assert.Empty(load.Failures);
        });
    }

    private async Task UntilAnsweredAsync(DnsLoad load, string pop, string after)
    {
        long start = TimeProvider.System.GetTimestamp();
        await Wait.UntilAsync($"all answer {pop}, {after}", () => Others.All(server => load.Last(server) == DnsNetwork.Ipv4[pop]));
        output.WriteLine($"{after}: the others answer {pop} after {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} s");
    }

    /// <summary>An edge that has never answered is not missed.</summary>
    private static Task UntilReachedAsync(RunningLab lab) => Wait.UntilAsync("the others have had an answer from waw1", async () =>
    {
        bool[] reached = await Task.WhenAll(Others.Select(async pop =>
            (await StatusAsync(lab, pop)).TryGetProperty("reach", out JsonElement reach)
            && reach.GetProperty("answering").EnumerateArray().Any(name => name.GetString() == "waw1")));
        return reached.All(has => has);
    });

    private static async Task<(string? State, string? Detail)> WhyAsync(RunningLab lab)
    {
        JsonElement waw = (await StatusAsync(lab, "lax")).GetProperty("eligibility").GetProperty("pops").EnumerateArray()
            .Single(pop => pop.GetProperty("pop").GetString() == "waw");
        return (waw.GetProperty("state").GetString(), waw.GetProperty("detail").GetString());
    }

    private static async Task<JsonElement> StatusAsync(RunningLab lab, string pop) =>
        JsonDocument.Parse(await lab.Http.GetStringAsync(new Uri(new Uri(lab.Ready.Pops[pop].Admin), "/status"))).RootElement;
}
