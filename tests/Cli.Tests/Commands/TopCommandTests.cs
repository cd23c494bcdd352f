using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Tests.Commands;

public sealed class TopCommandTests
{
    private static readonly PopularityView View = new()
    {
        Site = "www", Pop = "waw", Edges = 2, PerMinute = 1200, MissesPerMinute = 300,
        Urls = [new PopularUrl { Url = "http://h/a\u001b[31m", PerMinute = 600, Error = 0, MissesPerMinute = 150, Share = 0.5 }],
    };

    [Fact]
    public async Task The_list_is_shown_with_shares_and_steers_no_terminal()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("GET", "/v1/sites/www/top", View, ContractsJson.Default.PopularityView);
        CliRun run = await api.RunAsync("top", "--site", "www", "-n", "5", "--pop", "waw");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal("/v1/sites/www/top?n=5&pop=waw", api.Requests.Single().Target);
        Assert.Contains("www at waw: 1,200 requests a minute over 2 edges, 25.0 % missed", run.Out, StringComparison.Ordinal);
        Assert.Contains("       600  50.0 %  25.0 %  http://h/a?[31m", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_the_answer_and_an_empty_list_says_why()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("GET", "/v1/sites/www/top", View with { Urls = [], Edges = 0 }, ContractsJson.Default.PopularityView);
        Assert.Contains("edges tell every ten seconds", (await api.RunAsync("top", "--site", "www")).Out, StringComparison.Ordinal);
        Assert.Contains("\"perMinute\":1200", (await api.RunAsync("top", "--site", "www", "--json")).Out, StringComparison.Ordinal);
    }
}
