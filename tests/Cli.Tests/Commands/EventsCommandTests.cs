using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Tests.Commands;

public sealed class EventsCommandTests
{
    private static readonly EventsReply Reply = new()
    {
        Events =
        [
            new() { Id = 7, When = DateTimeOffset.UnixEpoch, Kind = EventKind.Drain, Severity = EventSeverity.Warning, Pop = "waw", What = "PoP drained (change 1)", Why = "new\u001b disks", Who = "ops", Count = 1 },
            new()
            {
                Id = 8, When = DateTimeOffset.UnixEpoch, Kind = EventKind.SessionLost, Severity = EventSeverity.Problem, Pop = "lax", Edge = "lax1", Upstream = "vultr",
                What = "session lost", Count = 3, Last = DateTimeOffset.UnixEpoch.AddMinutes(1),
            },
        ],
        Next = 9,
        Oldest = 7,
    };

    [Fact]
    public async Task Shows_what_happened_where_by_whom_and_why()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("GET", ApiRoutes.Events, Reply, ContractsJson.Default.EventsReply);
        CliRun run = await api.RunAsync("events", "--pop", "w&w", "--kind", "sessionlost", "--since", "1h", "--limit", "5");
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith(ApiRoutes.Events + "?limit=5&pop=w%26w&kind=SessionLost&since=", Assert.Single(api.Requests).Target, StringComparison.Ordinal);
        string[] lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("1970-01-01 00:00:00Z  warning  waw PoP drained (change 1), by ops: new? disks", lines[0]);
        Assert.Equal("1970-01-01 00:00:00Z  problem  lax/lax1/vultr session lost (3 times, last 1970-01-01 00:01:00Z)", lines[1]);
    }

    [Fact]
    public async Task As_json_it_is_the_answer()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("GET", ApiRoutes.Events, Reply, ContractsJson.Default.EventsReply);
        CliRun run = await api.RunAsync("events", "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal([7, 8], JsonSerializer.Deserialize(run.Out, ContractsJson.Default.EventsReply)!.Events.Select(e => e.Id));
    }

    [Fact]
    public async Task Following_goes_on_where_the_answer_ended_over_a_silo_that_fails_and_ends_when_it_is_refused()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        int asked = 0;
        EventsReply later = Reply with { Events = [Reply.Events[0] with { Id = 12, What = "later" }], Next = 12, Oldest = 11 };
        api.Answers[("GET", ApiRoutes.Events)] = _ => ++asked switch
        {
            1 => (200, JsonSerializer.Serialize(Reply, ContractsJson.Default.EventsReply)),
            2 => (503, JsonSerializer.Serialize(new ApiProblem { Status = 503, Detail = "starting" }, ContractsJson.Default.ApiProblem)),
            3 => (200, JsonSerializer.Serialize(later, ContractsJson.Default.EventsReply)),
            _ => (403, JsonSerializer.Serialize(new ApiProblem { Status = 403, Detail = "no more" }, ContractsJson.Default.ApiProblem)),
        };
        CliRun run = await api.RunAsync("events", "--follow", "--json");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("no more", run.Error, StringComparison.Ordinal);
        Assert.Contains("some events are missing", run.Error, StringComparison.Ordinal);
        long[] ids = [.. run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(3).Select(line => JsonSerializer.Deserialize(line, ContractsJson.Default.CdnEvent)!.Id)];
        Assert.Equal([7, 8, 12], ids);
        string[] targets = [.. api.Requests.Select(r => r.Target)];
        Assert.DoesNotContain("after", targets[0], StringComparison.Ordinal);
        Assert.All(targets[1..3], target => Assert.EndsWith("&after=9&waitMs=20000", target, StringComparison.Ordinal));
        Assert.EndsWith("&after=12&waitMs=20000", targets[3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--limit", "0")]
    [InlineData("--limit", "1001")]
    [InlineData("--kind", "7")]
    [InlineData("--kind", "nonsense")]
    [InlineData("--since", "yesterday")]
    public async Task What_is_no_question_is_not_sent(string option, string value)
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        Assert.Equal(2, (await api.RunAsync("events", option, value)).ExitCode);
        Assert.Empty(api.Requests);
    }
}
