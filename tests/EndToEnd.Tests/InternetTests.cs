using System.Text.Json;
using OrleansCdn.Cli.LabInternet;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.EndToEnd.Tests.Running;
using OrleansCdn.Internet.Catchments;
using Xunit.Abstractions;

namespace OrleansCdn.EndToEnd.Tests;

/// <summary>The example network with its announcers and the lab's internet: what operators do, and who ends up where.</summary>
public sealed class InternetTests(ITestOutputHelper output)
{
    private const string London = "Thames Broadband";

    private static readonly string Example = Path.Combine(Built.Root, "examples", "three-pops.yaml");

    [Fact]
    public async Task A_route_change_moves_visitors_as_it_was_predicted()
    {
        await using RunningLab lab = await RunningLab.StartAsync(null, "--config", Example);
        await lab.RunAsync(output, async () =>
        {
            InternetReply first = await LookAsync(lab, 0);
            Assert.Equal(4, first.Neighbors.Count(n => n is { State: BgpState.Established, Routes.Length: 1 }));
            Assert.All(lab.Ready.Pops.Values, p => Assert.NotNull(p.AnnouncerPid));
            Assert.Equal("waw", From(first, London));

            await ChangeAsync(lab, "announce", "waw", "lax");
            await ChangeAsync(lab, "withdraw", "lax", "waw");
        });
    }

    [Fact]
    public async Task An_announcer_takes_its_routes_with_it_and_a_silo_none()
    {
        await using RunningLab lab = await RunningLab.StartAsync(null, "--config", Example, "--no-restart");
        await lab.RunAsync(output, async () =>
        {
            InternetReply before = await LookAsync(lab, 0);
            string announcer = $"http://127.0.0.1:{new Uri("http://" + lab.Ready.Pops["waw"].Http).Port + 5}/status";
            string connected = await FeedStateAsync(lab, announcer);
            Processes.Signal(lab.Ready.SiloPid, Processes.SigKill);
            await Wait.UntilAsync("the announcer misses its silo", async () => await FeedStateAsync(lab, announcer) != connected);
            InternetReply without = await LookAsync(lab, 0);
            Assert.Equal(before.Neighbors.Select(n => (n.Pop, n.Upstream, n.State, n.Since)), without.Neighbors.Select(n => (n.Pop, n.Upstream, n.State, n.Since)));
            Assert.All(without.Neighbors, n => Assert.Single(n.Routes));
            Assert.Equal(before.Changes.Length, without.Changes.Length);

            Assert.Contains(before.Prefixes[0].Vantages, v => v.Pop == "lax");
            Processes.Signal(lab.Ready.Pops["lax"].AnnouncerPid!.Value, Processes.SigKill);
            await Wait.UntilAsync("nobody reaches Los Angeles", async () => (await LookAsync(lab)).Prefixes[0].Vantages.All(v => v.Pop is "waw" or "grr"));
            InternetReply gone = await LookAsync(lab, 3);
            NeighborView lax = Assert.Single(gone.Neighbors, n => n.State != BgpState.Established);
            Assert.Equal(("lax", 0), (lax.Pop, lax.Routes.Length));
            Assert.Contains(gone.Changes[^1].What, w => w.Contains("session with lax1 down, 1 route gone with it", StringComparison.Ordinal));
        });
    }

    /// <summary>Asks what would be, does it, and compares.</summary>
    private static async Task ChangeAsync(RunningLab lab, string what, string from, string to)
    {
        string[] change = ["lax", "--carrier", "2914", what];
        InternetReply before = await LookAsync(lab, 0);
        Assert.Equal(from, From(before, London));
        JsonElement shown = (await lab.CdnAsync(["route", "whatif", .. change, "--json"])).Expect(0).Json.GetProperty("prefixes")[0].GetProperty("shown");
        Assert.Equal(before.Prefixes[0].Vantages.Select(Text), shown.EnumerateArray().Select(s => Text(s.GetProperty("before"))));
        (await lab.CdnAsync(["route", "set", .. change, "--why", "a test", "--yes", "--wait"])).Expect(0);
        await Wait.UntilAsync($"London in {to}", async () => From(await LookAsync(lab), London) == to);
        InternetReply after = await LookAsync(lab, 0);
        Assert.Equal(after.Prefixes[0].Vantages.Select(Text), shown.EnumerateArray().Select(s => Text(s.GetProperty("after"))));
        Assert.Contains(after.Changes[^1].Moved, m => m.Name == London && m.From == from && m.To == to);
        Assert.Contains("lax/vultr: lax1 announces 2001:db8:1000::/48", string.Join('\n', after.Changes[^1].What), StringComparison.Ordinal);
    }

    private static async Task<InternetReply> LookAsync(RunningLab lab, int? exitCode = null)
    {
        CdnRun run = await CdnRun.OfAsync("internet", "--url", lab.Ready.Internet!, "--json");
        return JsonSerializer.Deserialize((exitCode is { } expected ? run.Expect(expected) : run).Out, LabInternetJson.Default.InternetReply)!;
    }

    private static async Task<string> FeedStateAsync(RunningLab lab, string status)
    {
        using JsonDocument answer = JsonDocument.Parse(await lab.Http.GetStringAsync(status));
        return answer.RootElement.GetProperty("feed").GetProperty("state").ToString();
    }

    private static string? From(InternetReply reply, string name) => reply.Prefixes.SelectMany(p => p.Vantages).Single(v => v.Name == name).Pop;

    private static string Text(Catchment catchment) => $"{catchment.Name} {catchment.Pop} {catchment.AsPath}";

    private static string Text(JsonElement catchment) =>
        $"{catchment.GetProperty("name").GetString()} {catchment.GetProperty("pop").GetString()} {catchment.GetProperty("asPath").GetString()}";
}
