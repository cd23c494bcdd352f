using System.Text.Json;
using OrleansCdn.EndToEnd.Tests.Running;
using Xunit.Abstractions;

namespace OrleansCdn.EndToEnd.Tests;

[Collection(SharedLabCollection.Name)]
public sealed class PurgeTests(SharedLab shared, ITestOutputHelper output)
{
    private RunningLab Lab => shared.Lab;

    [Fact]
    public Task A_tag_is_purged_at_all_three_pops_and_each_asks_the_origin_next() => Lab.RunAsync(output, async () =>
    {
        const string Target = "/cached?max-age=600&tags=news,front";
        Dictionary<string, string> before = await FillAsync(TestNetwork.PopHost, Target);
        long asked = await Lab.OriginCountAsync("/cached");
        CdnRun purge = (await Lab.CdnAsync("purge", "--site", "pop", "--tag", "news", "--wait", "--json")).Expect(0);
        Assert.Equal("Done", purge.Json.GetProperty("state").GetString());
        Assert.Equal(TestNetwork.Pops.Order(), purge.Json.GetProperty("pops").EnumerateArray().Select(p => p.GetProperty("pop").GetString()).Order());
        foreach (string pop in TestNetwork.Pops)
        {
            Assert.NotEqual(before[pop], await Lab.TextAsync(pop, TestNetwork.PopHost, Target));
        }

        Assert.Equal(asked + TestNetwork.Pops.Length, await Lab.OriginCountAsync("/cached"));
    });

    [Fact]
    public Task Other_tags_and_other_sites_stay() => Lab.RunAsync(output, async () =>
    {
        const string Target = "/cached?max-age=600&tags=stays";
        Dictionary<string, string> pop = await FillAsync(TestNetwork.PopHost, Target);
        Dictionary<string, string> cluster = await FillAsync(TestNetwork.ClusterHost, Target);
        (await Lab.CdnAsync("purge", "--site", "pop", "--tag", "other", "--wait")).Expect(0);
        (await Lab.CdnAsync("purge", "--site", "shield", "--tag", "stays", "--wait")).Expect(0);
        Assert.Equal(pop["lax"], await Lab.TextAsync("lax", TestNetwork.PopHost, Target));
        Assert.Equal(cluster["lax"], await Lab.TextAsync("lax", TestNetwork.ClusterHost, Target));
    });

    [Fact]
    public Task With_cluster_scope_nobody_gets_the_purged_version_from_another_pop() => Lab.RunAsync(output, async () =>
    {
        const string Target = "/cached?max-age=600&tags=shared";
        Dictionary<string, string> before = await FillAsync(TestNetwork.ClusterHost, Target);
        (await Lab.CdnAsync("purge", "--site", "cluster", "--tag", "shared", "--wait")).Expect(0);
        foreach (string pop in TestNetwork.Pops)
        {
            Assert.DoesNotContain(await Lab.TextAsync(pop, TestNetwork.ClusterHost, Target), before.Values);
        }
    });

    [Fact]
    public Task A_url_is_purged_and_its_neighbours_stay() => Lab.RunAsync(output, async () =>
    {
        const string Target = "/cached?max-age=600&n=1";
        const string Neighbour = "/cached?max-age=600&n=2";
        Dictionary<string, string> before = await FillAsync(TestNetwork.PopHost, Target);
        Dictionary<string, string> neighbour = await FillAsync(TestNetwork.PopHost, Neighbour);
        (await Lab.CdnAsync("purge", "--site", "pop", "--url", $"http://{TestNetwork.PopHost}{Target}", "--wait")).Expect(0);
        foreach (string pop in TestNetwork.Pops)
        {
            Assert.NotEqual(before[pop], await Lab.TextAsync(pop, TestNetwork.PopHost, Target));
            Assert.Equal(neighbour[pop], await Lab.TextAsync(pop, TestNetwork.PopHost, Neighbour));
        }
    });

    [Fact]
    public Task A_prefix_and_a_host_are_purged_at_every_pop() => Lab.RunAsync(output, async () =>
    {
        const string Target = "/cached?max-age=600&prefix=1";
        const string Outside = "/cached?max-age=601&prefix=1";
        Dictionary<string, string> target = await FillAsync(TestNetwork.PopHost, Target);
        Dictionary<string, string> outside = await FillAsync(TestNetwork.PopHost, Outside);
        Dictionary<string, string> other = await FillAsync(TestNetwork.ClusterHost, Target);
        (await Lab.CdnAsync("purge", "--site", "pop", "--prefix", $"https://{TestNetwork.PopHost}/cached?max-age=600&p", "--wait")).Expect(0);
        foreach (string pop in TestNetwork.Pops)
        {
            Assert.NotEqual(target[pop], await Lab.TextAsync(pop, TestNetwork.PopHost, Target));
            Assert.Equal(outside[pop], await Lab.TextAsync(pop, TestNetwork.PopHost, Outside));
        }

        (await Lab.CdnAsync("purge", "--site", "pop", "--host", TestNetwork.PopHost, "--wait")).Expect(0);
        foreach (string pop in TestNetwork.Pops)
        {
            Assert.NotEqual(outside[pop], await Lab.TextAsync(pop, TestNetwork.PopHost, Outside));
            Assert.Equal(other[pop], await Lab.TextAsync(pop, TestNetwork.ClusterHost, Target));
        }
    });

    [Fact]
    public Task A_soft_purge_revalidates() => Lab.RunAsync(output, async () =>
    {
        const string Path = "/assets/5k.bin";
        await Lab.TextAsync("grr", TestNetwork.PopHost, Path);
        (await Lab.CdnAsync("purge", "--site", "pop", "--tag", "assets-5k", "--soft", "--wait")).Expect(0);
        using HttpResponseMessage answer = await Lab.GetAsync("grr", TestNetwork.PopHost, Path);
        Assert.Equal(5 * 1024, (await answer.Content.ReadAsByteArrayAsync()).Length);
        await Wait.UntilAsync("the origin is asked again", async () => await Lab.OriginCountAsync(Path) == 2);
    });

    [Fact]
    public Task A_purge_can_be_asked_for_later() => Lab.RunAsync(output, async () =>
    {
        string id = (await Lab.CdnAsync("purge", "--site", "pop", "--tag", "later", "--wait", "--json")).Expect(0).Json.GetProperty("id").GetString()!;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Lab.Ready.Api}/v1/purges/{id}");
        request.Headers.Authorization = new("Bearer", Lab.Ready.Token);
        using HttpResponseMessage answer = await Lab.Http.SendAsync(request);
        using JsonDocument state = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal("Done", state.RootElement.GetProperty("state").GetString());
    });

    /// <summary>Asks twice at each PoP; the second answer is the stored first.</summary>
    private async Task<Dictionary<string, string>> FillAsync(string host, string target)
    {
        var answers = new Dictionary<string, string>();
        foreach (string pop in TestNetwork.Pops)
        {
            answers[pop] = await Lab.TextAsync(pop, host, target);
            Assert.Equal(answers[pop], await Lab.TextAsync(pop, host, target));
        }

        return answers;
    }
}
