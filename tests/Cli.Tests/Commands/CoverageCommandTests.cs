using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Cli.Tests.Commands;

public sealed class CoverageCommandTests
{
    private static EdgeCoverage Answered(string edge, Coverage? coverage = null) => new()
    {
        Edge = edge,
        Outcome = AnswerOutcome.Answered,
        Coverage = coverage ?? new Coverage
        {
            Memory = new CoveredTier(1, 2048, 10, 10, true, ["http://h/a\u001b[31m"]),
            Disk = new CoveredTier(1200, 5 << 20, 4000, 4000, true, ["http://h/a\u001b[31m", "http://h/b"]),
        },
    };

    private static CoverageReply Reply(bool isComplete, params EdgeCoverage[] edges) =>
        new() { Site = "www", IsComplete = isComplete, Pops = [new PopCoverage("waw", [.. edges])] };

    [Fact]
    public async Task A_dry_run_shows_what_would_go_and_steers_no_terminal()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("POST", ApiRoutes.Purges, Reply(true, Answered("waw1")), ContractsJson.Default.CoverageReply);
        CliRun run = await api.RunAsync("purge", "--site", "www", "--tag", "a", "--dry-run");
        Assert.True(run.ExitCode == 0, run.Error);
        PurgeRequest sent = JsonSerializer.Deserialize(api.Requests.Single().Body, ContractsJson.Default.PurgeRequest)!;
        Assert.True(sent is { DryRun: true, Kind: PurgeKind.Tag, Site: "www" });
        Assert.Equal(
            "waw/waw1: 1 object, 2.0 KiB in memory; 1,200 objects, 5.0 MiB on disk\n  http://h/a?[31m\n  http://h/b\n", run.Out.ReplaceLineEndings("\n"));
        Assert.Equal(2, (await api.RunAsync("purge", "--site", "www", "--tag", "a", "--dry-run", "--wait")).ExitCode);
    }

    [Fact]
    public async Task Tags_are_listed_with_their_uses()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        var coverage = new Coverage
        {
            Memory = new CoveredTier(3, 10, 5, 9, false, []), Tags = [new TagUse("news\u0007", 3, 1)], TagCount = 1234, IsTagCountLeast = true, Note = "slow",
        };
        api.Answer("GET", "/v1/sites/www/tags", Reply(false, Answered("waw1", coverage)), ContractsJson.Default.CoverageReply);
        CliRun run = await api.RunAsync("tags", "--site", "www", "--tag", "a b", "--pop", "waw");
        Assert.Equal("/v1/sites/www/tags?tag=a%20b&pop=waw", api.Requests.Single().Target);
        Assert.Equal(3, run.ExitCode);
        foreach (string part in (string[])["at least 3 objects, 10 B (5 of 9 looked at) in memory", "note: slow", "at least 1,234 different tags", "3          1  news?"])
        {
            Assert.Contains(part, run.Out, StringComparison.Ordinal);
        }

        Assert.Contains("counts are the least", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edges_that_do_not_answer_are_named()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        var away = new EdgeCoverage { Edge = "waw2", Outcome = AnswerOutcome.NotConnected };
        api.Answer("GET", "/v1/sites/www/tags", Reply(false, Answered("waw1"), away), ContractsJson.Default.CoverageReply);
        CliRun run = await api.RunAsync("tags", "--site", "www", "--json");
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("no answer from waw/waw2 (not connected)", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, JsonSerializer.Deserialize(run.Out, ContractsJson.Default.CoverageReply)!.Pops[0].Edges.Length);
        api.Answer("GET", "/v1/sites/www/tags", Reply(false, away), ContractsJson.Default.CoverageReply);
        Assert.Equal(1, (await api.RunAsync("tags", "--site", "www")).ExitCode);
    }
}
