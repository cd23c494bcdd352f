using System.Text.Json;
using OrleansCdn.Cli.LabInternet;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Internet.Catchments;

namespace OrleansCdn.Cli.Tests.LabInternet;

public sealed class LabInternetTests
{
    private const string London = "Thames Broadband";

    [Fact]
    public async Task What_announcers_say_decides_who_reaches_which_PoP()
    {
        await using LoopbackInternet internet = await LoopbackInternet.StartAsync();
        InternetReply all = await internet.UntilAsync("every route", r => r.Neighbors.All(n => n.Routes.Length == 1) && From(r, "Maipo Cable")?.Pop is not null);
        Assert.Equal(["waw/vultr", "lax/vultr", "grr/hurricane-electric", "grr/123net"], all.Neighbors.Select(n => $"{n.Pop}/{n.Upstream}"));
        Assert.Equal([20473u, 20473u, 6939u, 12129u], all.Neighbors.Select(n => n.NetworkAsn));
        ReceivedRoute lax = Assert.Single(all.Neighbors[1].Routes);
        Assert.Equal("64500", string.Join(' ', lax.AsPath));
        Assert.Contains(Community.Parse("64600:2914"), lax.Communities);
        Assert.Equal("64500 64500", string.Join(' ', Assert.Single(all.Neighbors[2].Routes).AsPath));
        InternetReply settled = await internet.UntilAsync("London in Warsaw", r => From(r, London)?.Pop == "waw");
        Assert.All(settled.Prefixes[0].Vantages.Where(v => v.Region == "Europe"), v => Assert.Equal("waw", v.Pop));

        // NTT hears of Los Angeles again: London follows, and the last change says so.
        internet.Announcers["lax/vultr"].Set(new RouteIntent { Carriers = [new CarrierIntent(2914, 0, Withdraw: false)] });
        InternetReply changed = await internet.UntilAsync("London in Los Angeles", r => From(r, London)?.Pop == "lax");
        Assert.Contains(changed.Changes[^1].Moved, m => m is { Name: London, From: "waw", To: "lax" });
        Assert.Contains(changed.Changes[^1].What, w => w.StartsWith("lax/vultr: lax1 announces 2001:db8:1000::/48, path 64500, ", StringComparison.Ordinal));

        // An announcer that is gone takes its routes with it.
        await internet.Announcers["lax/vultr"].DisposeAsync();
        InternetReply without = await internet.UntilAsync("London in Warsaw again", r => From(r, London)?.Pop == "waw");
        Assert.Empty(without.Neighbors[1].Routes);
        Assert.NotEqual(BgpState.Established, without.Neighbors[1].State);
        Assert.Contains("lax/vultr: session with lax1 down, 1 route gone with it", without.Changes.SelectMany(c => c.What));
    }

    [Fact]
    public async Task The_command_shows_it_to_people_and_programs()
    {
        await using LoopbackInternet internet = await LoopbackInternet.StartAsync();
        await internet.UntilAsync("London in Warsaw", r => r.Neighbors.All(n => n.Routes.Length == 1) && r.Prefixes.All(p => p.Vantages.All(v => v.Pop is not null)) && From(r, London)?.Pop == "waw");
        CliRun run = await CliRun.OfAsync(["internet", "--url", internet.Url]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches("Thames Broadband +│ London, Europe +│ waw +│ NTT, Cogent, Vultr +│ 2914 174 20473 64500", run.Out);
        Assert.Matches(@"lax +│ lax1 +│ vultr +│ Vultr \(AS20473\) +│ Established +│ [0-9:]+ +│ 2001:db8:1000::/48  64500, 64600:2914", run.Out);
        Assert.Contains("Last change, ", run.Out, StringComparison.Ordinal);
        run = await CliRun.OfAsync(["internet", "--json"], variables: new() { ["CDN_INTERNET"] = internet.Url });
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(28, JsonDocument.Parse(run.Out).RootElement.GetProperty("prefixes")[0].GetProperty("vantages").GetArrayLength());

        await internet.Announcers["waw/vultr"].DisposeAsync();
        await internet.UntilAsync("a session down", r => r.Neighbors[0].State != BgpState.Established);
        run = await CliRun.OfAsync(["internet", "--url", internet.Url]);
        Assert.Equal(3, run.ExitCode);
    }

    [Theory]
    [InlineData(new[] { "internet", "--url", "http://127.0.0.1:1" }, 1, "no internet at http://127.0.0.1:1/")]
    [InlineData(new[] { "internet", "--url", "ftp://x" }, 2, "'ftp://x' is not a URL")]
    [InlineData(new[] { "internet", "--watch" }, 2, "--watch is for a terminal")]
    public async Task Without_one_it_says_so(string[] args, int exitCode, string error)
    {
        CliRun run = await CliRun.OfAsync(args);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(error, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silos_API_is_no_internet()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        CliRun run = await CliRun.OfAsync(["internet", "--url", api.Url]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("no internet at", run.Error, StringComparison.Ordinal);
    }

    private static Catchment? From(InternetReply reply, string name) => reply.Prefixes.SelectMany(p => p.Vantages).FirstOrDefault(v => v.Name == name);
}
