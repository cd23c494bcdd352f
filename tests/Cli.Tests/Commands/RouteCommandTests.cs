using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using OrleansCdn.Cli.Commands.Routing;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Cli.Tests.Commands;

public sealed class RouteCommandTests
{
    private static readonly IPNetwork Prefix = IPNetwork.Parse("2001:db8:1000::/48");

    private static SeenRoute Seen(string path, params string[] communities) => new()
    {
        Prefix = Prefix, Announced = path.Length > 0, AsPath = path, Communities = [.. communities.Select(Community.Parse)],
    };

    private static RouteChangeReply Reply(bool dryRun, RouteChangeState state = RouteChangeState.Applied) => new()
    {
        DryRun = dryRun,
        Upstreams =
        [
            new RouteChangeAt
            {
                Pop = "lax",
                Upstream = "vultr",
                State = dryRun ? RouteChangeState.DryRun : state,
                Version = dryRun ? 6 : 7,
                Revision = 12,
                Preview = new RoutePreview
                {
                    Before = [Seen("64500")],
                    After = [Seen("64500", "64600:2914")],
                    Changes = [new ConfigChange { Path = "carriers.2914", After = "withdraw" }],
                    Explanation = ["withdraw from 2914 by 64600:2914 (vultr)"],
                },
            },
        ],
    };

    private static RoutesReply Routes(long revision = 12, bool connected = true, string? difference = null) => new()
    {
        ConfigVersion = 1,
        Asn = 64500,
        Pops =
        [
            new PopRoutes
            {
                Pop = "lax",
                Announcers =
                [
                    new AnnouncerState { Edge = "lax1", Connected = connected, Problems = ["file /x cannot be read\u001b[2J"] },
                    new AnnouncerState { Edge = "lax2", Connected = false }, // Holds no session of this upstream.
                ],
                Upstreams =
                [
                    new UpstreamRoutes
                    {
                        Upstream = "vultr",
                        Kind = UpstreamKind.Transit,
                        Asn = 64515,
                        Provider = "vultr",
                        Servers = ["lax1"],
                        Version = 7,
                        Intent = new RouteIntent { Prepend = 2, Carriers = [new CarrierIntent(2914, 0, Withdraw: true)] },
                        Revision = revision,
                        Desired = [Seen("64500", "64600:2914")],
                        Observed = [],
                        Difference = difference is null ? [] : [difference],
                        Explanation = ["withdraw from 2914 by 64600:2914 (vultr)"],
                    },
                ],
            },
        ],
    };

    private static async Task<ScriptedApi> ApiAsync(RoutesReply? routes = null, RouteChangeState state = RouteChangeState.Applied)
    {
        ScriptedApi api = await ScriptedApi.StartAsync();
        api.Answers[("POST", ApiRoutes.RouteChanges)] = body =>
        {
            bool dryRun = JsonDocument.Parse(body).RootElement.GetProperty("dryRun").GetBoolean();
            return (200, JsonSerializer.Serialize(Reply(dryRun, state), ContractsJson.Default.RouteChangeReply));
        };
        api.Answer("GET", ApiRoutes.Routes, routes ?? Routes(), ContractsJson.Default.RoutesReply);
        return api;
    }

    private static RouteChangeRequest Sent(ScriptedApi api, int index) =>
        JsonSerializer.Deserialize(api.Requests.Where(r => r.Method == "POST").ElementAt(index).Body, ContractsJson.Default.RouteChangeRequest)!;

