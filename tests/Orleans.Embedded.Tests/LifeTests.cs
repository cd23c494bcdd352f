using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Orleans.Embedded.Tests;

public sealed class LifeTests
{
    private static void SmallAge(ISiloBuilder silo) => silo.Configure<GrainCollectionOptions>(o =>
    {
        o.CollectionQuantum = TimeSpan.FromSeconds(1);
        o.CollectionAge = TimeSpan.FromSeconds(2);
    });

    [Fact]
    public async Task Idle_activations_end_and_the_next_call_makes_a_new_one()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder, SmallAge);
        ICounterGrain grain = silo.Grains.GetGrain<ICounterGrain>("c");
        IPinnedGrain pinned = silo.Grains.GetGrain<IPinnedGrain>("p");
        Guid first = await grain.InstanceAsync();
        Guid firstPinned = await pinned.InstanceAsync();

        await silo.AdvanceUntilAsync(() => silo.Core.Directory.Count == 1);

        Assert.Equal(1, silo.Witness.Count("deactivated c ActivationIdle"));
        Assert.NotEqual(first, await grain.InstanceAsync());
        Assert.Equal(firstPinned, await pinned.InstanceAsync());
    }

    [Fact]
    public async Task An_activation_in_use_does_not_end()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder, SmallAge);
        ICounterGrain grain = silo.Grains.GetGrain<ICounterGrain>("c");
        Task hold = grain.HoldAsync("gate");
        await TestSilo.UntilAsync(() => silo.Witness.Count("holding gate") == 1);

        silo.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, silo.Core.Directory.Count);
        silo.Witness.Open("gate");
        await hold;
        Assert.Equal(0, silo.Witness.Count("deactivated c ActivationIdle"));
    }

    [Fact]
    public async Task Deactivate_on_idle_ends_the_activation_after_its_calls_and_queued_calls_meet_the_next()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        ICounterGrain grain = silo.Grains.GetGrain<ICounterGrain>("c");
        Guid first = await grain.InstanceAsync();
        Task hold = grain.HoldAsync("gate");
        Task end = grain.EndAsync();
        Task<Guid> queued = grain.InstanceAsync();
        silo.Witness.Open("gate");
        await Task.WhenAll(hold, end);

        Assert.NotEqual(first, await queued.WithinAsync());
        Assert.Equal(
            ["activated c", "holding gate", "deactivated c ApplicationRequested", "activated c"],
            silo.Witness.Events);
    }

    [Fact]
    public async Task Two_hundred_thousand_grains_touched_once_leave_nothing()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder, s =>
        {
            SmallAge(s);
            s.ConfigureLogging(l => l.ClearProviders());
        });
        const int Grains = 200_000;
        const int AtOnce = 1_000;
        for (int from = 0; from < Grains; from += AtOnce)
            await Task.WhenAll(Enumerable.Range(from, AtOnce).Select(i => silo.Grains.GetGrain<IReentrantGrain>($"g{i}").AnswerAsync()));

        int held = silo.Core.Directory.Count;
        long before = GC.GetTotalMemory(forceFullCollection: true);
        await silo.AdvanceUntilAsync(() => silo.Core.Directory.Count == 0);
        long after = GC.GetTotalMemory(forceFullCollection: true);
        // The oldest may have been ended early, when the silo became crowded.
        Assert.InRange(held, EmbeddedSettings.DefaultMaxActivations / 4, Grains);
        Assert.True(after < before / 4, $"{before} bytes with {held} activations, {after} bytes with none");
    }

    [Fact]
    public async Task At_the_most_activations_idle_ones_make_place_and_busy_ones_stay()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder, null, (EmbeddedSettings.MaxActivationsKey, "100"));
        Task[] holds = [.. Enumerable.Range(0, 10).Select(i => silo.Grains.GetGrain<ICounterGrain>($"busy{i}").HoldAsync("gate"))];

        int shed = 0;
        for (int i = 0; i < 1000; i++)
        {
            try
            {
                await silo.Grains.GetGrain<IReentrantGrain>($"g{i}").AnswerAsync();
            }
            catch (Runtime.LimitExceededException)
            {
                shed++;
            }

            Assert.InRange(silo.Core.Directory.Count, 1, 100);
        }

        Assert.InRange(shed, 0, 999);
        Assert.All(holds, hold => Assert.False(hold.IsCompleted));
        silo.Witness.Open("gate");
        await Task.WhenAll(holds);
    }

    [Fact]
    public async Task At_shutdown_every_activation_is_told()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => silo.Grains.GetGrain<ICounterGrain>($"c{i}").IncrementAsync()));

        await silo.StopAsync();

        Assert.All(Enumerable.Range(0, 50), i => Assert.Equal(1, silo.Witness.Count($"deactivated c{i} ShuttingDown")));
        Assert.Equal(0, silo.Core.Directory.Count);
    }

    [Fact]
    public async Task At_shutdown_calls_that_wait_on_their_token_are_cancelled_after_a_grace()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        Task poll = silo.Grains.GetGrain<IFaultyGrain>("f").WaitAsync(CancellationToken.None);
        await TestSilo.UntilAsync(() => silo.Witness.Count("waiting") == 1);

        Task stop = silo.StopAsync();
        silo.Clock.Advance(TimeSpan.FromSeconds(1));
        await stop.WithinAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => poll.WithinAsync());
    }

    [Fact]
    public async Task A_collection_age_below_the_quantum_is_refused_at_start()
    {
        using TestFolder folder = new();

        Runtime.OrleansConfigurationException error = await Assert.ThrowsAsync<Runtime.OrleansConfigurationException>(() =>
            TestSilo.StartAsync(folder, s => s.Configure<GrainCollectionOptions>(o => o.CollectionAge = TimeSpan.FromSeconds(1))));

        Assert.Contains("CollectionAge is 00:00:01; it has to be above CollectionQuantum, 00:01:00", error.Message, StringComparison.Ordinal);
    }
}
