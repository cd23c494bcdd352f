using System.Net.Http.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Silo.Tests.Routing;

namespace OrleansCdn.Silo.Tests.Failover;

/// <summary>A drain from the API through edges and announcers and back, as its progress shows it.</summary>
public sealed class DrainWayTests : IAsyncLifetime
{
    private RunningSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await RoutedSilo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task Orders_go_to_the_announcer_and_what_it_reports_is_the_progress()
    {
        await using ScriptedAnnouncer waw = await ScriptedAnnouncer.ConnectAsync(_silo.Feed, ScriptedAnnouncer.Hello("waw", "waw1"));
        DesiredAnnouncements desired = await waw.NextAsync<DesiredAnnouncements>();
        void Report(long orders, FailoverPhase phase, AnnouncementLevel level, string? waitsFor = null, int? connections = null, bool isDrained = false) =>
            waw.Send(ScriptedAnnouncer.Report(desired) with
            {
                Failover = new FailoverStatus
                {
                    Phase = phase, Level = level, Since = DateTimeOffset.UnixEpoch, Why = "because", OrdersVersion = orders, WaitsFor = waitsFor, Connections = connections, IsDrained = isDrained,
                },
            });

        await DrainAsync(ApiRoutes.Drain);
        FailoverOrders orders = (await waw.NewsAsync(news => news.Orders is { IsDraining: true })).Orders!;
        await StepsAsync("Dns Done, Deprefer HeldBack, Withdraw HeldBack, Connections Pending");
        Report(orders.Version, FailoverPhase.Draining, AnnouncementLevel.Depreferred, waitsFor: "lax1 is to go itself");
        Assert.Equal("lax1 is to go itself", (await StepsAsync("Dns Done, Deprefer Done, Withdraw HeldBack, Connections Pending")).Steps[2].Detail);
        Report(orders.Version, FailoverPhase.Withdrawn, AnnouncementLevel.Withdrawn, connections: 3);
        await StepsAsync("Dns Done, Deprefer Done, Withdraw Done, Connections UnderWay");
        Report(orders.Version, FailoverPhase.Withdrawn, AnnouncementLevel.Withdrawn, connections: 0, isDrained: true);
        DrainProgressReply drained = await StepsAsync("Dns Done, Deprefer Done, Withdraw Done, Connections Done");
        Assert.True(drained.IsDone);

        // And back: what the announcer said before it heard of it does not count.
        await DrainAsync(ApiRoutes.Undrain);
        FailoverOrders back = (await waw.NewsAsync(news => news.Orders is { IsDraining: false } later && later.Version > orders.Version)).Orders!;
        DrainProgressReply unheard = await ProgressAsync();
        Assert.Equal((DrainAction.Undrain, DrainStepState.UnderWay, "it is being told"), (unheard.Towards, unheard.Steps[0].State, unheard.Steps[0].Detail));
        Report(back.Version, FailoverPhase.Warming, AnnouncementLevel.Withdrawn);
        await StepsAsync("WarmUp UnderWay, Announce Pending", first: 2);
        Report(back.Version, FailoverPhase.Announced, AnnouncementLevel.Normal);
        await StepsAsync("WarmUp Done, Announce Done", first: 2);
    }

    [Fact]
    public async Task What_is_not_there_has_no_progress()
    {
        await ApiClient.Problem(await _silo.Admin.GetAsync(Route(ApiRoutes.Drain, "fra")), 404);
        await ApiClient.Problem(await _silo.Admin.GetAsync(Route(ApiRoutes.DrainEdge, "waw", "lax1")), 404);
        Assert.True((await ApiClient.Ok(await _silo.Admin.GetAsync(Route(ApiRoutes.DrainEdge, "waw", "waw1")), ContractsJson.Default.DrainProgressReply)).IsDone);
        await ApiClient.Problem(await _silo.Client(_silo.Data.Purge).GetAsync(Route(ApiRoutes.Drain, "waw")), 403);
    }

