using System.Net.Http.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Silo.Tests.Routing;
using OrleansCdn.Testing;

namespace OrleansCdn.Silo.Tests.Failover;

/// <summary>From operators to announcers, and from announcers to DNS, people and the time line.</summary>
public sealed class FailoverOrdersTests
{
    [Fact]
    public async Task A_drain_reaches_announcers_at_once_and_again_on_each_connection()
    {
        await using RunningSilo silo = await RoutedSilo.StartAsync();
        FailoverOrders drained;
        await using (ScriptedAnnouncer waw = await ConnectAsync(silo, "waw"))
        {
            await waw.NextAsync<DesiredAnnouncements>();
            DrainReply reply = await PostAsync(silo.Admin, Route(ApiRoutes.Drain, "waw"));
            drained = await OrdersAsync(waw);
            Assert.Equal(new FailoverOrders(reply.Drain.OrdersVersion, IsDraining: true, FailoverPin.None), drained);
        }

        await using ScriptedAnnouncer again = await ConnectAsync(silo, "waw", "i2");
        Assert.Equal(drained, await OrdersAsync(again));
        await PostAsync(silo.Admin, Route(ApiRoutes.Undrain, "waw"));
        Assert.Equal(new FailoverOrders(drained.Version + 1, IsDraining: false, FailoverPin.None), await OrdersAsync(again));
    }

    [Fact]
    public async Task An_undrain_reaches_announcers_that_have_orders_of_a_database_that_is_lost()
    {
        await using RunningSilo silo = await RoutedSilo.StartAsync();
        await using ScriptedAnnouncer waw = await ConnectAsync(silo, "waw");
        DesiredAnnouncements desired = await waw.NextAsync<DesiredAnnouncements>();
        long held = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 1_000_000;
        waw.Send(ScriptedAnnouncer.Report(desired) with { Failover = Status(FailoverPhase.Withdrawn) with { OrdersVersion = held } });

        // Until the silo has heard of it, there is nothing to take back.
        DrainReply reply;
        do
        {
            reply = await PostAsync(silo.Admin, Route(ApiRoutes.Undrain, "waw"));
        }
        while (!reply.Changed);
        Assert.Equal(new FailoverOrders(held + 1, IsDraining: false, FailoverPin.None), await OrdersAsync(waw));
    }

    [Fact]
    public async Task A_pin_is_durable_audited_told_and_out_of_DNS()
    {
        var data = new TestData();
        FailoverOrders pinned;
        await using (RunningSilo silo = await RoutedSilo.StartAsync(data))
        {
            await using ScriptedAnnouncer lax = await ConnectAsync(silo, "lax");
            DrainReply reply = await PostAsync(silo.Admin, Pin("lax", "withdrawn"), new DrainRequest { Why = "fire" });
            Assert.Equal((FailoverPin.Withdrawn, "ops", "fire"), (reply.Drain.Pin!.Pin, reply.Drain.Pin.Who, reply.Drain.Pin.Why));
            Assert.Equal(DrainState.InService, reply.Drain.State);
            pinned = await OrdersAsync(lax);
            Assert.Equal(new FailoverOrders(reply.Drain.OrdersVersion, IsDraining: false, FailoverPin.Withdrawn), pinned);
            PopEligibility eligibility = (await silo.Admin.StatusAsync()).Pops.Single(pop => pop.Id == "lax").Eligibility!;
            Assert.Equal((EligibilityState.Draining, "pinned withdrawn: fire"), (eligibility.State, eligibility.Detail));

            Assert.False((await PostAsync(silo.Admin, Pin("lax", "withdrawn"))).Changed);
            await ApiClient.Problem(await SendAsync(silo.Admin, Pin("lax", "upside-down")), 404);
            await ApiClient.Problem(await SendAsync(silo.Admin, Pin("fra", "announced")), 404);
            await ApiClient.Problem(await SendAsync(silo.Client(data.Read), Pin("waw", "announced")), 403);
        }

        await using RunningSilo second = await RunningSilo.StartAsync(data);
        await using ScriptedAnnouncer again = await ConnectAsync(second, "lax", "i2");
        Assert.Equal(pinned, await OrdersAsync(again));
        DrainReply unpinned = await PostAsync(second.Admin, Route(ApiRoutes.Unpin, "lax"));
        Assert.Null(unpinned.Drain.Pin);
        Assert.Equal(new FailoverOrders(pinned.Version + 1, IsDraining: false, FailoverPin.None), await OrdersAsync(again));
        AuditReply audit = await ApiClient.Ok(await second.Admin.GetAsync(ApiRoutes.Audit), ContractsJson.Default.AuditReply);
        Assert.Equal(
            [(AuditAction.Unpin, null), (AuditAction.Pin, "(withdrawn) fire")],
            audit.Entries.Where(e => e is { Action: AuditAction.Pin or AuditAction.Unpin, Outcome: AuditOutcome.Done }).Select(e => (e.Action, e.Detail)));
        EventsReply events = await EventsAsync(second.Admin, reply => reply.Events.Any(e => e.Kind == EventKind.Unpin));
        Assert.Contains(events.Events, e => e is { Kind: EventKind.Pin, What: "PoP pinned withdrawn (change 1)", Why: "fire", Severity: EventSeverity.Warning });
    }

