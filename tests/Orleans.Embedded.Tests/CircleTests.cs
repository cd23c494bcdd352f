namespace Orleans.Embedded.Tests;

public sealed class CircleTests
{
    [Fact]
    public async Task A_grain_that_calls_itself_through_another_fails_after_the_response_timeout_and_is_told_the_circle()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);

        Task start = silo.Grains.GetGrain<ICircleGrain>("a").StartAsync("b");
        await TestSilo.UntilAsync(() => silo.Witness.Count("circle closed") == 1);
        silo.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(start.IsCompleted);
        silo.Clock.Advance(TimeSpan.FromSeconds(1));

        TimeoutException error = await Assert.ThrowsAsync<TimeoutException>(() => start.WithinAsync());
        Assert.Contains("No answer within 00:00:30 from circle/a.StartAsync (ICircleGrain)", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "circle/a.StartAsync (runs, and waits for the next) -> circle/b.BackAsync (runs, and waits for the next) -> "
            + "circle/a.InnerAsync (queued behind the next) -> circle/a.StartAsync: a circle",
            error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_the_timeout_the_grains_of_the_circle_work_again_and_the_dropped_call_never_runs()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        ICircleGrain a = silo.Grains.GetGrain<ICircleGrain>("a");
        Task start = a.StartAsync("b");
        await TestSilo.UntilAsync(() => silo.Witness.Count("circle closed") == 1);
        silo.Clock.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<TimeoutException>(() => start.WithinAsync());

        await a.InnerAsync().WithinAsync();

        Assert.Equal(1, silo.Witness.Count("inner ran"));
    }

    [Fact]
    public async Task The_same_circle_works_where_the_inner_call_interleaves()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);

        await silo.Grains.GetGrain<ICircleGrain>("a").StartInterleavingAsync("b").WithinAsync();

        Assert.Equal(1, silo.Witness.Count("inner ran"));
    }

    [Fact]
    public async Task A_slow_call_that_waits_for_nobody_is_named_as_such()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        ICounterGrain grain = silo.Grains.GetGrain<ICounterGrain>("slow");
        Task hold = grain.HoldAsync("gate");
        await TestSilo.UntilAsync(() => silo.Witness.Count("holding gate") == 1);
        silo.Clock.Advance(TimeSpan.FromSeconds(10));
        Task<int> behind = grain.IncrementAsync();
        silo.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.False(behind.IsCompleted);
        TimeoutException first = await Assert.ThrowsAsync<TimeoutException>(() => hold.WithinAsync());
        silo.Clock.Advance(TimeSpan.FromSeconds(10));
        TimeoutException second = await Assert.ThrowsAsync<TimeoutException>(() => behind.WithinAsync());

        Assert.Contains("counter/slow.HoldAsync (runs, and waits for no grain).", first.Message, StringComparison.Ordinal);
        Assert.Contains(
            "counter/slow.IncrementAsync (queued behind the next) -> counter/slow.HoldAsync (runs, and waits for no grain).",
            second.Message, StringComparison.Ordinal);
        silo.Witness.Open("gate");
    }
}
