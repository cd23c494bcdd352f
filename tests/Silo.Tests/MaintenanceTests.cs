using System.Net.Http.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Testing;

namespace OrleansCdn.Silo.Tests;

/// <summary>Drains that end by themselves and maintenance windows, through the API, over restarts, by a clock that the test sets.</summary>
public sealed class MaintenanceTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_drain_ends_by_itself_also_when_the_silo_was_down_at_that_moment()
    {
        var data = new TestData();
        DateTimeOffset until = _time.GetUtcNow().AddHours(1);
        await using (RunningSilo first = await RunningSilo.StartAsync(data, _time))
        {
            await first.Admin.AppliedAsync(TestData.Yaml);
            DrainReply reply = await DrainAsync(first, new DrainRequest { Until = until, Why = "disks" });
            Assert.Equal((until, DrainState.Draining), (reply.Drain.Until, reply.Drain.State));
            ApiProblem past = await ApiClient.Problem(await PostAsync(first, new DrainRequest { Until = _time.GetUtcNow() }), 422);
            Assert.Contains("in the past", past.Detail, StringComparison.Ordinal);
            until = until.AddHours(1);
            Assert.True((await DrainAsync(first, new DrainRequest { Until = until })).Changed);
            _time.Advance(TimeSpan.FromMinutes(90));
            await StaysAsync(first, EligibilityState.Draining);
        }

        _time.Advance(TimeSpan.FromHours(1));
        await using RunningSilo second = await RunningSilo.StartAsync(data, _time);
        // No edge is connected, and nobody asks for the decision: the silo wakes by itself.
        AuditEntry? end = null;
        for (int i = 0; i < 600 && end is null; i++)
        {
            AuditReply audit = await ApiClient.Ok(await second.Admin.GetAsync(ApiRoutes.Audit), ContractsJson.Default.AuditReply);
            end = audit.Entries.FirstOrDefault(entry => entry.Action == AuditAction.Undrain);
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(("ops", "(by itself) disks"), (end?.Who, end?.Detail));
        await UntilAsync(second, EligibilityState.InService);
    }

    [Fact]
    public async Task A_window_drains_the_PoP_at_its_begin_and_brings_it_back_at_its_end_over_restarts()
    {
        var data = new TestData();
        DateTimeOffset from = _time.GetUtcNow().AddHours(2);
        MaintenanceWindow window;
        await using (RunningSilo first = await RunningSilo.StartAsync(data, _time))
        {
            await first.Admin.AppliedAsync(TestData.Yaml);
            window = await PlannedAsync(first, Plan("waw", from));
            Assert.Equal(("waw-1", MaintenanceState.Planned, "ops"), (window.Id, window.State, window.Who));
            Assert.Equal(window, await PlannedAsync(first, Plan("waw", from)));
            _time.Advance(TimeSpan.FromMinutes(119));
            await StaysAsync(first, EligibilityState.InService);
        }

        _time.Advance(TimeSpan.FromMinutes(5));
        await using (RunningSilo second = await RunningSilo.StartAsync(data, _time))
        {
            await UntilAsync(second, EligibilityState.Draining);
            Assert.Equal("new fans", (await second.Admin.StatusAsync()).Pops[0].Eligibility!.Detail);
            Assert.Equal(MaintenanceState.Active, (await ListAsync(second)).Windows.Single().State);
        }

        _time.Advance(TimeSpan.FromHours(1));
        await using RunningSilo third = await RunningSilo.StartAsync(data, _time);
        await UntilAsync(third, EligibilityState.InService);
        Assert.Equal(MaintenanceState.Done, (await ListAsync(third)).Windows.Single().State);
        AuditReply audit = await ApiClient.Ok(await third.Admin.GetAsync(ApiRoutes.Audit), ContractsJson.Default.AuditReply);
        Assert.Equal(
            [AuditAction.Undrain, AuditAction.Drain, AuditAction.Maintenance],
            audit.Entries.Where(entry => entry.Action != AuditAction.Apply).Select(entry => entry.Action));
        EventsReply events = await ApiClient.Ok(await third.Admin.GetAsync(ApiRoutes.Events), ContractsJson.Default.EventsReply);
        Assert.Contains(events.Events, happened => happened.Kind == EventKind.Drain && happened.What.Contains("for maintenance waw-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Windows_of_two_PoPs_do_not_overlap_unless_forced_and_the_second_waits_for_the_first()
    {
        await using RunningSilo silo = await RunningSilo.StartAsync(time: _time);
        await silo.Admin.AppliedAsync(TestData.Yaml);
        DateTimeOffset from = _time.GetUtcNow().AddMinutes(10);
        await PlannedAsync(silo, Plan("waw", from));
        ApiProblem overlaps = await ApiClient.Problem(await PlanAsync(silo, Plan("lax", from.AddMinutes(59))), 409);
        Assert.Contains("'waw-1'", overlaps.Detail, StringComparison.Ordinal);
        await PlannedAsync(silo, Plan("lax", from.AddHours(1)));
        _time.Advance(TimeSpan.FromMinutes(15));
        await UntilAsync(silo, EligibilityState.Draining);

        // The same moment ends the one and begins the other, although there are only two.
        _time.Advance(TimeSpan.FromHours(1));
        await UntilAsync(silo, EligibilityState.InService);
        await UntilAsync(silo, EligibilityState.Draining, pop: 1);
    }

    [Fact]
    public async Task A_window_that_would_leave_nobody_is_not_begun_says_so_and_is_tried_until_its_end()
    {
        await using RunningSilo silo = await RunningSilo.StartAsync(time: _time);
        await silo.Admin.AppliedAsync(TestData.Yaml);
        await PlannedAsync(silo, Plan("waw", _time.GetUtcNow().AddMinutes(10)));
        await DrainAsync(silo, new DrainRequest(), "lax");
        _time.Advance(TimeSpan.FromMinutes(15));
        await EventAsync(silo, "maintenance waw-1 does not begin: no other PoP is in service (lax: draining)");
        Assert.Equal(EligibilityState.InService, (await silo.Admin.StatusAsync()).Pops[0].Eligibility!.State);
        await ApiClient.Ok(await silo.Admin.SendAsync(HttpMethod.Post, Route(ApiRoutes.Undrain, "lax"), JsonContent.Create(new DrainRequest(), ContractsJson.Default.DrainRequest)), ContractsJson.Default.DrainReply);
        await UntilAsync(silo, EligibilityState.Draining);
    }

    [Fact]
    public async Task A_window_is_taken_back_and_one_in_force_ends_with_it()
    {
        await using RunningSilo silo = await RunningSilo.StartAsync(time: _time);
        await silo.Admin.AppliedAsync(TestData.Yaml);
        await PlannedAsync(silo, Plan("waw", _time.GetUtcNow()));
        await UntilAsync(silo, EligibilityState.Draining);
        MaintenanceWindow ended = await ApiClient.Ok(await RemoveAsync(silo, "waw-1"), ContractsJson.Default.MaintenanceWindow);
        Assert.Equal((MaintenanceState.Done, "ops"), (ended.State, ended.EndedBy));
        await UntilAsync(silo, EligibilityState.InService);
        await ApiClient.Problem(await RemoveAsync(silo, "waw-1"), 404);
        await ApiClient.Problem(await RemoveAsync(silo, "waw-9"), 404);
    }

    [Fact]
    public async Task Plans_that_are_none_are_refused()
    {
        await using RunningSilo silo = await RunningSilo.StartAsync(time: _time);
        await ApiClient.Problem(await PlanAsync(silo, Plan("waw", _time.GetUtcNow())), 409);
        await silo.Admin.AppliedAsync(TestData.Yaml);
        DateTimeOffset now = _time.GetUtcNow();
        await ApiClient.Problem(await PlanAsync(silo, Plan("fra", now)), 404);
        await ApiClient.Problem(await PlanAsync(silo, Plan("waw", now) with { Until = now }), 422);
        await ApiClient.Problem(await PlanAsync(silo, Plan("waw", now.AddHours(-3))), 422);
        await ApiClient.Problem(await PlanAsync(silo, Plan("waw", now) with { Why = "two\nlines" }), 422);
        await ApiClient.Problem(await silo.Admin.SendAsync(HttpMethod.Post, ApiRoutes.Maintenance, new StringContent("""{"pop":"waw"}""", null, "application/json")), 400);
        await ApiClient.Problem(await silo.Client(silo.Data.Read).SendAsync(HttpMethod.Post, ApiRoutes.Maintenance, JsonContent.Create(Plan("waw", now), ContractsJson.Default.MaintenanceRequest)), 403);
        Assert.Empty((await ListAsync(silo)).Windows);
    }

    private static MaintenanceRequest Plan(string pop, DateTimeOffset from) => new() { Pop = pop, From = from, Until = from.AddHours(1), Why = "new fans" };

    private static Task<HttpResponseMessage> PlanAsync(RunningSilo silo, MaintenanceRequest request) =>
        silo.Admin.SendAsync(HttpMethod.Post, ApiRoutes.Maintenance, JsonContent.Create(request, ContractsJson.Default.MaintenanceRequest));

    private static async Task<MaintenanceWindow> PlannedAsync(RunningSilo silo, MaintenanceRequest request) =>
        await ApiClient.Ok(await PlanAsync(silo, request), ContractsJson.Default.MaintenanceWindow);

    private static async Task<MaintenanceReply> ListAsync(RunningSilo silo) =>
        await ApiClient.Ok(await silo.Client(silo.Data.Read).GetAsync(ApiRoutes.Maintenance), ContractsJson.Default.MaintenanceReply);

    private static Task<HttpResponseMessage> RemoveAsync(RunningSilo silo, string id) =>
        silo.Admin.SendAsync(HttpMethod.Delete, ApiRoutes.MaintenanceWindow.Replace("{id}", id, StringComparison.Ordinal));

    private static string Route(string route, string pop) => route.Replace("{pop}", pop, StringComparison.Ordinal);

    private static Task<HttpResponseMessage> PostAsync(RunningSilo silo, DrainRequest request, string pop = "waw") =>
        silo.Admin.SendAsync(HttpMethod.Post, Route(ApiRoutes.Drain, pop), JsonContent.Create(request, ContractsJson.Default.DrainRequest));

    private static async Task<DrainReply> DrainAsync(RunningSilo silo, DrainRequest request, string pop = "waw") =>
        await ApiClient.Ok(await PostAsync(silo, request, pop), ContractsJson.Default.DrainReply);

    private async Task UntilAsync(RunningSilo silo, EligibilityState state, int pop = 0)
    {
        for (int i = 0; i < 600; i++)
        {
            if ((await silo.Admin.StatusAsync()).Pops[pop].Eligibility?.State == state)
            {
                return;
            }

            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Fail($"not {state} within a minute of the silo's clock");
    }

    private async Task StaysAsync(RunningSilo silo, EligibilityState state)
    {
        for (int i = 0; i < 20; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            Assert.Equal(state, (await silo.Admin.StatusAsync()).Pops[0].Eligibility?.State ?? EligibilityState.InService);
        }
    }

    private async Task EventAsync(RunningSilo silo, string words)
    {
        for (int i = 0; i < 600; i++)
        {
            EventsReply events = await ApiClient.Ok(await silo.Admin.GetAsync(ApiRoutes.Events), ContractsJson.Default.EventsReply);
            if (events.Events.Any(happened => happened.What.Contains(words, StringComparison.Ordinal)))
            {
                return;
            }

            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Fail($"nobody said '{words}'");
    }
}
