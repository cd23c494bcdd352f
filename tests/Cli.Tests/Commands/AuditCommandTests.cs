using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Cli.Tests.Commands;

public sealed class AuditCommandTests
{
    private static readonly AuditReply Reply = new()
    {
        Entries =
        [
            new()
            {
                When = DateTimeOffset.UnixEpoch, Who = "deploy", From = "192.0.2.7", Action = AuditAction.Purge, Outcome = AuditOutcome.Done,
                Id = "e-1", Site = "www", Kind = PurgeKind.Tag, Soft = true, Count = 40, Values = ["[red]"],
            },
            new() { When = DateTimeOffset.UnixEpoch, Who = "ops", Action = AuditAction.Apply, Outcome = AuditOutcome.Done, Id = "7", Count = 2, Detail = "why not" },
        ],
        Next = "3.2.1",
    };

    [Fact]
    public async Task Shows_who_did_what_and_that_there_is_more()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("GET", ApiRoutes.Audit, Reply, ContractsJson.Default.AuditReply);
        CliRun run = await api.RunAsync("audit", "--site", "w&w", "--who", "deploy", "--limit", "5", "--after", "9.9.9", "--since", "2h");
        Assert.Equal(0, run.ExitCode);
        string target = Assert.Single(api.Requests).Target;
        Assert.StartsWith(ApiRoutes.Audit + "?limit=5&site=w%26w&who=deploy&since=", target, StringComparison.Ordinal);
        Assert.EndsWith("&after=9.9.9", target, StringComparison.Ordinal);
        foreach (string part in new[] { "192.0.2.7", "soft", "[red]", "why" })
        {
            Assert.Contains(part, run.Out, StringComparison.Ordinal);
        }

        Assert.Contains("--after 3.2.1", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_options_the_newest_are_shown()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("GET", ApiRoutes.Audit, Reply, ContractsJson.Default.AuditReply);
        Assert.Equal(0, (await api.RunAsync("audit")).ExitCode);
        Assert.Equal($"{ApiRoutes.Audit}?limit={AuditReply.DefaultLimit}", Assert.Single(api.Requests).Target);
    }

    [Theory]
    [InlineData("--limit", "0")]
    [InlineData("--limit", "1001")]
    [InlineData("--since", "yesterday")]
    [InlineData("--since", "0s")]
    public async Task What_is_no_question_is_not_sent(string option, string value)
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        Assert.Equal(2, (await api.RunAsync("audit", option, value)).ExitCode);
        Assert.Empty(api.Requests);
    }
}
