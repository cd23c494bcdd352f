using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Embedded.Tests;

public sealed class TurnTests
{
    [Fact]
    public async Task Callers_that_race_for_a_new_grain_meet_one_activation()
    {
        using TestFolder folder = new();
        const int Callers = 4;
        using RendezvousClock clock = new(Callers);
        await using TestSilo silo = await TestSilo.StartAsync(folder, s => s.Services.AddSingleton<TimeProvider>(clock));
        clock.Arm();

        // Each caller has found no activation and is making one when the others do the same.
        Task<Guid>[] callers = [.. Enumerable.Range(0, Callers).Select(_ => Task.Factory.StartNew(
            () => silo.Grains.GetGrain<ICounterGrain>("raced").InstanceAsync(),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap())];
        Guid[] seen = await Task.WhenAll(callers).WithinAsync();

        Assert.True(clock.HaveMet);
        Assert.Single(seen.Distinct());
        Assert.Equal(["activated raced"], silo.Witness.Events);
        Assert.Equal(1, silo.Core.Directory.Count);
    }

    [Fact]
    public async Task Calls_that_await_inside_do_not_mix()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        ICounterGrain grain = silo.Grains.GetGrain<ICounterGrain>("c");

        int[] results = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => grain.IncrementAsync()));

        Assert.Equal(Enumerable.Range(1, 1000), results.Order());
        Assert.Equal(1000, await grain.PeekAsync().WithinAsync());
    }

    [Fact]
    public async Task Calls_of_one_caller_run_in_the_order_in_which_they_were_made()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        ICounterGrain grain = silo.Grains.GetGrain<ICounterGrain>("ordered");

        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => grain.NoteAsync($"n{i}")));

        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"n{i}"), silo.Witness.Events.Where(e => e[0] == 'n'));
    }

    [Fact]
    public async Task Interleaving_calls_pass_a_call_that_blocks_and_others_wait()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        ICounterGrain grain = silo.Grains.GetGrain<ICounterGrain>("c");
        Task hold = grain.HoldAsync("gate");
        Task<int> waits = grain.IncrementAsync();

        Assert.Equal(0, await grain.PeekAsync().WithinAsync());
        Assert.False(waits.IsCompleted);

        silo.Witness.Open("gate");
        await hold;
        Assert.Equal(1, await waits);
    }

    [Fact]
    public async Task Calls_that_interleave_are_never_on_two_threads_at_once()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        ICounterGrain grain = silo.Grains.GetGrain<ICounterGrain>("c");

        Task alone = grain.OverlapAloneAsync(2000);
        int[] overlaps = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => grain.OverlapAsync(2000)));
        await alone;

        Assert.All(overlaps, o => Assert.Equal(0, o));
    }

    [Fact]
    public async Task A_reentrant_grain_answers_while_a_call_of_it_waits()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        IReentrantGrain grain = silo.Grains.GetGrain<IReentrantGrain>("r");
        Task hold = grain.HoldAsync("gate");

        Assert.Equal(42, await grain.AnswerAsync().WithinAsync());
        Assert.False(hold.IsCompleted);

        silo.Witness.Open("gate");
        await hold;
    }

    [Fact]
    public async Task All_four_return_types_work_and_the_key_is_known_inside_and_outside()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        ICounterGrain grain = silo.Grains.GetGrain<ICounterGrain>("pop/waw");

        await grain.NothingAsync();
        Assert.Equal("pop/waw", await grain.KeyAsync());
        Assert.Equal("pop/waw", grain.GetPrimaryKeyString());
        Assert.Equal(1, await grain.IncrementAsync());
        await grain.NoteAsync("x");
    }

    [Fact]
    public async Task Async_locals_of_the_caller_do_not_reach_the_grain_nor_leak_to_the_next_call()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        ILocalsGrain grain = silo.Grains.GetGrain<ILocalsGrain>("l");
        LocalsGrain.Local.Value = "the caller's";

        Assert.Null(await grain.ReadThenSetAsync("first"));
        Assert.Null(await grain.ReadThenSetAsync("second"));
        Assert.Equal("the caller's", LocalsGrain.Local.Value);
    }

    [Fact]
    public async Task A_full_queue_sheds_further_calls_with_a_clear_error()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        ICounterGrain grain = silo.Grains.GetGrain<ICounterGrain>("full");
        Task hold = grain.HoldAsync("gate");
        await TestSilo.UntilAsync(() => silo.Witness.Count("holding gate") == 1);
        Task<int>[] queued = [.. Enumerable.Range(1, Activation.DefaultMaxHeldCalls - 1).Select(_ => grain.IncrementAsync())];

        Runtime.LimitExceededException shed = await Assert.ThrowsAsync<Runtime.LimitExceededException>(() => grain.IncrementAsync().WithinAsync());

        Assert.Contains("counter/full", shed.Message, StringComparison.Ordinal);
        Assert.Contains("HoldAsync", shed.Message, StringComparison.Ordinal);
        silo.Witness.Open("gate");
        await hold;
        Assert.Equal(queued.Length, (await Task.WhenAll(queued)).Max());
        Assert.Equal(queued.Length + 1, await grain.IncrementAsync());
    }
}