    [Fact]
    public async Task The_last_PoP_in_service_is_not_pinned_withdrawn_without_a_word_more()
    {
        await using RunningSilo silo = await RoutedSilo.StartAsync();
        await PostAsync(silo.Admin, Route(ApiRoutes.Drain, "waw"));
        await PostAsync(silo.Admin, Pin("lax", "withdrawn"));
        ApiProblem last = await ApiClient.Problem(await SendAsync(silo.Admin, Pin("grr", "withdrawn")), 422);
        Assert.Contains("--force", last.Detail, StringComparison.Ordinal);
        Assert.True((await PostAsync(silo.Admin, Pin("grr", "announced"))).Changed);
        Assert.True((await PostAsync(silo.Admin, Pin("grr", "withdrawn"), new DrainRequest { Force = true })).Changed);
    }

    /// <summary>I7, with an edge at the other end that would not know the word.</summary>
    [Fact]
    public async Task A_PoP_whose_announcer_has_withdrawn_is_out_for_DNS_and_back_when_it_has_announced()
    {
        var time = new FakeTimeProvider();
        await using RunningSilo silo = await RoutedSilo.StartAsync(time: time);
        await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(silo.Feed, ScriptedEdge.Hello("lax", "lax1") with { Eligibility = 0 });
        await using ScriptedAnnouncer waw = await ConnectAsync(silo, "waw");
        await UntilAsync(silo, time, waw, FailoverPhase.Withdrawn, "http", pop => pop.Eligibility?.State == EligibilityState.Withdrawn);
        Assert.Equal("waw1 is withdrawn: http fails", (await silo.Admin.StatusAsync()).Pops[0].Eligibility!.Detail);
        Eligibility told;
        do
        {
            told = await edge.NextAsync<Eligibility>();
        }
        while (told.IsEligible("waw"));
        Assert.Equal((EligibilityState.Gone, "waw1 is withdrawn: http fails"), (told.Find("waw")!.State, told.Find("waw")!.Detail));

        // One that has only begun says nothing about it.
        for (int i = 0; i < 60; i++)
        {
            waw.Send(new FailoverWord { View = View("waw", FailoverPhase.Cold) });
            time.Advance(TimeSpan.FromMilliseconds(500));
            Assert.Equal(EligibilityState.Withdrawn, (await silo.Admin.StatusAsync()).Pops[0].Eligibility!.State);
        }

        await UntilAsync(silo, time, waw, FailoverPhase.Announced, null, pop => pop.Eligibility?.State == EligibilityState.InService);
    }

    [Fact]
    public async Task Notes_come_to_the_time_line_and_the_state_to_the_API()
    {
        await using RunningSilo silo = await RoutedSilo.StartAsync();
        await using ScriptedAnnouncer waw = await ConnectAsync(silo, "waw");
        DesiredAnnouncements desired = await waw.NextAsync<DesiredAnnouncements>();
        waw.Send(new FailoverWord { Notes = [new FailoverNote(FailoverPhase.Announced, FailoverPhase.Withdrawn, "http: refused; others stay", TimeSpan.FromHours(1))] });
        EventsReply events = await EventsAsync(silo.Admin, reply => reply.Events.Any(e => e.Kind == EventKind.Failover));
        CdnEvent told = events.Events.Single(e => e.Kind == EventKind.Failover);
        Assert.Equal(
            ("waw", "waw1", "its routes are withdrawn", "http: refused; others stay", EventSeverity.Problem), (told.Pop, told.Edge, told.What, told.Why, told.Severity));
        Assert.True(TimeProvider.System.GetUtcNow() - told.When > TimeSpan.FromMinutes(59), $"{told.When}");

        FailoverStatus status = Status(FailoverPhase.Announced) with
        {
            WaitsFor = "lax1: is to go itself",
            Promised = ["grr1"],
            Penalty = 1000,
            Checks = [new HealthCheckStatus("http", IsHard: true, IsOk: false, "no answer", DateTimeOffset.UnixEpoch)],
        };
        waw.Send(ScriptedAnnouncer.Report(desired) with { Failover = status });
        FailoverReply reply;
        do
        {
            reply = await ApiClient.Ok(await silo.Admin.GetAsync(ApiRoutes.Failover), ContractsJson.Default.FailoverReply);
        }
        while (reply.Pops[0].Servers[0].Status is null);
        Assert.Equal(["waw", "lax", "grr"], reply.Pops.Select(pop => pop.Pop));
        FailoverServer server = Assert.Single(reply.Pops[0].Servers);
        Assert.Equal(("waw1", true, "lax1: is to go itself", 1000), (server.Server, server.Connected, server.Status!.WaitsFor, server.Status.Penalty));
        Assert.Equal("grr1", Assert.Single(server.Status.Promised));
        Assert.Equal(status.Checks[0], Assert.Single(server.Status.Checks));
        Assert.Equal((false, null), (reply.Pops[1].Servers[0].Connected, reply.Pops[1].Servers[0].Status));
        Assert.Equal((1, DrainState.InService), (reply.Policy!.Floor, reply.Pops[0].Drain!.State));
        Assert.Equal(FailoverPhase.Announced, Assert.Single((await silo.Admin.StatusAsync()).Pops[0].Announcers).Status!.Phase);
    }

