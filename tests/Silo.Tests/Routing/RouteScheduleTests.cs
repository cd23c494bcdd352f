using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Testing;

namespace OrleansCdn.Silo.Tests.Routing;

/// <summary>Schedules by a clock that the test moves, across restarts of the silo.</summary>
public sealed class RouteScheduleTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly RouteChangeRequest Night = new()
    {
        Pop = "grr", Upstream = "123net", Action = RouteAction.Withdraw, From = Start.AddHours(2), Until = Start.AddHours(4), Why = "maintenance",
    };

    /// <summary>Lets the clock go on until it is as wanted: the keeper looks once a second.</summary>
    private static async Task<UpstreamRoutes> UntilAsync(RunningSilo silo, FakeTimeProvider time, Func<UpstreamRoutes, bool> wanted)
    {
        for (int attempt = 0; ; attempt++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            UpstreamRoutes upstream = await silo.Admin.UpstreamAsync("grr", "123net");
            if (wanted(upstream))
            {
                return upstream;
            }

            Assert.True(attempt < 1000, "still not as wanted");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }

    [Fact]
    public async Task It_begins_and_ends_by_itself_and_a_restart_in_between_changes_nothing()
    {
        var time = new FakeTimeProvider(Start);
        RunningSilo silo = await RoutedSilo.StartAsync(time: time);
        try
        {
            RouteChangeAt at = Assert.Single((await silo.Client(silo.Data.Route).ChangedAsync(Night)).Upstreams);
            Assert.Equal((RouteChangeState.Scheduled, 0L), (at.State, at.Version));
            Assert.False(at.Preview.After[0].Announced);
            Assert.True((await silo.Admin.UpstreamAsync("grr", "123net", u => u.Schedules.Length == 1)).Desired[0].Announced);
            silo = await RestartAsync(silo, time);
            time.Advance(TimeSpan.FromHours(2));
            UpstreamRoutes begun = await UntilAsync(silo, time, u => u.Version == 1);
            Assert.False(begun.Desired[0].Announced);
            IntentVersion version = Assert.Single(await silo.Admin.HistoryAsync("grr", "123net"));
            Assert.Equal(("noc", "maintenance", "withdraw"), (version.Who, version.Why, version.What));
            silo = await RestartAsync(silo, time);
            time.Advance(TimeSpan.FromHours(2));
            UpstreamRoutes ended = await UntilAsync(silo, time, u => u.Version == 2);
            Assert.True(ended.Desired[0].Announced);
            Assert.Empty(await silo.Admin.SchedulesAsync());
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_would_take_the_last_path_is_not_begun_and_says_why()
    {
        var time = new FakeTimeProvider(Start);
        await using RunningSilo silo = await RoutedSilo.StartAsync(time: time);
        await silo.Admin.ChangedAsync(Night);
        RouteChangeRequest now = Night with { From = null, Until = null, Upstream = null };
        await silo.Admin.ChangedAsync(now with { Pop = "waw" });
        await silo.Admin.ChangedAsync(now with { Pop = "lax" });
        await silo.Admin.ChangedAsync(now with { Upstream = "hurricane-electric" });
        time.Advance(TimeSpan.FromHours(2));
        UpstreamRoutes refused = await UntilAsync(silo, time, u => u.Schedules is [{ State: ScheduleState.Failed }]);
        Assert.Contains("would not be announced anywhere", refused.Schedules[0].Failure, StringComparison.Ordinal);
        Assert.True(refused.Desired[0].Announced);
        await ApiClient.Ok(await silo.Admin.CancelAsync(Assert.Single(await silo.Admin.SchedulesAsync())), Contracts.ContractsJson.Default.RouteChangeReply);
        Assert.Empty(await silo.Admin.SchedulesAsync());
    }

    [Fact]
    public async Task One_that_is_dropped_never_begins_and_one_in_force_ends()
    {
        var time = new FakeTimeProvider(Start);
        await using RunningSilo silo = await RoutedSilo.StartAsync(time: time);
        await silo.Admin.ChangedAsync(Night with { From = null });
        Assert.False((await silo.Admin.UpstreamAsync("grr", "123net", u => u.Version == 1)).Desired[0].Announced);
        ScheduleAt active = Assert.Single(await silo.Admin.SchedulesAsync());
        Assert.Equal((ScheduleState.Active, "grr", "123net"), (active.Schedule.State, active.Pop, active.Upstream));
        await ApiClient.Problem(await silo.Client(silo.Data.Read).CancelAsync(active), 403);
        await ApiClient.Ok(await silo.Admin.CancelAsync(active, "?why=over"), Contracts.ContractsJson.Default.RouteChangeReply);
        Assert.True((await silo.Admin.UpstreamAsync("grr", "123net", u => u.Version == 2)).Desired[0].Announced);
        Assert.Equal("over", (await silo.Admin.HistoryAsync("grr", "123net"))[^1].Why);
        await ApiClient.Problem(await silo.Admin.CancelAsync(active), 404);
    }

    private static async Task<RunningSilo> RestartAsync(RunningSilo silo, TimeProvider time)
    {
        TestData data = silo.Data;
        await silo.DisposeAsync();
        return await RunningSilo.StartAsync(data, time);
    }
}
