using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Silo.Api.Health;
using OrleansCdn.Silo.Tests.Routing;

namespace OrleansCdn.Silo.Tests.Health;

/// <summary>From what edges and announcers say to what <c>cdn health</c> shows.</summary>
public sealed class HealthTests
{
    /// <summary>Only ends a test that has failed anyway.</summary>
    private const int MaxAttempts = 3000;

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Checks_are_shown_with_their_evidence_and_a_change_is_on_the_time_line()
    {
        await using RunningSilo silo = await RoutedSilo.StartAsync();
        HealthReply before = await ReadAsync(silo);
        Assert.Equal(["waw", "lax", "grr"], before.Pops.Select(pop => pop.Pop));
        HealthServer unheard = before.Pops[0].Servers.Single();
        Assert.Equal(("waw1", HealthVerdict.Unknown, false, false), (unheard.Server, unheard.Verdict, unheard.EdgeConnected, unheard.AnnouncerConnected!.Value));

        await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        await using ScriptedEdge other = await ScriptedEdge.ConnectAsync(silo.Feed, ScriptedEdge.Hello("lax", "lax1"));
        await using ScriptedAnnouncer announcer = await ScriptedAnnouncer.ConnectAsync(silo.Feed, ScriptedAnnouncer.Hello("waw", "waw1"));
        AnnouncerReport report = ScriptedAnnouncer.Report(await announcer.NextAsync<DesiredAnnouncements>());
        edge.Send(Heartbeat(new EdgeReach()));
        other.Send(Heartbeat(new EdgeReach { Answering = ["waw1"] }));
        announcer.Send(report with { Failover = Standing(Hard("http", true, "answered in 1 ms"), Soft("disk", true, "72 GiB free")) });
        HealthServer well = await UntilAsync(silo, server => server is { Verdict: HealthVerdict.Ok, SeenBy.Length: 1 });
        Assert.Equal(("http", true, "answered in 1 ms"), (well.Failover!.Checks[0].Check, well.Failover.Checks[0].IsHard, well.Failover.Checks[0].Evidence));
        Assert.Equal((new HealthSeenBy("lax/lax1", true), 1, 1), (well.SeenBy.Single(), well.Sessions, well.Established));

        announcer.Send(report with { Failover = Standing(Hard("http", true, "answered"), Soft("disk", false, "1 MiB free")) });
        await UntilAsync(silo, server => server.Verdict == HealthVerdict.NeedsLook);
        announcer.Send(report with { Failover = Standing(Hard("http", false, "no answer\u001b within 2 s"), Soft("disk", false, "1 MiB free")) });
        HealthServer failing = await UntilAsync(silo, server => server.Verdict == HealthVerdict.Failing);
        Assert.Equal("no answer? within 2 s", failing.Failover!.Checks[0].Evidence);

        EventsReply events;
        do
        {
            events = await ApiClient.Ok(await silo.Admin.GetAsync(ApiRoutes.Events + "?kind=CheckFailed&after=0"), ContractsJson.Default.EventsReply);
        }
        while (events.Events.Length < 2); // both are told; writing them takes a moment
        Assert.Equal(
            [("check disk needs a look", EventSeverity.Warning, "1 MiB free"), ("check http fails: visitors are not answered", EventSeverity.Problem, "no answer? within 2 s")],
            events.Events.Select(e => (e.What, e.Severity, e.Why!)));

        HealthReply one = await ReadAsync(silo, "?pop=lax");
        Assert.Equal("lax", Assert.Single(one.Pops).Pop);
        using HttpResponseMessage none = await silo.Admin.GetAsync(ApiRoutes.Servers + "?pop=nowhere");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        Assert.Contains("the config has waw, lax, grr", await none.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_config_there_is_nothing_to_tell()
    {
        await using RunningSilo silo = await RunningSilo.StartAsync();
        HealthReply reply = await ReadAsync(silo);
        Assert.Equal((0, 0), (reply.ConfigVersion, reply.Pops.Length));
        using HttpResponseMessage none = await silo.Admin.GetAsync(ApiRoutes.Servers + "?pop=waw");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    /// <summary>Letters: edge connected, announcer connected, a hard check, a soft check, answers others; '.' is not there.</summary>
    [Theory]
    [InlineData("+++++", HealthVerdict.Ok)]
    [InlineData("+++-+", HealthVerdict.NeedsLook)]
    [InlineData("++++-", HealthVerdict.NeedsLook)]
    [InlineData("-++++", HealthVerdict.NeedsLook)] // its announcer sees it answer
    [InlineData("++-++", HealthVerdict.Failing)]
    [InlineData("+--++", HealthVerdict.Failing)] // the last that was heard
    [InlineData("+-+++", HealthVerdict.Unknown)]
    [InlineData("++...", HealthVerdict.Unknown)] // older software
    [InlineData("..+++", HealthVerdict.Unknown)]
    public void A_verdict_is_by_the_worst_that_is_known(string facts, HealthVerdict expected)
    {
        HealthServer server = View(facts, RoutedSilo.Yaml);
        Assert.Equal(expected, server.Verdict);
    }

    [Theory]
    [InlineData("+...+", HealthVerdict.Ok)]
    [InlineData("+...-", HealthVerdict.NeedsLook)]
    [InlineData("-...+", HealthVerdict.Unknown)]
    public void Of_a_server_that_announces_nothing_its_edge_is_asked(string facts, HealthVerdict expected)
    {
        string yaml = string.Join('\n', RoutedSilo.Yaml.ReplaceLineEndings("\n").Split('\n').TakeWhile(line => !line.Contains("upstreams:", StringComparison.Ordinal)))
            + "\nsites: { www: { hosts: [www.example.net], origins: [ { url: \"https://origin.example.net\" } ] } }";
        HealthServer server = View(facts, yaml);
        Assert.Equal((expected, null), (server.Verdict, server.AnnouncerConnected));
    }

    private static HealthServer View(string facts, string yaml)
    {
        ConfigReadResult read = ConfigReader.Read(yaml);
        Assert.True(read.Config is not null, string.Join("\n", read.Errors));
        PopConfig pop = read.Config.Pops[0];
        ImmutableArray<HealthCheckStatus> checks = [];
        checks = facts[2] == '.' ? checks : checks.Add(Hard("http", facts[2] == '+', ""));
        checks = facts[3] == '.' ? checks : checks.Add(Soft("disk", facts[3] == '+', ""));
        PopRoutes? routes = facts[1] == '.' ? null : new PopRoutes
        {
            Pop = "waw",
            Upstreams = [],
            Announcers = [new AnnouncerState { Edge = "waw1", Connected = facts[1] == '+', LastSeen = Start, Failover = checks.IsEmpty ? null : Standing([.. checks]) }],
        };
        EdgeStatus Edge(string name, bool isConnected, EdgeReach reach) => new()
        {
            Name = name, Connected = isConnected, Cursor = PurgeCursor.None, Condition = new EdgeCondition { Disk = EdgeDisk.None, Reach = reach },
        };
        ImmutableArray<PopStatus> edges =
        [
            new PopStatus { Id = "waw", Name = "", Edges = facts[0] == '.' ? [] : [Edge("waw1", facts[0] == '+', new EdgeReach())] },
            new PopStatus
            {
                Id = "lax",
                Name = "",
                Edges =
                [
                    Edge("lax1", true, facts[4] == '-' ? new EdgeReach { Silent = ["waw1"] } : new EdgeReach { Answering = ["waw1"] }),
                    Edge("lax2", false, new EdgeReach { Silent = ["waw1"] }), // what it said before it was lost counts no more
                ],
            },
        ];
        return HealthView.Of(pop, edges, routes, eligibility: null).Servers.Single();
    }

    private static HealthCheckStatus Hard(string name, bool isOk, string evidence) => new(name, true, isOk, evidence, Start);

    private static HealthCheckStatus Soft(string name, bool isOk, string evidence) => new(name, false, isOk, evidence, Start);

    private static FailoverStatus Standing(params ImmutableArray<HealthCheckStatus> checks) => new()
    {
        Phase = FailoverPhase.Announced, Level = AnnouncementLevel.Normal, Since = Start, Why = "", OrdersVersion = 0, Checks = checks,
    };

    private static EdgeHeartbeat Heartbeat(EdgeReach reach) => new()
    {
        ConfigVersion = 1, Cursor = PurgeCursor.None, Counters = new EdgeCounters(), Condition = new EdgeCondition { Disk = EdgeDisk.None, Reach = reach },
    };

    private static async Task<HealthReply> ReadAsync(RunningSilo silo, string query = "") =>
        await ApiClient.Ok(await silo.Admin.GetAsync(ApiRoutes.Servers + query), ContractsJson.Default.HealthReply);

    private static async Task<HealthServer> UntilAsync(RunningSilo silo, Func<HealthServer, bool> condition)
    {
        for (int attempt = 0; ; attempt++)
        {
            HealthServer server = (await ReadAsync(silo)).Pops[0].Servers.Single();
            if (condition(server))
            {
                return server;
            }

            Assert.True(attempt < MaxAttempts, $"{server}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }
}
