using Orleans.Configuration;
using Orleans.Hosting;

namespace Orleans.Embedded.Tests;

public sealed class TimerTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>What is armed besides the grain's timers: the engine's look for idle activations.</summary>
    private const int OfTheEngine = 1;

    [Fact]
    public async Task A_timer_ticks_when_due_and_then_each_period()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        await silo.Grains.GetGrain<ITimedGrain>("t").TickAsync(5 * Second, Second, interleave: false, keepAlive: false);

        silo.Clock.Advance(4.9 * Second);
        Assert.Equal(0, silo.Witness.Count("tick"));
        for (int ticks = 1; ticks <= 5; ticks++)
        {
            silo.Clock.Advance(Second);
            await TestSilo.UntilAsync(() => silo.Witness.Count("tick") == ticks);
            await silo.Clock.UntilArmedAsync(OfTheEngine + 1);
        }
    }

    [Fact]
    public async Task A_timer_with_no_period_ticks_once_and_can_be_armed_again()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        ITimedGrain grain = silo.Grains.GetGrain<ITimedGrain>("t");
        await grain.TickAsync(Second, Timeout.InfiniteTimeSpan, interleave: false, keepAlive: false);
        silo.Clock.Advance(Second);
        await TestSilo.UntilAsync(() => silo.Witness.Count("tick") == 1);

        silo.Clock.Advance(10 * Second);
        await grain.ChangeAsync(2 * Second, Timeout.InfiniteTimeSpan);
        Assert.Equal(1, silo.Witness.Count("tick"));
        silo.Clock.Advance(2 * Second);

        await TestSilo.UntilAsync(() => silo.Witness.Count("tick") == 2);
    }

    [Fact]
    public async Task A_tick_waits_for_a_call_unless_the_timer_interleaves()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        ITimedGrain waits = silo.Grains.GetGrain<ITimedGrain>("waits");
        ITimedGrain passes = silo.Grains.GetGrain<ITimedGrain>("passes");
        await waits.TickAsync(Second, Timeout.InfiniteTimeSpan, interleave: false, keepAlive: false);
        Task hold = waits.HoldAsync("gate");
        await passes.TickAsync(Second, Timeout.InfiniteTimeSpan, interleave: true, keepAlive: false);
        Task holdPassing = passes.HoldAsync("gate");
        await TestSilo.UntilAsync(() => silo.Witness.Count("holding gate") == 2);

        silo.Clock.Advance(Second);

        await TestSilo.UntilAsync(() => silo.Witness.Count("tick") == 1);
        silo.Witness.Open("gate");
        await Task.WhenAll(hold, holdPassing);
        await TestSilo.UntilAsync(() => silo.Witness.Count("tick") == 2);
    }

    [Fact]
    public async Task A_tick_blocks_calls_and_no_second_tick_begins_before_it_ends()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        ITimedGrain grain = silo.Grains.GetGrain<ITimedGrain>("t");
        await grain.TickAndHoldAsync(Second, "gate");
        silo.Clock.Advance(Second);
        await TestSilo.UntilAsync(() => silo.Witness.Count("tick begins") == 1);

        silo.Clock.Advance(5 * Second);
        Task stop = grain.StopAsync();
        Assert.False(stop.IsCompleted);
        silo.Witness.Open("gate");
        await stop;

        Assert.Equal(["tick begins", "tick ends"], silo.Witness.Events);
    }

    [Fact]
    public async Task A_tick_that_throws_does_not_end_the_timer()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        await silo.Grains.GetGrain<ITimedGrain>("t").TickBadlyAsync(Second);

        for (int ticks = 1; ticks <= 3; ticks++)
        {
            await silo.Clock.UntilArmedAsync(OfTheEngine + 1);
            silo.Clock.Advance(Second);
            await TestSilo.UntilAsync(() => silo.Witness.Count("bad tick") == ticks);
        }
    }

    [Fact]
    public async Task Timers_end_with_the_activation()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        ITimedGrain grain = silo.Grains.GetGrain<ITimedGrain>("t");
        await grain.TickAsync(Second, Second, interleave: false, keepAlive: false);

        await grain.EndAsync();
        await TestSilo.UntilAsync(() => silo.Core.Directory.Count == 0);
        await TestSilo.UntilAsync(() => silo.Clock.ArmedTimers == OfTheEngine);
        silo.Clock.Advance(10 * Second);

        Assert.Equal(0, silo.Witness.Count("tick"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_ticks_that_keep_alive_put_off_idle_deactivation(bool keepAlive)
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder, s => s.Configure<GrainCollectionOptions>(o =>
        {
            o.CollectionQuantum = 2 * Second;
            o.CollectionAge = 5 * Second;
        }));
        await silo.Grains.GetGrain<ITimedGrain>("t").TickAsync(Second, Second, interleave: false, keepAlive);

        for (int i = 0; i < 12; i++)
        {
            silo.Clock.Advance(Second);
            // Either the timer is armed for its next tick, or the activation has taken it along.
            await TestSilo.UntilAsync(() => silo.Clock.ArmedTimers == OfTheEngine + silo.Core.Directory.Count);
        }

        Assert.Equal(keepAlive ? 1 : 0, silo.Core.Directory.Count);
        Assert.InRange(silo.Witness.Count("tick"), keepAlive ? 10 : 3, keepAlive ? 12 : 8);
    }
}
