using System.Collections.Immutable;
using System.Net.Http.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Silo.Tests.Routing;

namespace OrleansCdn.Silo.Tests.Events;

/// <summary>The time line, from what happens to the API.</summary>
public sealed class EventTests
{
    /// <summary>Waits until something is told, however long that takes.</summary>
    private static async Task<CdnEvent> TheAsync(ApiClient api, Func<CdnEvent, bool> wanted)
    {
        for (EventsReply reply = await ReadAsync(api, "?after=0&limit=1000"); ; reply = await ReadAsync(api, $"?after={reply.Next}&waitMs=20000&limit=1000"))
        {
            if (reply.Events.FirstOrDefault(wanted) is { } found)
            {
                return found;
            }
        }
    }

    private static async Task<EventsReply> ReadAsync(ApiClient api, string query = "") =>
        await ApiClient.Ok(await api.GetAsync(ApiRoutes.Events + query), ContractsJson.Default.EventsReply);

    private static Task<HttpResponseMessage> DrainAsync(ApiClient api, string pop, string why) => api.SendAsync(
        HttpMethod.Post, ApiRoutes.Drain.Replace("{pop}", pop, StringComparison.Ordinal), JsonContent.Create(new DrainRequest { Why = why }, ContractsJson.Default.DrainRequest));

    [Fact]
    public async Task What_operators_and_edges_do_is_told_with_who_and_why_and_outlives_the_silo()
    {
        var data = new TestData();
        ImmutableArray<CdnEvent> all;
        await using (RunningSilo silo = await RunningSilo.StartAsync(data))
        {
            Assert.Equal((0, 0), ((await ReadAsync(silo.Admin)).Events.Length, (await ReadAsync(silo.Admin)).Oldest));
            await silo.Admin.AppliedAsync(TestData.Yaml, "?why=begin");
            CdnEvent config = await TheAsync(silo.Admin, e => e.Kind == EventKind.Config);
            Assert.Equal(("ops", "begin", EventSeverity.Info), (config.Who, config.Why, config.Severity));

            await using (ScriptedEdge first = await ScriptedEdge.ConnectAsync(silo.Feed, ScriptedEdge.Hello("waw", "waw1", instance: "i1")))
            {
                await TheAsync(silo.Admin, e => e is { Kind: EventKind.EdgeConnected, Pop: "waw", Edge: "waw1" });
                await using (ScriptedEdge second = await ScriptedEdge.ConnectAsync(silo.Feed, ScriptedEdge.Hello("waw", "waw1", instance: "i2")))
                {
                    CdnEvent replaced = await TheAsync(silo.Admin, e => e.Kind == EventKind.EdgeReplaced);
                    Assert.Equal("instance i2, before it i1", replaced.Why);
                }

                CdnEvent lost = await TheAsync(silo.Admin, e => e.Kind == EventKind.EdgeLost);
                Assert.Equal(("waw", "waw1", EventSeverity.Problem), (lost.Pop, lost.Edge, lost.Severity));
            }

            await DrainAsync(silo.Admin, "waw", "new disks");
            CdnEvent drain = await TheAsync(silo.Admin, e => e.Kind == EventKind.Drain);
            Assert.Equal(("waw", "ops", "new disks", EventSeverity.Warning), (drain.Pop, drain.Who, drain.Why, drain.Severity));
            CdnEvent decided = await TheAsync(silo.Admin, e => e is { Kind: EventKind.Eligibility, Pop: "waw", Severity: EventSeverity.Warning });
            Assert.StartsWith("new disks (decision ", decided.Why, StringComparison.Ordinal);
            Assert.True(decided.Id > drain.Id);

            all = (await ReadAsync(silo.Client(data.Read))).Events;
            Assert.Equal(all.Where(e => e.Pop == "waw" && e.Kind == EventKind.Drain), (await ReadAsync(silo.Admin, "?pop=waw&kind=drain")).Events);
            Assert.Equal(all.TakeLast(2), (await ReadAsync(silo.Admin, "?limit=2")).Events);
            Assert.Equal(all.Skip(1).Take(2), (await ReadAsync(silo.Admin, $"?limit=2&after={all[0].Id}")).Events);
            Assert.Empty((await ReadAsync(silo.Admin, "?since=2999-01-01T00:00:00Z")).Events);
        }

        await using RunningSilo again = await RunningSilo.StartAsync(data);
        Assert.Equal(all, (await ReadAsync(again.Admin)).Events.Take(all.Length));
        await DrainAsync(again.Admin, "waw", "");
        await again.Admin.SendAsync(HttpMethod.Post, ApiRoutes.Undrain.Replace("{pop}", "waw", StringComparison.Ordinal), JsonContent.Create(new DrainRequest(), ContractsJson.Default.DrainRequest));
        Assert.True((await TheAsync(again.Admin, e => e.Kind == EventKind.Undrain)).Id > all[^1].Id);
    }

