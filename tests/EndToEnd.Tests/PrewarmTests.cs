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
}
