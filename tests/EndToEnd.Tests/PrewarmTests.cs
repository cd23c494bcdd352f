using System.Text.Json;
using OrleansCdn.EndToEnd.Tests.Running;
using Xunit.Abstractions;

namespace OrleansCdn.EndToEnd.Tests;

public sealed class PrewarmTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("pop", TestNetwork.PopHost)]
    [InlineData("cluster", TestNetwork.ClusterHost)]
    [InlineData("shield", TestNetwork.ShieldHost)]
    public async Task Every_url_comes_from_the_origin_once_however_many_pops(string site, string host)
    {
        const int Urls = 200;
        await using RunningLab lab = await RunningLab.StartAsync();
        await lab.RunAsync(output, async () =>
        {
            using TempFile list = TempFile.Of(Enumerable.Range(1, Urls).Select(i => $"http://{host}/assets/{i}.bin"));
            JsonElement job = (await lab.CdnAsync("prewarm", "--site", site, "--file", list.Path, "--rate", "2000", "--wait", "--json")).Expect(0).Json;
            output.WriteLine(job.GetRawText());
            Assert.Equal("Done", job.GetProperty("state").GetString());
            Assert.Equal(TestNetwork.Pops.Order(), job.GetProperty("pops").EnumerateArray().Select(p => p.GetProperty("pop").GetString()).Order());
            Assert.All(job.GetProperty("pops").EnumerateArray(), pop => Assert.Equal(Urls, pop.GetProperty("stored").GetInt32() + pop.GetProperty("fresh").GetInt32()));
            foreach (int i in Enumerable.Range(1, Urls))
            {
                Assert.Equal(1, await lab.OriginCountAsync($"/assets/{i}.bin"));
            }

            // And it is there for visitors: none of them costs the origin anything.
            foreach (string pop in TestNetwork.Pops)
            {
                await lab.TextAsync(pop, host, $"/assets/{Urls}.bin");
            }

            Assert.Equal(1, await lab.OriginCountAsync($"/assets/{Urls}.bin"));
        });
    }

    [Fact]
    public async Task A_silo_killed_in_the_middle_costs_the_origin_nothing()
    {
        const int Urls = 400;
        await using RunningLab lab = await RunningLab.StartAsync();
        await lab.RunAsync(output, async () =>
        {
            using TempFile list = TempFile.Of(Enumerable.Range(1, Urls).Select(i => $"http://{TestNetwork.PopHost}/assets/{i}.bin"));
            string id = Id(await lab.CdnAsync("prewarm", "--site", "pop", "--file", list.Path, "--rate", "100", "--json"));
            await Wait.UntilAsync("a part is done", async () => await lab.OriginCountAsync($"/assets/{Urls / 4}.bin") == 1);
            int silo = lab.Ready.SiloPid;
            Processes.Signal(silo, Processes.SigKill);
            await Wait.UntilAsync("the silo runs again", () => lab.Ready.SiloPid != silo);
            await Wait.UntilAsync("its API answers", async () => (await lab.CdnAsync("status", "--json")).ExitCode == 0);
            JsonElement job = (await lab.CdnAsync("prewarm", "status", id, "--wait", "--json")).Expect(0).Json;
            output.WriteLine(job.GetRawText());
            Assert.Equal("Done", job.GetProperty("state").GetString());
            foreach (int i in Enumerable.Range(1, Urls))
            {
                Assert.Equal(1, await lab.OriginCountAsync($"/assets/{i}.bin"));
            }
        });
    }

    [Fact]
    public async Task A_job_is_paused_resumed_and_cancelled_and_a_purge_in_between_undoes_only_what_it_covers()
    {
        const int Urls = 300;
        await using RunningLab lab = await RunningLab.StartAsync();
        await lab.RunAsync(output, async () =>
        {
            using TempFile list = TempFile.Of(Enumerable.Range(1, Urls).Select(i => $"http://{TestNetwork.PopHost}/assets/{i}.bin"));
            string id = Id(await lab.CdnAsync("prewarm", "--site", "pop", "--file", list.Path, "--rate", "50", "--json"));
            await Wait.UntilAsync("it has begun", async () => await lab.OriginCountAsync("/assets/10.bin") == 1);
            Assert.Equal("Paused", (await lab.CdnAsync("prewarm", "pause", id, "--json")).Expect(0).Json.GetProperty("state").GetString());
            (await lab.CdnAsync("purge", "--site", "pop", "--url", $"http://{TestNetwork.PopHost}/assets/1.bin", "--wait")).Expect(0);
            Assert.Equal("Paused", (await lab.CdnAsync("prewarm", "status", id, "--json")).Expect(0).Json.GetProperty("state").GetString());
            Assert.Equal(0, await lab.OriginCountAsync($"/assets/{Urls}.bin"));
            (await lab.CdnAsync("prewarm", "resume", id)).Expect(0);
            (await lab.CdnAsync("prewarm", "status", id, "--wait")).Expect(0);
            Assert.Equal(1, await lab.OriginCountAsync("/assets/1.bin")); // it was done before the purge

            // Asked for again: what was purged comes from the origin once, and nothing else does.
            JsonElement again = (await lab.CdnAsync("prewarm", "--site", "pop", "--file", list.Path, "--rate", "2000", "--wait", "--json")).Expect(0).Json;
            Assert.Equal(1, again.GetProperty("originFetches").GetInt32());
            Assert.Equal(2, await lab.OriginCountAsync("/assets/1.bin"));
            Assert.Equal(1, await lab.OriginCountAsync("/assets/2.bin"));

            using TempFile slow = TempFile.Of(Enumerable.Range(1, 5000).Select(i => $"http://{TestNetwork.PopHost}/cached?n={i}"));
            string cancelled = Id(await lab.CdnAsync("prewarm", "--site", "pop", "--file", slow.Path, "--rate", "1", "--pop", "lax", "--json"));
            (await lab.CdnAsync("prewarm", "cancel", cancelled)).Expect(0);
            (await lab.CdnAsync("prewarm", "status", cancelled)).Expect(1);
            (await lab.CdnAsync("prewarm", "pause", cancelled)).Expect(1);
            Assert.Equal(3, (await lab.CdnAsync("prewarm", "list", "--json")).Expect(0).Json.GetProperty("prewarms").GetArrayLength());
        });
    }

    [Fact]
    public async Task A_soft_purge_with_refresh_confirms_what_it_covers_once_where_it_is_stored()
    {
        const int Urls = 30;
        await using RunningLab lab = await RunningLab.StartAsync();
        await lab.RunAsync(output, async () =>
        {
            using TempFile list = TempFile.Of(Enumerable.Range(1, Urls).Select(i => $"http://{TestNetwork.PopHost}/assets/{i}.bin").Append($"http://{TestNetwork.PopHost}/cached?n=1"));
            (await lab.CdnAsync("prewarm", "--site", "pop", "--file", list.Path, "--pop", "waw", "--pop", "lax", "--rate", "2000", "--wait")).Expect(0);
            CdnRun purge = (await lab.CdnAsync("purge", "--site", "pop", "--tag", "assets", "--soft", "--refresh", "--wait", "--json")).Expect(0);
            string id = purge.Json.GetProperty("refresh").GetProperty("id").GetString()!;
            JsonElement job = (await lab.CdnAsync("prewarm", "status", id, "--wait", "--json")).Expect(0).Json;
            output.WriteLine(job.GetRawText());
            Assert.Equal(("Done", Urls), (job.GetProperty("state").GetString(), job.GetProperty("urls").GetInt32()));
            foreach (JsonElement pop in job.GetProperty("pops").EnumerateArray())
            {
                bool isThere = pop.GetProperty("pop").GetString() != "grr";
                Assert.Equal(isThere ? Urls : 0, pop.GetProperty("stored").GetInt32() + pop.GetProperty("fresh").GetInt32());
                Assert.Equal(isThere ? 0 : Urls, pop.GetProperty("skipped").GetInt32());
            }

            // Asked once more each, and fresh for visitors again; what was not purged was left alone.
            foreach (int i in Enumerable.Range(1, Urls))
            {
                Assert.Equal(2, await lab.OriginCountAsync($"/assets/{i}.bin"));
            }

            await lab.TextAsync("lax", TestNetwork.PopHost, "/assets/1.bin");
            Assert.Equal(2, await lab.OriginCountAsync("/assets/1.bin"));
            Assert.Equal(1, await lab.OriginCountAsync("/cached"));
        });
    }

    [Fact]
    public async Task A_pop_that_was_away_gets_what_it_missed_from_the_others()
    {
        const int Urls = 20;
        await using RunningLab lab = await RunningLab.StartAsync();
        await lab.RunAsync(output, async () =>
        {
            foreach (int i in Enumerable.Range(1, Urls))
            {
                await lab.TextAsync("waw", TestNetwork.PopHost, $"/assets/{i}.bin");
            }

            await Wait.UntilAsync("they are known to be popular", async () =>
                (await lab.CdnAsync("top", "--site", "pop", "-n", "100", "--json")).Expect(0).Json.GetProperty("urls").GetArrayLength() == Urls);
            JsonElement job = (await lab.CdnAsync("prewarm", "--site", "pop", "--missed", "--pop", "lax", "--deadline", "60s", "--wait", "--json")).Expect(0).Json;
            output.WriteLine(job.GetRawText());
            Assert.Equal((Urls, 0, Urls), (job.GetProperty("urls").GetInt32(), job.GetProperty("originFetches").GetInt32(), job.GetProperty("peerFetches").GetInt32()));
            JsonElement pop = Assert.Single(job.GetProperty("pops").EnumerateArray());
            Assert.Equal(("lax", Urls), (pop.GetProperty("pop").GetString(), pop.GetProperty("stored").GetInt32()));
            Assert.Equal(1, await lab.OriginCountAsync("/assets/1.bin"));

            // Once more: it has missed nothing.
            job = (await lab.CdnAsync("prewarm", "--site", "pop", "--missed", "--pop", "lax", "--wait", "--json")).Expect(0).Json;
            Assert.Equal(Urls, Assert.Single(job.GetProperty("pops").EnumerateArray()).GetProperty("fresh").GetInt32());
        });
    }

    [Fact]
    public async Task What_cannot_be_done_is_said()
    {
        await using RunningLab lab = await RunningLab.StartAsync(null, "--no-restart");
        await lab.RunAsync(output, async () =>
        {
            Assert.Contains("belongs to another site", (await lab.CdnAsync("prewarm", "--site", "pop", "--url", $"http://{TestNetwork.ClusterHost}/")).Expect(1).Error, StringComparison.Ordinal);
            (await lab.CdnAsync("prewarm", "--site", "pop", "--url", $"http://{TestNetwork.PopHost}/", "--pop", "mars")).Expect(1);
            (await lab.CdnAsync("prewarm", "--site", "pop")).Expect(2);
            (await lab.CdnAsync("prewarm", "status", Guid.NewGuid().ToString("N"))).Expect(1);

            CdnRun failing = (await lab.CdnAsync("prewarm", "--site", "pop", "--url", $"http://{TestNetwork.PopHost}/fail?status=503", "--url", $"http://{TestNetwork.PopHost}/assets/1.bin", "--wait")).Expect(3);
            Assert.Contains("503", failing.Out, StringComparison.Ordinal);

            Processes.Signal(lab.Ready.Pops["grr"].EdgePid, Processes.SigKill);
            CdnRun partial = (await lab.CdnAsync("prewarm", "--site", "pop", "--url", $"http://{TestNetwork.PopHost}/assets/2.bin", "--wait")).Expect(3);
            Assert.Contains("grr/grr1", partial.Error, StringComparison.Ordinal);
        });
    }

    private static string Id(CdnRun run) => run.Expect(0).Json.GetProperty("id").GetString()!;
}
