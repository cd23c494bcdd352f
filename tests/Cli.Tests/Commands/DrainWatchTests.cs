using System.Collections.Immutable;
using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Cli.Tests.Commands;

/// <summary>What is shown of a drain, step by step, by a clock that moves when somebody waits.</summary>
public sealed class DrainWatchTests
{
    private const string Waw = "/v1/pops/waw/drain";

    private static readonly DateTimeOffset Since = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static DrainProgressReply At(DrainAction towards, params DrainStepView[] steps) => new()
    {
        Drain = new PopDrain { Pop = "waw", State = towards == DrainAction.Drain ? DrainState.Draining : DrainState.InService, Version = 1, Since = Since, Who = "ann", Why = "disks" },
        Towards = towards,
        Steps = [.. steps],
    };

    private static DrainStepView Step(DrainStepKind step, DrainStepState state, string detail = "", int? left = null) => new(step, state, detail, left);

    private static DrainStepView Done(DrainStepKind step) => Step(step, DrainStepState.Done, "so it is");

    private static ImmutableArray<DrainProgressReply> ADrain =>
    [
        At(DrainAction.Drain, Step(DrainStepKind.Dns, DrainStepState.UnderWay, "waits for lax/lax1"), Step(DrainStepKind.Deprefer, DrainStepState.UnderWay, "it is being told"), Step(DrainStepKind.Withdraw, DrainStepState.UnderWay, "it is being told")),
        At(DrainAction.Drain, Done(DrainStepKind.Dns), Done(DrainStepKind.Deprefer), Step(DrainStepKind.Withdraw, DrainStepState.UnderWay, "in 2 s", 2)),
        At(DrainAction.Drain, Done(DrainStepKind.Dns), Done(DrainStepKind.Deprefer), Step(DrainStepKind.Withdraw, DrainStepState.UnderWay, "in 1 s", 1)),
        HeldBack("lax1 is to go itself \u001b[31m"),
        At(DrainAction.Drain, Done(DrainStepKind.Dns), Done(DrainStepKind.Deprefer), Done(DrainStepKind.Withdraw)),
    ];

    private static DrainProgressReply HeldBack(string why) =>
        At(DrainAction.Drain, Done(DrainStepKind.Dns), Done(DrainStepKind.Deprefer), Step(DrainStepKind.Withdraw, DrainStepState.HeldBack, why));

    private static async Task<(ScriptedApi Api, Func<string[], Task<CliRun>> Run)> ScriptAsync(IEnumerable<DrainProgressReply> replies, string path = Waw, string post = Waw)
    {
        ScriptedApi api = await ScriptedApi.StartAsync();
        DrainProgressReply[] all = [.. replies];
        int next = 0;
        api.Answers[("GET", path)] = _ => (200, JsonSerializer.Serialize(all[Math.Min(next++, all.Length - 1)], ContractsJson.Default.DrainProgressReply));
        api.Answer("POST", post, new DrainReply { Drain = all[0].Drain, Changed = true, Epoch = 12, Pops = [] }, ContractsJson.Default.DrainReply);
        return (api, args => CliRun.OfAsync([.. args, "--api", api.Url, "--token", ScriptedApi.Token], time: new EagerTime(Since)));
    }

    [Fact]
    public async Task Another_reason_that_holds_it_back_is_another_line_and_the_same_is_none()
    {
        (ScriptedApi api, var run) = await ScriptAsync([.. ADrain[..^1], ADrain[^2], HeldBack("nobody promises to stay"), ADrain[^1]]);
        await using ScriptedApi _ = api;
        CliRun watched = await run(["drain", "waw", "--reason", "disks", "--watch"]);
        Assert.Equal(
            ["held back: lax1 is to go itself ?[31m", "held back: nobody promises to stay"],
            watched.Out.Split('\n').Where(line => line.Contains("held", StringComparison.Ordinal)).Select(line => line[line.IndexOf("held", StringComparison.Ordinal)..].TrimEnd()));
    }

    [Fact]
    public async Task Each_step_is_a_line_when_it_begins_is_held_back_and_is_done()
    {
        (ScriptedApi api, var run) = await ScriptAsync(ADrain);
        await using ScriptedApi _ = api;
        CliRun watched = await run(["drain", "waw", "--reason", "disks", "--watch"]);
        Assert.Equal((0, ""), (watched.ExitCode, watched.Error));
        Assert.Equal(
            """
            PoP waw is draining: DNS sends it no more visitors, its routes follow, and connections after them.
                0 s  DNS              waits for lax/lax1
                0 s  DNS              done: so it is
                0 s  less preferred   done: so it is
                0 s  withdrawn        in 2 s
                1 s  withdrawn        held back: lax1 is to go itself ?[31m
                2 s  withdrawn        done: so it is
            PoP waw is drained after 2 s.

            """,
            watched.Out.Replace('\u001b', '!'));
    }

