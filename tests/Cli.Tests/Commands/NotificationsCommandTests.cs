using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Tests.Commands;

public sealed class NotificationsCommandTests
{
    private const string TestOps = "/v1/notifications/ops/test";

    private static readonly NotificationsReply Reply = new()
    {
        Webhooks =
        [
            new() { Name = "ops", Target = "https://hooks.example.net/", State = WebhookState.UpToDate, Cursor = 9, Pending = 0, Missed = 0, Failures = 0 },
            new()
            {
                Name = "chat", Target = "file /etc/cdn/chat.url", State = WebhookState.Refused, Cursor = 5, Pending = 1200, Missed = 50, Failures = 4,
                LastFailure = new WebhookFailure(DateTimeOffset.UnixEpoch, DeliveryOutcome.Refused, "answered 410, gone\u001b[31m"),
            },
        ],
    };

    private static WebhookTestReply Tested(DeliveryOutcome outcome, string evidence) => new() { Name = "ops", Outcome = outcome, Evidence = evidence, Milliseconds = 12 };

    [Fact]
    public async Task Shows_how_each_is_and_what_failed()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("GET", ApiRoutes.Notifications, Reply, ContractsJson.Default.NotificationsReply);
        CliRun run = await api.RunAsync("notifications", "list");
        Assert.Equal(0, run.ExitCode);
        string[] lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("ops: up to date; 0 wait, no delivery yet  https://hooks.example.net/", lines[0]);
        Assert.Equal("chat: takes nothing until it is mended, 4 attempts in a row; 1,200 wait, 50 of all kinds forgotten, no delivery yet  file /etc/cdn/chat.url", lines[1]);
        Assert.EndsWith(": answered 410, gone?[31m (refused)", lines[2], StringComparison.Ordinal);
        Assert.Equal(3, lines.Length);
        CliRun json = await api.RunAsync("notifications", "list", "--json");
        Assert.Equal(["ops", "chat"], JsonSerializer.Deserialize(json.Out, ContractsJson.Default.NotificationsReply)!.Webhooks.Select(w => w.Name));
    }

    [Fact]
    public async Task One_that_fails_says_when_it_is_tried_again()
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        WebhookStatus failing = new()
        {
            Name = "ops", Target = "https://hooks.example.net/", State = WebhookState.Failing, Cursor = 9, Pending = 3, Missed = 0, Failures = 2,
            LastSuccess = now.AddHours(-10), LastFailure = new WebhookFailure(now.AddHours(-3), DeliveryOutcome.TimedOut, "no answer within 5s"), NextAttempt = now.AddHours(5),
        };
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer(
            "GET", ApiRoutes.Notifications, new NotificationsReply { Webhooks = [failing, failing with { State = WebhookState.Behind, NextAttempt = now.AddHours(-1) }] },
            ContractsJson.Default.NotificationsReply);
        CliRun run = await api.RunAsync("notifications", "list");
        Assert.Equal(
            """
            ops: failing, 2 attempts in a row; 3 wait, last delivery 10 h ago  https://hooks.example.net/
              last failure 3 h ago: no answer within 5s (too slow), next attempt in 5 h
            ops: events are on their way; 3 wait, last delivery 10 h ago  https://hooks.example.net/
              last failure 3 h ago: no answer within 5s (too slow)

            """, run.Out);
    }

    [Fact]
    public async Task A_test_that_is_taken_ends_with_0_and_one_that_is_not_with_1_and_why()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("POST", TestOps, Tested(DeliveryOutcome.Delivered, "answered 204"), ContractsJson.Default.WebhookTestReply);
        CliRun run = await api.RunAsync("notifications", "test", "ops");
        Assert.Equal((0, "Webhook ops has taken a test message (answered 204, 12 ms).\n", ""), (run.ExitCode, run.Out, run.Error));

        api.Answer("POST", TestOps, Tested(DeliveryOutcome.NotAllowed, "'a' leads to 10.0.0.1"), ContractsJson.Default.WebhookTestReply);
        run = await api.RunAsync("notifications", "test", "ops");
        Assert.Equal((1, ""), (run.ExitCode, run.Out));
        Assert.Equal("cdn: webhook ops has not taken a test message: 'a' leads to 10.0.0.1 (address not allowed, 12 ms)\n", run.Error);
        run = await api.RunAsync("notifications", "test", "ops", "--json");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(DeliveryOutcome.NotAllowed, JsonSerializer.Deserialize(run.Out, ContractsJson.Default.WebhookTestReply)!.Outcome);
    }

    [Fact]
    public async Task One_that_is_none_ends_with_1()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Refuse("POST", TestOps, 404, new ApiProblem { Status = 404, Detail = "There is no such webhook; the config has 'chat'." });
        CliRun run = await api.RunAsync("notifications", "test", "ops");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("the config has 'chat'", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("notifications")]
    [InlineData("notifications", "test")]
    [InlineData("notifications", "test", "")]
    [InlineData("notifications", "list", "ops")]
    public async Task Wrong_usage_ends_with_2_and_asks_nobody(params string[] args)
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        Assert.Equal(2, (await api.RunAsync(args)).ExitCode);
        Assert.Empty(api.Requests);
    }
}
