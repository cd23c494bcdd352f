using System.Net;
using System.Net.Http.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Testing;

namespace OrleansCdn.Silo.Tests;

/// <summary>Draining a PoP from the API to the edges of all PoPs, over real sockets.</summary>
public sealed class DrainTests : IAsyncLifetime
{
    private RunningSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _silo = await RunningSilo.StartAsync();
        await _silo.Admin.AppliedAsync(TestData.Yaml);
    }

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task A_drain_comes_to_the_edges_of_all_PoPs_and_is_done_when_they_have_confirmed_it()
    {
        await using ScriptedEdge waw = await ConnectAsync(_silo, "waw", "waw1");
        await using ScriptedEdge lax = await ConnectAsync(_silo, "lax", "lax1");
        Eligibility before = await waw.NextAsync<Eligibility>();
        Assert.Equal([("waw", EligibilityState.InService), ("lax", EligibilityState.InService)], before.Pops.Select(p => (p.Pop, p.State)));

        Task<DrainReply> draining = DrainAsync(_silo.Admin, "waw", new DrainRequest { Why = "new disks", Wait = true, DeadlineMs = 60_000 });
        foreach (ScriptedEdge edge in (ScriptedEdge[])[waw, lax])
        {
            Eligibility told;
            do
            {
                told = await edge.NextAsync<Eligibility>();
            }
            while (told.IsEligible("waw"));
            Assert.True(told.Epoch > before.Epoch);
            Assert.Equal((EligibilityState.Draining, "new disks"), (told.Find("waw")!.State, told.Find("waw")!.Detail));
            Assert.True(told.IsEligible("lax"));
            Assert.False(draining.IsCompleted);
            edge.Send(Heartbeat(told.Epoch));
        }

        DrainReply reply = await draining;
        Assert.True(reply.Changed);
        Assert.True(reply.IsConfirmed);
        Assert.Equal(["waw", "lax"], reply.Pops.Select(p => p.Pop));
        Assert.Equal(("waw", DrainState.Draining, 1L, "ops", "new disks"), (reply.Drain.Pop, reply.Drain.State, reply.Drain.Version, reply.Drain.Who, reply.Drain.Why));

        StatusReply status = await _silo.Admin.StatusAsync();
        Assert.Equal(reply.Epoch, status.EligibilityEpoch);
        Assert.Equal((EligibilityState.Draining, reply.Epoch), (status.Pops[0].Eligibility!.State, status.Pops[0].Edges[0].EligibilityEpoch));

        // Asked again, as a retry does: nothing is written, and the answer is the same.
        DrainReply again = await DrainAsync(_silo.Admin, "waw", new DrainRequest { Why = "other words", Wait = true });
        Assert.Equal((false, reply.Epoch, "new disks"), (again.Changed, again.Epoch, again.Drain.Why));

        DrainReply back = await DrainAsync(_silo.Admin, "waw", new DrainRequest(), ApiRoutes.Undrain);
        Assert.Equal((true, DrainState.InService, 2L), (back.Changed, back.Drain.State, back.Drain.Version));
        Assert.True(back.Epoch > reply.Epoch);
        Assert.True((await lax.NextAsync<Eligibility>()).IsEligible("waw"));
    }

    [Fact]
    public async Task Edges_that_do_not_confirm_are_named_at_the_deadline()
    {
        await using ScriptedEdge slow = await ConnectAsync(_silo, "waw", "waw1");
        await slow.NextAsync<Eligibility>();
        DrainReply reply = await DrainAsync(_silo.Admin, "lax", new DrainRequest { Wait = true, DeadlineMs = 50 });
        Assert.False(reply.IsConfirmed);
        Assert.Equal([("waw", "waw1", true, false), ("lax", "lax1", false, false)], reply.Pops.Select(p => (p.Pop, p.Edges[0].Edge, p.Edges[0].Connected, p.Edges[0].Confirmed)));
    }

    [Fact]
    public async Task An_edge_of_older_software_is_told_nothing_that_it_does_not_know()
    {
        await using ScriptedEdge older = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", "waw1"));
        await older.NextAsync<PurgeGap>();
        DrainReply reply = await DrainAsync(_silo.Admin, "lax", new DrainRequest());
        PurgeReply purge = await _silo.Admin.PurgedAsync(new PurgeRequest { Site = "www", Kind = PurgeKind.Tag, Values = ["t"] });
        while (older.Cursor != purge.Cursor)
        {
            Assert.IsNotType<Eligibility>(await older.NextAsync());
        }

        Assert.False(reply.Pops.Single(p => p.Pop == "waw").IsConfirmed);
    }

    [Fact]
    public async Task A_PoP_that_is_not_there_and_the_last_one_are_refused_with_what_would_be_right()
    {
        ApiProblem unknown = await ApiClient.Problem(await PostAsync(_silo.Admin, "fra", new DrainRequest()), 404);
        Assert.Contains("'fra'", unknown.Detail, StringComparison.Ordinal);
        Assert.Contains("'waw', 'lax'", unknown.Detail, StringComparison.Ordinal);
        await ApiClient.Problem(await PostAsync(_silo.Admin, "fra", new DrainRequest(), ApiRoutes.Undrain), 404);

        await DrainAsync(_silo.Admin, "waw", new DrainRequest());
        ApiProblem last = await ApiClient.Problem(await PostAsync(_silo.Admin, "lax", new DrainRequest()), 422);
        Assert.Contains("waw: draining", last.Detail, StringComparison.Ordinal);
        Assert.Contains("--force", last.Detail, StringComparison.Ordinal);
        Assert.Equal(EligibilityState.InService, (await _silo.Admin.StatusAsync()).Pops[1].Eligibility!.State);

        DrainReply forced = await DrainAsync(_silo.Admin, "lax", new DrainRequest { Force = true, Why = "night" });
        Assert.Equal(DrainState.Draining, forced.Drain.State);
        // What is so already is not refused.
        Assert.False((await DrainAsync(_silo.Admin, "lax", new DrainRequest())).Changed);

        AuditReply audit = await ApiClient.Ok(await _silo.Admin.GetAsync(ApiRoutes.Audit), ContractsJson.Default.AuditReply);
        (AuditAction, AuditOutcome, string?)[] drains =
            [.. audit.Entries.Where(e => e.Action is AuditAction.Drain or AuditAction.Undrain).Select(e => (e.Action, e.Outcome, e.Id))];
        Assert.Equal(
            [
                (AuditAction.Drain, AuditOutcome.Done, "lax 1"),
                (AuditAction.Drain, AuditOutcome.Refused, null),
                (AuditAction.Drain, AuditOutcome.Done, "waw 1"),
                (AuditAction.Undrain, AuditOutcome.Refused, null),
                (AuditAction.Drain, AuditOutcome.Refused, null),
            ],
            drains);
        Assert.Equal("(forced) night", audit.Entries.First(e => e.Id == "lax 1").Detail);
    }

    /// <summary>Of two drains at the same moment, one is refused: together they would leave nobody.</summary>
    [Fact]
    public async Task Drains_at_the_same_moment_leave_a_PoP_in_service()
    {
        for (int round = 0; round < 10; round++)
        {
            HttpResponseMessage[] answers = await Task.WhenAll(
                PostAsync(_silo.Admin, "waw", new DrainRequest()), PostAsync(_silo.Admin, "lax", new DrainRequest()));
            Assert.Equal([HttpStatusCode.Accepted, HttpStatusCode.UnprocessableEntity], answers.Select(a => a.StatusCode).Order());
            await DrainAsync(_silo.Admin, "waw", new DrainRequest(), ApiRoutes.Undrain);
            await DrainAsync(_silo.Admin, "lax", new DrainRequest(), ApiRoutes.Undrain);
        }
    }

    [Theory]
    [InlineData("""{"why":"two\nlines"}""", 422)]
    [InlineData("""{"wait":true,"deadlineMs":0}""", 422)]
    [InlineData("""{"wait":true,"deadlineMs":60001}""", 422)]
    [InlineData("""{"why":7}""", 400)]
    [InlineData("[]", 400)]
    [InlineData("", 400)]
    public async Task Requests_that_are_none_change_nothing(string body, int status)
    {
        using HttpResponseMessage answer = await _silo.Admin.SendAsync(
            HttpMethod.Post, Route(ApiRoutes.Drain, "waw"), new StringContent(body, null, "application/json"));
        await ApiClient.Problem(answer, status);
        DrainReply undrained = await DrainAsync(_silo.Admin, "waw", new DrainRequest(), ApiRoutes.Undrain);
        Assert.Equal((false, 0L), (undrained.Changed, undrained.Drain.Version));
    }

    [Fact]
    public async Task Without_a_config_there_is_nothing_to_drain()
    {
        await using RunningSilo empty = await RunningSilo.StartAsync();
        await ApiClient.Problem(await PostAsync(empty.Admin, "waw", new DrainRequest()), 409);
    }

    [Fact]
    public async Task It_takes_the_scope()
    {
        var data = new TestData();
        string token = data.Add("night", row => row with { Scopes = ["drain"] });
        await using RunningSilo silo = await RunningSilo.StartAsync(data);
        await silo.Admin.AppliedAsync(TestData.Yaml);
        foreach (string other in (string[])[data.Read, data.Purge, data.Route])
        {
            await ApiClient.Problem(await PostAsync(silo.Client(other), "waw", new DrainRequest()), 403);
        }

        await ApiClient.Problem(await PostAsync(silo.Client(null), "waw", new DrainRequest()), 401);
        Assert.Equal("night", (await DrainAsync(silo.Client(token), "waw", new DrainRequest())).Drain.Who);
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_by_a_silo_that_is_killed()
    {
        var data = new TestData();
        long epoch;
        await using (SiloProcess first = await SiloProcess.StartAsync(data))
        {
            var api = new ApiClient(first.Api, data.Admin);
            await api.AppliedAsync(TestData.Yaml);
            epoch = (await DrainAsync(api, "waw", new DrainRequest { Why = "kill" })).Epoch;
            await first.KillAsync();
        }

        await using SiloProcess second = await SiloProcess.StartAsync(data);
        await using ScriptedEdge lax = await ScriptedEdge.ConnectAsync(second.Feed, Hello("lax", "lax1"));
        Eligibility told = await lax.NextAsync<Eligibility>();
        Assert.True(told.Epoch >= epoch, $"{told.Epoch} after {epoch}");
        Assert.Equal((EligibilityState.Draining, "kill"), (told.Find("waw")!.State, told.Find("waw")!.Detail));
        Assert.False((await DrainAsync(new ApiClient(second.Api, data.Admin), "waw", new DrainRequest())).Changed);
    }

    /// <summary>An edge that has a decision of a database that is gone takes the new one's.</summary>
    [Fact]
    public async Task An_edge_that_knows_a_higher_epoch_is_told_of_one_above_it()
    {
        long known = (await _silo.Admin.StatusAsync()).EligibilityEpoch!.Value + 1000;
        await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(_silo.Feed, Hello("waw", "waw1") with { Eligibility = known });
        Assert.True((await edge.NextAsync<Eligibility>()).Epoch > known);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public async Task A_hello_with_an_epoch_that_cannot_be_is_refused(long epoch)
    {
        await using ScriptedEdge edge = await ScriptedEdge.ConnectAsync(_silo.Feed, Hello("waw", "waw1") with { Eligibility = epoch });
        Assert.Contains("eligibility", (await edge.NextAsync<SiloRefusal>()).Reason, StringComparison.Ordinal);
    }

    /// <summary>One that stops says so, one that is out of sight does not: the one's PoP is out after a while, the other's stays.</summary>
    [Fact]
    public async Task A_PoP_is_gone_when_its_edges_have_said_so_and_not_when_they_are_out_of_sight()
    {
        var time = new FakeTimeProvider();
        await using RunningSilo silo = await RunningSilo.StartAsync(time: time);
        await silo.Admin.AppliedAsync(TestData.Yaml);
        ScriptedEdge waw = await ConnectAsync(silo, "waw", "waw1");
        ScriptedEdge lax = await ConnectAsync(silo, "lax", "lax1");
        await UntilAsync(silo, time, status => status.EligibilityEpoch > 0 && status.Pops.All(pop => pop.Edges[0].Connected));
        waw.Send(new EdgeLeaving());
        waw.End();
        Assert.Null(await waw.NextUntilEndAsync());
        await waw.DisposeAsync();
        await lax.DisposeAsync();
        await UntilAsync(silo, time, status => status.Pops[0].Eligibility!.State == EligibilityState.Gone);
        Assert.Equal("waw1 has stopped", (await silo.Admin.StatusAsync()).Pops[0].Eligibility!.Detail);
        for (int i = 0; i < 120; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(EligibilityState.InService, (await silo.Admin.StatusAsync()).Pops[1].Eligibility!.State);
        }

        // The one that is left is not drained, either, without --force.
        await ApiClient.Problem(await PostAsync(silo.Admin, "lax", new DrainRequest()), 422);
        await using ScriptedEdge back = await ConnectAsync(silo, "waw", "waw1");
        await UntilAsync(silo, time, status => status.Pops[0].Eligibility!.State == EligibilityState.InService, back);
    }

    /// <summary>One that is lost and one that hangs: a silo's loss of sight counts when edges elsewhere find the same.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_PoP_that_no_silo_hears_is_out_when_edges_elsewhere_get_no_answer_either(bool isLost)
    {
        var time = new FakeTimeProvider();
        await using RunningSilo silo = await RunningSilo.StartAsync(time: time);
        await silo.Admin.AppliedAsync(TestData.Yaml);
        ScriptedEdge waw = await ConnectAsync(silo, "waw", "waw1");
        await using ScriptedEdge lax = await ConnectAsync(silo, "lax", "lax1");
        await UntilAsync(silo, time, status => status.EligibilityEpoch > 0 && status.Pops.All(pop => pop.Edges[0].Connected), lax, Finds(answering: "waw1"));
        if (isLost)
        {
            await waw.DisposeAsync();
            await UntilAsync(silo, time, status => !status.Pops[0].Edges[0].Connected, lax, Finds(answering: "waw1"));
        }

        // Whatever is lost: it answers others.
        for (int i = 0; i < 60; i++)
        {
            lax.Send(Finds(answering: "waw1"));
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(EligibilityState.InService, (await silo.Admin.StatusAsync()).Pops[0].Eligibility!.State);
        }

        await UntilAsync(silo, time, status => status.Pops[0].Eligibility!.State == EligibilityState.Gone, lax, Finds(silent: "waw1"));
        StatusReply gone = await silo.Admin.StatusAsync();
        Assert.Equal("waw1 does not answer lax", gone.Pops[0].Eligibility!.Detail);
        Assert.Equal(EligibilityState.InService, gone.Pops[1].Eligibility!.State);

        await using ScriptedEdge back = await ConnectAsync(silo, "waw", "waw1");
        await UntilAsync(silo, time, status => status.Pops[0].Eligibility!.State == EligibilityState.InService, back);
        if (!isLost)
        {
            await waw.DisposeAsync();
        }
    }

    private static EdgeHeartbeat Finds(string? answering = null, string? silent = null) => Heartbeat(0) with
    {
        Condition = new EdgeCondition
        {
            Disk = EdgeDisk.None,
            Reach = new EdgeReach { Answering = answering is null ? [] : [answering], Silent = silent is null ? [] : [silent] },
        },
    };

    [Fact]
    public async Task A_PoP_whose_edges_want_no_visitors_is_out_until_one_does()
    {
        var time = new FakeTimeProvider();
        await using RunningSilo silo = await RunningSilo.StartAsync(time: time);
        await silo.Admin.AppliedAsync(TestData.Yaml);
        await using ScriptedEdge waw = await ConnectAsync(silo, "waw", "waw1");
        EdgeHeartbeat wantsOut = Heartbeat(0) with { Condition = new EdgeCondition { Disk = EdgeDisk.None, WantsOut = DrainReason.CutOff } };
        waw.Send(wantsOut);
        await UntilAsync(silo, time, status => status.Pops[0].Eligibility?.State == EligibilityState.WantsOut, waw, wantsOut);
        EdgeHeartbeat well = Heartbeat(0) with { Condition = new EdgeCondition { Disk = EdgeDisk.None } };
        await UntilAsync(silo, time, status => status.Pops[0].Eligibility?.State == EligibilityState.InService, waw, well);
    }

    private static async Task UntilAsync(
        RunningSilo silo, FakeTimeProvider time, Func<StatusReply, bool> condition, ScriptedEdge? alive = null, EdgeHeartbeat? heartbeat = null)
    {
        for (int i = 0; i < 600; i++)
        {
            if (condition(await silo.Admin.StatusAsync()))
            {
                return;
            }

            alive?.Send(heartbeat ?? Heartbeat(0));
            time.Advance(TimeSpan.FromMilliseconds(500));
        }

        Assert.Fail("not within five minutes of the silo's clock");
    }

    private static EdgeHello Hello(string pop, string edge) => ScriptedEdge.Hello(pop, edge) with { Eligibility = 0 };

    private static Task<ScriptedEdge> ConnectAsync(RunningSilo silo, string pop, string edge) => ScriptedEdge.ConnectAsync(silo.Feed, Hello(pop, edge));

    private static EdgeHeartbeat Heartbeat(long eligibility) => new()
    {
        ConfigVersion = 1,
        Cursor = PurgeCursor.None,
        Counters = new EdgeCounters(),
        Eligibility = eligibility,
    };

    private static string Route(string route, string pop) => route.Replace("{pop}", pop, StringComparison.Ordinal);

    private static Task<HttpResponseMessage> PostAsync(ApiClient api, string pop, DrainRequest request, string route = ApiRoutes.Drain) =>
        api.SendAsync(HttpMethod.Post, Route(route, pop), JsonContent.Create(request, ContractsJson.Default.DrainRequest));

    private static async Task<DrainReply> DrainAsync(ApiClient api, string pop, DrainRequest request, string route = ApiRoutes.Drain) =>
        await ApiClient.Ok(await PostAsync(api, pop, request, route), ContractsJson.Default.DrainReply);
}
