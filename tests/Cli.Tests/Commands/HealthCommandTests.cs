using System.Collections.Immutable;
using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Cli.Tests.Commands;

public sealed class HealthCommandTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static HealthServer Server(HealthVerdict verdict, params ImmutableArray<HealthCheckStatus> checks) => new()
    {
        Server = "waw1",
        Verdict = verdict,
        EdgeConnected = true,
        AnnouncerConnected = true,
        AnnouncerLastSeen = Now,
        Sessions = 2,
        Established = 1,
        Failover = new FailoverStatus
        {
            Phase = FailoverPhase.Announced, Level = AnnouncementLevel.Normal, Since = Now.AddMinutes(-5), Why = "its edge answers", OrdersVersion = 0, Checks = checks,
        },
    };

    private static HealthReply Reply(params ImmutableArray<HealthServer> servers) => new() { When = Now, ConfigVersion = 3, Pops = [new HealthPop { Pop = "waw", Servers = servers }] };

    private static async Task<CliRun> RunAsync(HealthReply reply, params string[] args)
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("GET", ApiRoutes.Servers, reply, ContractsJson.Default.HealthReply);
        return await api.RunAsync(["health", .. args]);
    }

    [Fact]
    public async Task Everything_that_was_seen_is_shown_and_what_needs_a_look_is_no_failure()
    {
        HealthServer server = Server(
            HealthVerdict.NeedsLook,
            new HealthCheckStatus("http", true, true, "http://192.0.2.1/: answered in 1 ms", Now.AddHours(-1)),
            new HealthCheckStatus("disk", false, false, "1 MiB of 10 GiB free at /data\u001b[2J", Now.AddSeconds(-90))) with
        {
            SeenBy = [new HealthSeenBy("lax/lax1", true), new HealthSeenBy("grr/grr1", false)],
            SickOrigins = [new SickOrigin("www", "https://a.example.net", "503")],
        };
        CliRun run = await RunAsync(Reply(server));
        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
        string[] lines = [.. run.Out.Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];
        Assert.Equal("waw/waw1  needs a look  announced for 5 min (its edge answers), 1 of 2 sessions", lines[0]);
        Assert.Matches(@"^ +ok +http +60 min +http://192.0.2.1/: answered in 1 ms$", lines[1]);
        Assert.Matches(@"^ +look +disk +90 s +1 MiB of 10 GiB free at /data\?\[2J$", lines[2]);
        Assert.Equal("  its edge does not answer grr/grr1, and answers lax/lax1", lines[3]);
        Assert.Equal("  site www: origin https://a.example.net is sick (503)", lines[4]);
    }

    [Fact]
    public async Task A_server_that_fails_or_is_not_known_ends_it_with_1()
    {
        HealthServer failing = Server(HealthVerdict.Failing, new HealthCheckStatus("http", true, false, "refused", Now)) with { Failover = Server(HealthVerdict.Failing).Failover! with
        {
            Level = AnnouncementLevel.Depreferred, WaitsFor = "lax1 is not well", Checks = [new HealthCheckStatus("http", true, false, "refused", Now), new HealthCheckStatus("disk", false, true, "fine", Now)],
        } };
        HealthServer unknown = Server(HealthVerdict.Unknown) with { Server = "waw2", EdgeConnected = false, EdgeLastSeen = null, AnnouncerConnected = false, AnnouncerLastSeen = Now.AddMinutes(-10) };
        HealthReply reply = Reply(failing, unknown);
        reply = reply with { Pops = [reply.Pops[0] with { Eligibility = new PopEligibility("waw", EligibilityState.Gone, Now.AddMinutes(-3), "waw1 is silent") }] };
        CliRun run = await RunAsync(reply, "--failing");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("cdn: waw/waw1 (failing), waw/waw2 (not known)\n", run.Error.ReplaceLineEndings("\n"));
        Assert.Contains("waw/waw1  failing  announced, less preferred for 5 min", run.Out, StringComparison.Ordinal);
        Assert.Matches(@"FAILS +http +0 s +refused", run.Out);
        Assert.DoesNotContain("fine", run.Out, StringComparison.Ordinal);
        Assert.Contains("  stays announced: lax1 is not well\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("  its edge is not connected to a silo, never seen\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("  its announcer is not connected to a silo, seen 10 min ago; what is shown is what it said last\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("  DNS sends nobody to waw for 3 min: waw1 is silent\n", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_announcer_and_a_silo_without_config()
    {
        HealthServer plain = Server(HealthVerdict.Ok) with { AnnouncerConnected = null, AnnouncerLastSeen = null, Failover = null };
        CliRun run = await RunAsync(Reply(plain));
        Assert.Equal((0, "waw/waw1  well  announces nothing\n"), (run.ExitCode, run.Out.ReplaceLineEndings("\n")));
        CliRun none = await RunAsync(new HealthReply { When = Now, ConfigVersion = 0, Pops = [] });
        Assert.Equal((0, "No config yet. Apply one with 'cdn apply FILE'.\n"), (none.ExitCode, none.Out.ReplaceLineEndings("\n")));
    }

    [Fact]
    public async Task One_pop_is_asked_for_and_json_is_the_answer()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answer("GET", ApiRoutes.Servers, Reply(Server(HealthVerdict.Failing)), ContractsJson.Default.HealthReply);
        CliRun run = await api.RunAsync("health", "w&w", "--json");
        Assert.Equal(ApiRoutes.Servers + "?pop=w%26w", Assert.Single(api.Requests).Target);
        Assert.Equal(HealthVerdict.Failing, JsonSerializer.Deserialize(run.Out, ContractsJson.Default.HealthReply)!.Pops[0].Servers[0].Verdict);
        Assert.Contains("\"verdict\":\"Failing\"", run.Out, StringComparison.Ordinal);
        Assert.Equal(1, run.ExitCode);
    }
}