    [Fact]
    public async Task Who_waits_is_answered_by_what_happens()
    {
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await silo.Admin.AppliedAsync(TestData.Yaml);
        await TheAsync(silo.Admin, e => e.Kind == EventKind.Config);
        long next = (await ReadAsync(silo.Admin)).Next;
        Task<EventsReply> waiting = ReadAsync(silo.Admin, $"?after={next}&kind=Drain&waitMs=20000");
        await DrainAsync(silo.Admin, "lax", "night");
        EventsReply reply = await waiting;
        Assert.Equal("night", Assert.Single(reply.Events).Why);
        Assert.True(reply.Next > next);
        EventsReply nothing = await ReadAsync(silo.Admin, $"?after={reply.Next}&kind=Rollback&waitMs=50");
        Assert.Empty(nothing.Events);
        Assert.True(nothing.Next >= reply.Next);
    }

    [Fact]
    public async Task A_session_that_an_announcer_loses_is_told_with_its_reason_and_a_route_change_with_who()
    {
        await using RunningSilo silo = await RoutedSilo.StartAsync();
        await using ScriptedAnnouncer grr = await ScriptedAnnouncer.ConnectAsync(silo.Feed, ScriptedAnnouncer.Hello("grr", "grr1"));
        AnnouncerReport up = ScriptedAnnouncer.Report(await grr.NextAsync<DesiredAnnouncements>());
        grr.Send(up);
        await TheAsync(silo.Admin, e => e is { Kind: EventKind.AnnouncerConnected, Pop: "grr", Edge: "grr1" });
        ObservedSession held = up.Sessions[0];
        ObservedSession down = held with
        {
            State = BgpState.Idle,
            Since = held.Since.AddSeconds(1),
            LastError = new SessionError(held.Since.AddSeconds(1), SessionErrorOrigin.Received, 6, 2, "Cease/Administrative Shutdown"),
        };
        grr.Send(up with { Sessions = up.Sessions.SetItem(0, down) });
        CdnEvent lost = await TheAsync(silo.Admin, e => e.Kind == EventKind.SessionLost);
        Assert.Equal(("grr", "grr1", held.Upstream, EventSeverity.Problem), (lost.Pop, lost.Edge, lost.Upstream, lost.Severity));
        Assert.Contains("Cease/Administrative Shutdown", lost.Why, StringComparison.Ordinal);
        grr.Send(up with { Sessions = up.Sessions.SetItem(0, held with { Since = held.Since.AddSeconds(9) }) });
        await TheAsync(silo.Admin, e => e.Kind == EventKind.SessionEstablished && e.Upstream == held.Upstream);

        await silo.Client(silo.Data.Route).ChangedAsync(new RouteChangeRequest { Pop = "grr", Upstream = "hurricane-electric", Action = RouteAction.Prepend, Prepend = 3, Why = "less of it" });
        CdnEvent route = await TheAsync(silo.Admin, e => e.Kind == EventKind.Route);
        Assert.Equal(("noc", "less of it", "hurricane-electric"), (route.Who, route.Why, route.Upstream));
        Assert.Contains("prepend 3", route.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_seen_is_there_after_the_silo_was_killed()
    {
        var data = new TestData();
        CdnEvent seen;
        await using (SiloProcess silo = await SiloProcess.StartAsync(data))
        {
            var api = new ApiClient(silo.Api, data.Admin);
            await api.AppliedAsync(TestData.Yaml);
            seen = await TheAsync(api, e => e.Kind == EventKind.Config);
            await silo.KillAsync();
        }

        await using SiloProcess next = await SiloProcess.StartAsync(data);
        Assert.Contains(seen, (await ReadAsync(new ApiClient(next.Api, data.Admin))).Events);
    }

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=1001", "limit")]
    [InlineData("?after=-1", "after")]
    [InlineData("?waitMs=5", "waitMs")]
    [InlineData("?after=1&waitMs=20001", "waitMs")]
    [InlineData("?after=1&waitMs=-1", "waitMs")]
    [InlineData("?kind=3", "kind")]
    [InlineData("?kind=Drain,Undrain", "kind")]
    public async Task What_is_no_question_is_refused(string query, string says)
    {
        await using RunningSilo silo = await RunningSilo.StartAsync();
        Assert.Contains($"'{says}'", (await ApiClient.Problem(await silo.Admin.GetAsync(ApiRoutes.Events + query), 422)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_takes_a_token_that_may_read()
    {
        await using RunningSilo silo = await RunningSilo.StartAsync();
        await ApiClient.Problem(await silo.Client(null).GetAsync(ApiRoutes.Events), 401);
        await ApiClient.Problem(await silo.Client(silo.Data.Purge).GetAsync(ApiRoutes.Events), 403);
        await ReadAsync(silo.Client(silo.Data.Read));
    }
}