    /// <summary>No orders go to announcers, and DNS keeps the PoP.</summary>
    [Fact]
    public async Task One_edge_of_several_leaves_routes_and_DNS_alone_and_the_last_one_is_refused()
    {
        await _silo.Admin.AppliedAsync(RoutedSilo.Yaml.Replace(
            "edges: [ { name: waw1, http: \"127.0.0.1:8001\" } ]", "edges: [ { name: waw1, http: \"127.0.0.1:8001\" }, { name: waw2, http: \"127.0.0.1:8011\" } ]", StringComparison.Ordinal));
        await using ScriptedAnnouncer announcer = await ScriptedAnnouncer.ConnectAsync(_silo.Feed, ScriptedAnnouncer.Hello("waw", "waw1"));
        await using ScriptedEdge first = await EdgeAsync("waw1");
        ApiProblem alone = await ApiClient.Problem(await PostAsync(Route(ApiRoutes.DrainEdge, "waw", "waw1")), 422);
        Assert.Contains("cdn drain waw", alone.Detail, StringComparison.Ordinal);
        await using ScriptedEdge second = await EdgeAsync("waw2");

        // The PoP tells how its edges are every few seconds.
        HttpResponseMessage answer;
        do
        {
            answer = await PostAsync(Route(ApiRoutes.DrainEdge, "waw", "waw2"));
        }
        while ((int)answer.StatusCode == 422);
        DrainReply reply = await ApiClient.Ok(answer, ContractsJson.Default.DrainReply);
        Assert.Equal((DrainState.InService, "waw2", "ops"), (reply.Drain.State, reply.Drain.Edges.Single().Edge, reply.Drain.Edges.Single().Who));
        Eligibility told;
        do
        {
            told = await second.NextAsync<Eligibility>();
        }
        while (told.Epoch < reply.Epoch);
        Assert.True(told.IsEligible("waw"));
        Assert.Equal([false, true], (await _silo.Admin.StatusAsync()).Pops[0].Edges.Select(edge => edge.IsDrained));
        Assert.Equal((true, false), (told.IsDraining("waw", "waw2"), told.IsDraining("waw", "waw1")));

        // Both would be one too many; the PoP itself goes on.
        await ApiClient.Problem(await PostAsync(Route(ApiRoutes.DrainEdge, "waw", "waw1")), 422);
        await ApiClient.Problem(await PostAsync(Route(ApiRoutes.DrainEdge, "waw", "lax1")), 404);
        Assert.Equal(0, reply.Drain.OrdersVersion);
        Assert.False((await ApiClient.Ok(await PostAsync(Route(ApiRoutes.DrainEdge, "waw", "waw2")), ContractsJson.Default.DrainReply)).Changed);
        reply = await ApiClient.Ok(await PostAsync(Route(ApiRoutes.UndrainEdge, "waw", "waw2")), ContractsJson.Default.DrainReply);
        Assert.Empty(reply.Drain.Edges);
        do
        {
            told = await second.NextAsync<Eligibility>();
        }
        while (told.Epoch < reply.Epoch);
        Assert.Empty(told.DrainedEdges);
        Assert.Equal(EligibilityState.InService, (await _silo.Admin.StatusAsync()).Pops[0].Eligibility!.State);
    }

    private async Task<ScriptedEdge> EdgeAsync(string edge)
    {
        ScriptedEdge connected = await ScriptedEdge.ConnectAsync(_silo.Feed, ScriptedEdge.Hello("waw", edge) with { Eligibility = 0 });
        connected.Send(new EdgeHeartbeat { ConfigVersion = 1, Cursor = PurgeCursor.None, Counters = new EdgeCounters(), Eligibility = 0 });
        return connected;
    }

    private static string Route(string route, string pop, string edge = "") => route.Replace("{pop}", pop, StringComparison.Ordinal).Replace("{edge}", edge, StringComparison.Ordinal);

    private Task<HttpResponseMessage> PostAsync(string route) =>
        _silo.Admin.SendAsync(HttpMethod.Post, route, JsonContent.Create(new DrainRequest(), ContractsJson.Default.DrainRequest));

    private async Task DrainAsync(string route) => await ApiClient.Ok(await PostAsync(Route(route, "waw")), ContractsJson.Default.DrainReply);

    private async Task<DrainProgressReply> ProgressAsync() => await ApiClient.Ok(await _silo.Admin.GetAsync(Route(ApiRoutes.Drain, "waw")), ContractsJson.Default.DrainProgressReply);

    private async Task<DrainProgressReply> StepsAsync(string steps, int first = 9)
    {
        string last = "";
        for (int i = 0; i < 600; i++)
        {
            DrainProgressReply reply = await ProgressAsync();
            last = string.Join(", ", reply.Steps.Take(first).Select(step => $"{step.Step} {step.State}"));
            if (last == steps)
            {
                return reply;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        Assert.Fail($"wanted {steps}, it is {last}");
        throw new InvalidOperationException();
    }
}