    [Theory]
    [InlineData("\"phase\":9,\"level\":\"Normal\",\"ordersVersion\":0")]
    [InlineData("\"phase\":\"Announced\",\"level\":77,\"ordersVersion\":0")]
    [InlineData("\"phase\":\"Announced\",\"level\":\"Normal\",\"ordersVersion\":-1")]
    [InlineData("\"phase\":\"Announced\",\"level\":\"Normal\",\"ordersVersion\":0,\"checks\":[null]")]
    public async Task A_report_that_says_nonsense_of_failover_is_refused(string failover)
    {
        await using RunningSilo silo = await RoutedSilo.StartAsync();
        await using ScriptedAnnouncer waw = await ConnectAsync(silo, "waw");
        waw.SendRaw(System.Text.Encoding.UTF8.GetBytes(
            $"{{\"type\":\"report\",\"epoch\":\"e\",\"configVersion\":1,\"sessions\":[],\"failover\":{{\"since\":\"2026-01-01T00:00:00Z\",\"why\":\"w\",{failover}}}}}\n"));
        Assert.Contains("failover has a phase", (await waw.NextAsync<AnnouncerRefusal>()).Reason, StringComparison.Ordinal);
    }

    private static long _sequence;

    private static PeerView View(string pop, FailoverPhase phase, string? failing = null) => new()
    {
        Server = $"{pop}1",
        Pop = pop,
        Instance = 3,
        Sequence = Interlocked.Increment(ref _sequence),
        Phase = phase,
        Level = phase == FailoverPhase.Announced ? AnnouncementLevel.Normal : AnnouncementLevel.Withdrawn,
        IsOnWire = true,
        IsWell = failing is null,
        FailingCheck = failing,
    };

    private static FailoverStatus Status(FailoverPhase phase) => new()
    {
        Phase = phase, Level = AnnouncementLevel.Normal, Since = DateTimeOffset.UnixEpoch, Why = "the test says so", OrdersVersion = 0,
    };

    private static async Task<FailoverOrders> OrdersAsync(ScriptedAnnouncer announcer) => (await announcer.NewsAsync(news => news.Orders is not null)).Orders!;

    private static Task<ScriptedAnnouncer> ConnectAsync(RunningSilo silo, string pop, string instance = "i1") =>
        ScriptedAnnouncer.ConnectAsync(silo.Feed, ScriptedAnnouncer.Hello(pop, $"{pop}1", instance));

    private static string Route(string route, string pop) => route.Replace("{pop}", pop, StringComparison.Ordinal);

    private static string Pin(string pop, string pin) => Route(ApiRoutes.Pin, pop).Replace("{pin}", pin, StringComparison.Ordinal);

    private static Task<HttpResponseMessage> SendAsync(ApiClient api, string route, DrainRequest? request = null) =>
        api.SendAsync(HttpMethod.Post, route, JsonContent.Create(request ?? new DrainRequest(), ContractsJson.Default.DrainRequest));

    private static async Task<DrainReply> PostAsync(ApiClient api, string route, DrainRequest? request = null) =>
        await ApiClient.Ok(await SendAsync(api, route, request), ContractsJson.Default.DrainReply);

    private static async Task<EventsReply> EventsAsync(ApiClient api, Func<EventsReply, bool> wanted)
    {
        while (true)
        {
            EventsReply reply = await ApiClient.Ok(await api.GetAsync(ApiRoutes.Events), ContractsJson.Default.EventsReply);
            if (wanted(reply))
            {
                return reply;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    private static async Task UntilAsync(
        RunningSilo silo, FakeTimeProvider time, ScriptedAnnouncer speaker, FailoverPhase phase, string? failing, Func<PopStatus, bool> wanted)
    {
        for (int i = 0; i < 600; i++)
        {
            if (wanted((await silo.Admin.StatusAsync()).Pops.Single(pop => pop.Id == speaker.Pop)))
            {
                return;
            }

            speaker.Send(new FailoverWord { View = View(speaker.Pop, phase, failing) });
            time.Advance(TimeSpan.FromMilliseconds(500));
        }

        Assert.Fail("not within five minutes of the silo's clock");
    }
}