    [Fact]
    public async Task On_a_terminal_the_step_under_way_is_one_line_that_changes()
    {
        (ScriptedApi api, var run) = await ScriptAsync(ADrain);
        await using ScriptedApi _ = api;
        CliRun watched = await CliRun.OfAsync(["drain", "waw", "--watch", "--api", api.Url, "--token", ScriptedApi.Token], interactive: true, time: new EagerTime(Since));
        Assert.Equal(0, watched.ExitCode);
        Assert.Contains("\r    0 s  withdrawn        in 2 s", watched.Out, StringComparison.Ordinal);
        Assert.Contains("\r    1 s  withdrawn        in 1 s", watched.Out, StringComparison.Ordinal);
        Assert.Contains("\r    2 s  withdrawn        done: so it is\n", watched.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("in 1 s\n", watched.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_one_object_a_line()
    {
        (ScriptedApi api, var run) = await ScriptAsync(ADrain);
        await using ScriptedApi _ = api;
        CliRun watched = await run(["drain", "waw", "--watch", "--json"]);
        DrainProgressReply[] lines = [.. watched.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize(line, ContractsJson.Default.DrainProgressReply)!)];
        Assert.Equal((0, 4), (watched.ExitCode, lines.Length));
        Assert.True(lines[^1].IsDone);
    }

    [Fact]
    public async Task A_drain_that_was_taken_back_ends_with_1_and_says_by_whom()
    {
        (ScriptedApi api, var run) = await ScriptAsync([ADrain[0], At(DrainAction.Undrain, Step(DrainStepKind.Dns, DrainStepState.UnderWay, "x"))]);
        await using ScriptedApi _ = api;
        CliRun watched = await run(["drain", "waw", "--watch"]);
        Assert.Equal((1, "cdn: waw was put in service again meanwhile, by ann (disks)\n"), (watched.ExitCode, watched.Error));
    }

    [Fact]
    public async Task At_the_deadline_it_says_what_it_waits_for_and_that_the_drain_stays()
    {
        (ScriptedApi api, var run) = await ScriptAsync([ADrain[3]]);
        await using ScriptedApi _ = api;
        CliRun watched = await run(["drain", "waw", "--watch", "--deadline", "90m"]);
        Assert.Equal(1, watched.ExitCode);
        Assert.StartsWith("cdn: after 5400 s not done yet. withdrawn: lax1 is to go itself", watched.Error, StringComparison.Ordinal);
        Assert.Contains("'cdn undrain waw' takes it back", watched.Error, StringComparison.Ordinal);
        Assert.Single(watched.Out.Split('\n'), line => line.Contains("held back", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_silo_that_restarts_meanwhile_ends_nothing()
    {
        (ScriptedApi api, var run) = await ScriptAsync(ADrain);
        await using ScriptedApi _ = api;
        Func<string, (int, string)> answer = api.Answers[("GET", Waw)];
        int calls = 0;
        api.Answers[("GET", Waw)] = body => ++calls % 2 == 0 ? (503, "{}") : answer(body);
        Assert.Equal(0, (await run(["drain", "waw", "--watch"])).ExitCode);
    }

    [Fact]
    public async Task Interrupted_the_drain_stays_in_force_and_that_is_said()
    {
        (ScriptedApi api, var run) = await ScriptAsync([ADrain[0]]);
        await using ScriptedApi _ = api;
        using var stop = new CancellationTokenSource();
        Task<CliRun> watching = CliRun.OfAsync(["drain", "waw", "--watch", "--api", api.Url, "--token", ScriptedApi.Token], stop: stop.Token);
        while (!api.Requests.Any(request => request.Method == "GET"))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }

        await stop.CancelAsync();
        CliRun watched = await watching;
        Assert.Equal(1, watched.ExitCode);
        Assert.Contains("cdn: interrupted. The drain stays in force", watched.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(api.Requests, request => request.Target.Contains("undrain", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_way_back_and_one_edge_are_watched_alike()
    {
        (ScriptedApi api, var run) = await ScriptAsync(
            [
                At(DrainAction.Undrain, Step(DrainStepKind.WarmUp, DrainStepState.UnderWay, "is under way"), Step(DrainStepKind.Announce, DrainStepState.Pending), Step(DrainStepKind.Dns, DrainStepState.UnderWay, "not yet")),
                At(DrainAction.Undrain, Done(DrainStepKind.WarmUp), Done(DrainStepKind.Announce), Done(DrainStepKind.Dns)),
            ],
            post: "/v1/pops/waw/undrain");
        await using ScriptedApi _ = api;
        CliRun back = await run(["undrain", "waw", "--watch"]);
        Assert.Equal(0, back.ExitCode);
        Assert.Contains("    0 s  cache warm       is under way\n    0 s  cache warm       done: so it is\n", back.Out, StringComparison.Ordinal);
        Assert.EndsWith("PoP waw is back in service after 0 s.\n", back.Out, StringComparison.Ordinal);

        const string Edge = "/v1/pops/waw/edges/waw2/drain";
        DrainProgressReply edge = At(DrainAction.Drain, Done(DrainStepKind.Dns), Done(DrainStepKind.Connections)) with { Edge = "waw2" };
        (ScriptedApi other, run) = await ScriptAsync([edge], Edge, Edge);
        await using ScriptedApi __ = other;
        Assert.EndsWith("Edge waw/waw2 is drained after 0 s.\n", (await run(["drain", "waw/waw2", "--watch"])).Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("drain", "waw", "--watch", "--wait")]
    [InlineData("drain", "waw", "--deadline", "2m")]
    [InlineData("drain", "waw", "--watch", "--deadline", "2d")]
    public async Task Wrong_usage_ends_with_2(params string[] args)
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        Assert.Equal(2, (await api.RunAsync(args)).ExitCode);
        Assert.Empty(api.Requests);
    }

    /// <summary>Whoever waits has waited: the clock goes on by as much, and by nothing else.</summary>
    private sealed class EagerTime(DateTimeOffset start) : TimeProvider
    {
        private TimeSpan _passed;

        public override DateTimeOffset GetUtcNow() => start + _passed;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _passed.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime > TimeSpan.Zero)
            {
                _passed += dueTime;
                ThreadPool.QueueUserWorkItem(_ => callback(state));
            }

            return new Fired();
        }

        private sealed class Fired : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