    [Fact]
    public async Task Shows_before_and_after_and_does_exactly_that()
    {
        await using ScriptedApi api = await ApiAsync();
        CliRun run = await api.RunAsync("route", "set", "lax", "--carrier", "2914", "withdraw", "--why", "loss", "--yes", "--wait");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("+   carriers.2914: withdraw", run.Out, StringComparison.Ordinal);
        Assert.Contains("2001:db8:1000::/48  sees now  64500\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("then  64500, 64600:2914\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("lax/vultr: version 7 is in force.\nIt is on the wire.\n", run.Out, StringComparison.Ordinal);
        RouteChangeRequest asked = Sent(api, 0), sent = Sent(api, 1);
        Assert.True(asked.DryRun);
        Assert.Equal(("lax", null, "2914", RouteAction.Withdraw, "loss"), (sent.Pop, sent.Upstream, sent.Carrier, sent.Action, sent.Why));
        Assert.Equal([new ExpectedIntent("lax", "vultr", 6)], sent.Expected!.Value.AsEnumerable());
    }

    [Fact]
    public async Task A_no_changes_nothing_and_without_a_terminal_it_does_not_ask()
    {
        await using ScriptedApi api = await ApiAsync();
        CliRun no = await CliRun.OfAsync(["route", "withdraw", "lax", "--api", api.Url, "--token", ScriptedApi.Token], interactive: true, input: "n\n");
        Assert.Equal(1, no.ExitCode);
        Assert.Single(api.Requests);
        CliRun blind = await api.RunAsync("route", "withdraw", "lax");
        Assert.Equal(2, blind.ExitCode);
        Assert.Contains("--yes", blind.Error, StringComparison.Ordinal);
        Assert.Single(api.Requests);
        CliRun dry = await api.RunAsync("route", "withdraw", "lax", "--dry-run", "--json");
        Assert.Equal(0, dry.ExitCode);
        Assert.True(JsonDocument.Parse(dry.Out).RootElement.GetProperty("dryRun").GetBoolean());
    }

    [Theory]
    [InlineData(false, null, "lax/lax1")]
    [InlineData(true, "lax1: works on revision 11, desired is 12", "lax/vultr: lax1: works on revision 11")]
    public async Task What_is_not_on_the_wire_is_named_and_ends_with_3(bool connected, string? difference, string says)
    {
        await using ScriptedApi api = await ApiAsync(Routes(12, connected, difference));
        CliRun run = await api.RunAsync(["route", "withdraw", "lax/vultr", "--yes", .. connected ? ["--wait", "--deadline", "1ms"] : Array.Empty<string>()]);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
        Assert.Equal(("lax", "vultr", RouteAction.Withdraw), (Sent(api, 1).Pop, Sent(api, 1).Upstream, Sent(api, 1).Action));
    }

    [Fact]
    public async Task Waits_until_the_PoP_knows_the_revision()
    {
        await using ScriptedApi api = await ApiAsync();
        int asked = 0;
        api.Answers[("GET", ApiRoutes.Routes)] = _ => (200, JsonSerializer.Serialize(Routes(asked++ < 2 ? 11 : 12), ContractsJson.Default.RoutesReply));
        CliRun run = await api.RunAsync("route", "announce", "lax", "--yes", "--wait");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task What_is_scheduled_is_not_waited_for()
    {
        await using ScriptedApi api = await ApiAsync(state: RouteChangeState.Scheduled);
        CliRun run = await api.RunAsync("route", "set", "lax", "withdraw", "--at", "2026-01-31T02:00:00Z", "--until", "04:00Z", "--yes", "--wait");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("scheduled", run.Out, StringComparison.Ordinal);
        Assert.StartsWith("From 2026-01-31 02:00:00Z until 2026-01-31 04:00:00Z:\nlax/vultr:\n", run.Out, StringComparison.Ordinal);
        Assert.Equal("2026-01-31T02:00:00Z", Sent(api, 1).From!.Value.ToString("yyyy-MM-ddTHH:mm:ssZ"));
        Assert.Equal("2026-01-31T04:00:00Z", Sent(api, 1).Until!.Value.ToString("yyyy-MM-ddTHH:mm:ssZ"));
    }

    [Theory]
    [InlineData("02:00Z", "2026-01-01T12:00:00Z", "2026-01-02T02:00:00Z")]
    [InlineData("12:00Z", "2026-01-01T12:00:00Z", "2026-01-02T12:00:00Z")]
    [InlineData("13:30:15Z", "2026-01-01T12:00:00Z", "2026-01-01T13:30:15Z")]
    [InlineData("+90m", "2026-01-01T12:00:00Z", "2026-01-01T13:30:00Z")]
    [InlineData("2026-03-01T02:00:00+02:00", "2026-01-01T12:00:00Z", "2026-03-01T00:00:00Z")]
    [InlineData("2026-03-01T02:00Z", "2026-01-01T12:00:00Z", "2026-03-01T02:00:00Z")]
    public void Times_are_read(string text, string now, string moment) =>
        Assert.Equal(DateTimeOffset.Parse(moment), RouteTime.TryParse(text)!(DateTimeOffset.Parse(now)));

    [Theory]
    [InlineData("02:00")]
    [InlineData("25:00Z")]
    [InlineData("+0m")]
    [InlineData("+")]
    [InlineData("2026-03-01T02:00:00")]
    [InlineData("tomorrow")]
    public void Times_that_mean_nothing_or_two_things_are_not(string text) => Assert.Null(RouteTime.TryParse(text));

    [Theory]
    [InlineData("prepend", "2")]
    [InlineData("no-export")]
    [InlineData("no-export", "off")]
    [InlineData("ixp-only")]
    [InlineData("graceful-shutdown", "on")]
    [InlineData("community", "64500:1", "64500:1:2", "rt:64500:1")]
    [InlineData("communities", "none")]
    [InlineData("default")]
    public void Wishes_are_read(params string[] words) => Assert.NotNull(RouteWish.Parse(words).Wish);

    [Theory]
    [InlineData("route", "set", "lax")]
    [InlineData("route", "set", "lax", "prepend")]
    [InlineData("route", "set", "lax", "prepend", "6")]
    [InlineData("route", "set", "lax", "prepend", "-1")]
    [InlineData("route", "set", "lax", "no-export", "maybe")]
    [InlineData("route", "set", "lax", "community", "70000:1")]
    [InlineData("route", "set", "lax", "sideways")]
    [InlineData("route", "set", "lax", "withdraw", "--at", "noon")]
    [InlineData("route", "history")]
    [InlineData("route", "rollback", "lax/vultr", "latest")]
    [InlineData("bgp")]
    public async Task Wrong_usage_ends_with_2(params string[] args)
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        CliRun run = await api.RunAsync(args);
        Assert.Equal(2, run.ExitCode);
        Assert.Empty(api.Requests);
        Assert.Contains("--help", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Places_are_a_PoP_or_an_upstream()
    {
        await using ScriptedApi api = await ApiAsync();
        Assert.Equal(2, (await api.RunAsync("route", "show", "lax/vultr/x")).ExitCode);
        Assert.Equal(2, (await api.RunAsync("route", "history", "lax")).ExitCode);
        Assert.Equal(0, (await api.RunAsync("route", "show", "lax/vultr")).ExitCode);
        Assert.Equal(0, (await api.RunAsync("route", "show")).ExitCode);
        Assert.Equal(["/v1/routes?pop=lax&upstream=vultr", "/v1/routes"], api.Requests.Select(r => r.Target));
    }

    [Fact]
    public async Task Show_explain_and_diff_say_it_in_words()
    {
        await using ScriptedApi api = await ApiAsync(Routes(difference: "lax1: 2001:db8:1000::/48 is not announced"));
        CliRun show = await api.RunAsync("route", "show");
        Assert.Contains("64500, 64600:2914", show.Out, StringComparison.Ordinal);
        Assert.Contains("prepend 2; 2914: withdraw", show.Out, StringComparison.Ordinal);
        Assert.Contains("cannot be read?[2J", show.Out, StringComparison.Ordinal);
        CliRun explain = await api.RunAsync("route", "explain", "lax/vultr");
        Assert.Contains("why        withdraw from 2914 by 64600:2914 (vultr)", explain.Out, StringComparison.Ordinal);
        CliRun diff = await api.RunAsync("route", "diff");
        Assert.Equal((3, "lax/vultr: lax1: 2001:db8:1000::/48 is not announced\n"), (diff.ExitCode, diff.Out));
        api.Answer("GET", ApiRoutes.Routes, Routes(), ContractsJson.Default.RoutesReply);
        Assert.Equal(0, (await api.RunAsync("route", "diff")).ExitCode);
    }

    [Theory]
    [InlineData("show")]
    [InlineData("explain")]
    [InlineData("diff")]
    public async Task Without_upstreams_they_say_so(string command)
    {
        await using ScriptedApi api = await ApiAsync(new RoutesReply { ConfigVersion = 0, Pops = [] });
        Assert.Equal((0, "No config yet. Apply one with 'cdn apply FILE'.\n"), await OutAsync());
        api.Answer("GET", ApiRoutes.Routes, Routes() with { Pops = [Routes().Pops[0] with { Upstreams = [] }] }, ContractsJson.Default.RoutesReply);
        Assert.Equal((0, "The config names no upstreams there.\n"), await OutAsync());

        async Task<(int, string)> OutAsync()
        {
            CliRun run = await api.RunAsync("route", command);
            return (run.ExitCode, run.Out);
        }
    }

    [Fact]
    public async Task History_and_rollback()
    {
        await using ScriptedApi api = await ApiAsync();
        var version = new IntentVersion
        {
            Version = 3, When = DateTimeOffset.UnixEpoch, Who = "noc", From = "192.0.2.1", Why = "[loss]", What = "prepend 2", Forced = true,
            Changes = [new ConfigChange { Path = "prepend", Before = "1", After = "2" }], Intent = new RouteIntent { Prepend = 2 },
        };
        api.Answer("GET", "/v1/routes/lax/vultr/history", new RouteHistoryReply("lax", "vultr", [version]), ContractsJson.Default.RouteHistoryReply);
        CliRun history = await api.RunAsync("route", "history", "lax/vultr");
        Assert.Contains("prepend 2 (forced)", history.Out, StringComparison.Ordinal);
        Assert.Contains("prepend: 1", history.Out, StringComparison.Ordinal);
        Assert.Contains("[loss]", history.Out, StringComparison.Ordinal);

        api.Answers[("POST", "/v1/routes/lax/vultr/rollback")] = api.Answers[("POST", ApiRoutes.RouteChanges)];
        Assert.Equal(0, (await api.RunAsync("route", "rollback", "lax/vultr", "2", "--yes", "--why", "back")).ExitCode);
        RouteRollbackRequest sent = JsonSerializer.Deserialize(api.Requests.Last(r => r.Method == "POST").Body, ContractsJson.Default.RouteRollbackRequest)!;
        Assert.Equal((2L, 6L, false, "back"), (sent.Version, sent.ExpectedVersion, sent.DryRun, sent.Why));
    }

    [Fact]
    public async Task Schedules_are_listed_and_dropped()
    {
        await using ScriptedApi api = await ApiAsync();
        var schedule = new RouteSchedule
        {
            Id = "abc", State = ScheduleState.Pending, From = DateTimeOffset.UnixEpoch, What = "withdraw", When = DateTimeOffset.UnixEpoch,
            Set = new IntentChange { Action = RouteAction.Withdraw }, Author = new RouteAuthor { Who = "noc" },
        };
        api.Answer("GET", ApiRoutes.RouteSchedules, new SchedulesReply([new ScheduleAt("lax", "vultr", schedule)]), ContractsJson.Default.SchedulesReply);
        api.Answer("DELETE", "/v1/routes/lax/vultr/schedules/abc", Reply(dryRun: false), ContractsJson.Default.RouteChangeReply);
        Assert.Contains("to come", (await api.RunAsync("route", "schedules")).Out, StringComparison.Ordinal);
        Assert.Equal(0, (await api.RunAsync("route", "schedules", "--cancel", "abc")).ExitCode);
        Assert.Equal(1, (await api.RunAsync("route", "schedules", "--cancel", "nope")).ExitCode);
    }

    [Fact]
    public async Task Sessions_show_state_timers_and_the_last_error_in_words()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        DateTimeOffset now = DateTimeOffset.UnixEpoch.AddDays(10);
        ObservedSession up = new()
        {
            Upstream = "vultr", Neighbor = "[2001:db8::1]:179", PeerAsn = 64515, State = BgpState.Established, Since = now.AddHours(-30), Revision = 1,
            HoldSeconds = 30, KeepaliveSeconds = 10, Counters = new SessionCounters { MessagesIn = 1234, Established = 2 }, Advertised = [],
        };
        ObservedSession down = up with
        {
            Upstream = "he", State = BgpState.Idle, Since = now.AddSeconds(-5), NextAttempt = now.AddSeconds(55), HoldSeconds = null,
            LastError = new SessionError(now.AddSeconds(-5), SessionErrorOrigin.Received, 6, 1, "Cease/Maximum Number of Prefixes Reached (6/1)"),
        };
        BgpSessionState At(ObservedSession session) => new() { Pop = "lax", Edge = "lax1", Connected = true, Session = session };
        api.Answer("GET", ApiRoutes.BgpSessions, new BgpSessionsReply { When = now, Sessions = [At(up)], Missing = [] }, ContractsJson.Default.BgpSessionsReply);
        CliRun fine = await api.RunAsync("bgp", "sessions");
        Assert.Equal(0, fine.ExitCode);
        foreach (string text in (string[])["Established", "1d 06:00:00", "30 s / 10 s", "1,234 / 0", "2×"])
        {
            Assert.Contains(text, fine.Out, StringComparison.Ordinal);
        }

        api.Answer("GET", ApiRoutes.BgpSessions, new BgpSessionsReply { When = now, Sessions = [At(up), At(down)], Missing = ["waw/waw1"] }, ContractsJson.Default.BgpSessionsReply);
        CliRun bad = await api.RunAsync("bgp", "sessions", "lax");
        Assert.Equal(3, bad.ExitCode);
        Assert.Contains("Idle, again in 00:00:55", bad.Out, StringComparison.Ordinal);
        Assert.Contains("lax/lax1 he [2001:db8::1]:179: the neighbour said Cease/Maximum Number of Prefixes Reached (6/1) (1970-01-10", bad.Out, StringComparison.Ordinal);
        Assert.Contains("waw/waw1", bad.Error, StringComparison.Ordinal);
        Assert.Equal("/v1/bgp/sessions?pop=lax", api.Requests.Last().Target);
        _ = await api.RunAsync("bgp", "sessions", "lax/vultr");
        Assert.Equal("/v1/bgp/sessions?pop=lax&upstream=vultr", api.Requests.Last().Target);
        Assert.Equal(2, (await api.RunAsync("bgp", "sessions", "--watch")).ExitCode);
    }

    [Fact]
    public async Task A_sessions_details_have_all_that_is_known()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync();
        DateTimeOffset now = DateTimeOffset.UnixEpoch.AddDays(10);
        ObservedSession session = new()
        {
            Upstream = "vultr", Neighbor = "[2001:db8::1]:179", PeerAsn = 64515, State = BgpState.Established, Since = now.AddHours(-30), Revision = 7,
            LocalAddress = "[2001:db8::7]:4000", PeerRouterId = "192.0.2.1", HoldSeconds = 0, KeepaliveSeconds = 0,
            PeerCapabilities = ["route-refresh", "4-octet AS 64515"],
            LastError = new SessionError(now.AddHours(-31), SessionErrorOrigin.Connection, null, null, "connect: refused\u001b[2J"),
            Counters = new SessionCounters { Established = 2, ConnectAttempts = 5, MessagesIn = 1234, BytesIn = 2048, UpdatesOut = 3, MessagesOut = 9 },
            Advertised = [new DesiredRoute { Prefix = Prefix, Prepend = 1, Communities = [Community.Parse("64600:174")] }],
        };
        BgpSessionState at = new() { Pop = "lax", Edge = "lax1", Connected = false, Session = session };
        api.Answer("GET", ApiRoutes.BgpSessions, new BgpSessionsReply { When = now, Sessions = [at], Missing = [] }, ContractsJson.Default.BgpSessionsReply);

        CliRun run = await api.RunAsync("bgp", "sessions", "--detail");
        Assert.True(run.Error.Length == 0, run.Error);

        Assert.Equal(
            [
                "lax/lax1 vultr [2001:db8::1]:179 (AS64515)",
                "  state         Established for 1d 06:00:00; its announcer is not connected, and this is what it said last",
                "  timers        none: the neighbour wants no keepalives",
                "  local         [2001:db8::7]:4000",
                "  router id     192.0.2.1",
                "  peer offers   route-refresh, 4-octet AS 64515",
                "  established   2×, after 5 attempts to connect",
                "  in            1,234 messages, 2.0 KiB: 0 updates, 0 keepalives, 0 notifications, 0 route refreshes",
                "  out           9 messages, 0 B: 3 updates, 0 keepalives, 0 notifications",
                "  last error    connect: refused?[2J (1970-01-09 17:00:00Z)",
                "  revision      7",
                "  announced     2001:db8:1000::/48  prepend 1  64600:174",
                "",
            ],
            run.Out.TrimEnd('\n').Split('\n').Append(""));
    }
}
