using System.Text.Json;
using OrleansCdn.EndToEnd.Tests.Running;
using Xunit.Abstractions;

namespace OrleansCdn.EndToEnd.Tests;

[Collection(SharedLabCollection.Name)]
public sealed class ConfigTests(SharedLab shared, ITestOutputHelper output)
{
    private RunningLab Lab => shared.Lab;

    [Fact]
    public Task A_change_is_shown_applied_and_rolled_back() => Lab.RunAsync(output, async () =>
    {
        string before = (await Lab.CdnAsync("config", "show")).Expect(0).Out;
        long version = (await Lab.StatusAsync()).GetProperty("configVersion").GetInt64();
        string file = Path.Combine(Lab.Data, "changed.yaml");
        await File.WriteAllTextAsync(file, before.Replace("hosts: [pop.test]", "hosts: [pop.test, more.test]", StringComparison.Ordinal));

        CdnRun dry = (await Lab.CdnAsync("apply", file, "--dry-run")).Expect(0);
        Assert.Contains("sites.pop.hosts", dry.Out, StringComparison.Ordinal);
        (await Lab.CdnAsync("apply", file)).Expect(2);
        Assert.Equal(version, (await Lab.StatusAsync()).GetProperty("configVersion").GetInt64());

        JsonElement applied = (await Lab.CdnAsync("apply", file, "--yes", "--why", "one more host", "--json")).Expect(0).Json;
        Assert.Equal(version + 1, applied.GetProperty("version").GetInt64());
        await Wait.UntilAsync("the new host is served", async () => await StatusOfAsync("more.test") == 200);

        JsonElement history = (await Lab.CdnAsync("config", "history", "--json")).Expect(0).Json;
        Assert.Contains(history.GetProperty("versions").EnumerateArray(), v => v.TryGetProperty("why", out JsonElement why) && why.GetString() == "one more host");

        (await Lab.CdnAsync("config", "rollback", $"{version}", "--yes")).Expect(0);
        Assert.Equal(before, (await Lab.CdnAsync("config", "show")).Expect(0).Out);
        await Wait.UntilAsync("the host is gone again", async () => await StatusOfAsync("more.test") == 421);
    });

    [Fact]
    public async Task Seven_mistakes_are_seven_lines()
    {
        string file = Path.Combine(Lab.Data, "seven.yaml");
        await File.WriteAllTextAsync(file, TestNetwork.Yaml
            .Replace("latitude: 52.23", "latitude: 152.23", StringComparison.Ordinal)
            .Replace("country: US, continent: NA }\n    edges: [ { name: lax1", "country: USA, continent: NA }\n    edges: [ { name: lax1", StringComparison.Ordinal)
            .Replace("name: grr1", "name: waw1", StringComparison.Ordinal)
            .Replace("hosts: [pop.test]", "host: [pop.test]", StringComparison.Ordinal)
            .Replace("coalescing: cluster", "coalescing: everywhere", StringComparison.Ordinal)
            .Replace("shield: waw", "shield: ams", StringComparison.Ordinal)
            .Replace("hosts: [cluster.test]", "hosts: [\"http://cluster.test\"]", StringComparison.Ordinal));
        CdnRun run = await Lab.CdnAsync("apply", file, "--yes");
        run.Expect(1);
        output.WriteLine(run.Error);
        string[] places = [.. run.Error.Split('\n').Where(l => l.Contains("seven.yaml:", StringComparison.Ordinal))];
        Assert.Equal(7, places.Length);
        Assert.Contains("7 mistakes", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public Task Status_knows_every_edge() => Lab.RunAsync(output, async () =>
    {
        CdnRun table = (await Lab.CdnAsync("status")).Expect(0);
        Assert.All((string[])["waw1", "lax1", "grr1", "connected"], text => Assert.Contains(text, table.Out, StringComparison.Ordinal));
        JsonElement status = await Lab.StatusAsync();
        Assert.Equal(TestNetwork.Pops, status.GetProperty("pops").EnumerateArray().Select(p => p.GetProperty("id").GetString()));
    });

    private async Task<int> StatusOfAsync(string host)
    {
        using HttpResponseMessage answer = await Lab.GetAsync("grr", host, "/");
        return (int)answer.StatusCode;
    }
}
