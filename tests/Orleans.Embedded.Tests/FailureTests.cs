using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Orleans.Embedded.Tests;

public sealed class FailureTests
{
    [Fact]
    public async Task Exceptions_reach_the_caller_with_type_message_data_and_stack()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);

        DomainException error = await Assert.ThrowsAsync<DomainException>(() => silo.Grains.GetGrain<IFaultyGrain>("f").ThrowAsync("no such PoP"));

        Assert.Equal("no such PoP", error.Message);
        Assert.Equal(7, error.Code);
        Assert.Contains($"{nameof(FaultyGrain)}.{nameof(FaultyGrain.ThrowAsync)}", error.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exception_thrown_before_the_first_await_arrives_as_one_of_the_task()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);

        ValueTask<int> call = silo.Grains.GetGrain<IFaultyGrain>("f").ThrowAtOnceAsync();

        Assert.Equal(8, (await Assert.ThrowsAsync<DomainException>(async () => await call)).Code);
    }

    [Fact]
    public async Task Exceptions_pass_through_grains_between()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);

        DomainException error = await Assert.ThrowsAsync<DomainException>(() => silo.Grains.GetGrain<IFaultyGrain>("f").ThrowThroughAsync("g", "deep"));

        Assert.Equal("deep", error.Message);
    }

    [Fact]
    public async Task A_caller_that_cancels_gets_its_cancellation_at_once_and_the_callee_is_cancelled_in_a_turn_of_its_own()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        using CancellationTokenSource cancel = new();
        Task call = silo.Grains.GetGrain<IFaultyGrain>("f").WaitThroughAsync("g", cancel.Token);
        await TestSilo.UntilAsync(() => silo.Witness.Count("waiting") == 1);

        await cancel.CancelAsync();

        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WithinAsync());
        Assert.Equal(cancel.Token, error.CancellationToken);
        await TestSilo.UntilAsync(() => silo.Witness.Count("callee ended") == 1);
        Assert.Equal(1, silo.Witness.Count("cancelled in a turn"));
    }

    [Fact]
    public async Task A_call_that_is_cancelled_while_it_is_queued_never_runs()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        using CancellationTokenSource first = new();
        using CancellationTokenSource second = new();
        IFaultyGrain grain = silo.Grains.GetGrain<IFaultyGrain>("f");
        Task running = grain.WaitAsync(first.Token);
        await TestSilo.UntilAsync(() => silo.Witness.Count("waiting") == 1);
        Task queued = grain.WaitAsync(second.Token);

        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued.WithinAsync());
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WithinAsync());
        await Assert.ThrowsAsync<OperationCanceledException>(grain.CancelItselfAsync);

        Assert.Equal(1, silo.Witness.Count("waiting"));
    }

    [Fact]
    public async Task A_token_that_is_cancelled_before_the_call_keeps_it_from_being_made()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => silo.Grains.GetGrain<IFaultyGrain>("f").WaitAsync(new CancellationToken(canceled: true)));

        Assert.Empty(silo.Witness.Events);
    }

    [Fact]
    public async Task With_acknowledgement_a_cancelled_call_completes_when_the_callee_has_ended()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder, s => s.Configure<SiloMessagingOptions>(o => o.WaitForCancellationAcknowledgement = true));
        using CancellationTokenSource cancel = new();
        Task call = silo.Grains.GetGrain<IFaultyGrain>("f").WaitAsync(cancel.Token);
        await TestSilo.UntilAsync(() => silo.Witness.Count("waiting") == 1);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WithinAsync());
        Assert.Equal(1, silo.Witness.Count("callee ended"));
    }

    [Fact]
    public async Task An_activation_that_fails_fails_all_who_wait_for_it_and_the_next_call_tries_anew()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        IFragileGrain grain = silo.Grains.GetGrain<IFragileGrain>("f");
        Task<string>[] callers = [.. Enumerable.Range(0, 5).Select(_ => grain.AnswerAsync())];
        silo.Witness.Open("fragile");

        foreach (Task<string> caller in callers)
            Assert.Equal(3, (await Assert.ThrowsAsync<DomainException>(() => caller)).Code);
        Assert.Equal("well", await grain.AnswerAsync().WithinAsync());
        Assert.Equal(2, silo.Witness.Count("tries to activate"));
    }

    [Fact]
    public async Task Calls_before_the_start_and_after_the_stop_of_the_silo_say_so()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);
        ICounterGrain grain = silo.Grains.GetGrain<ICounterGrain>("c");
        await silo.StopAsync();

        SiloUnavailableException error = await Assert.ThrowsAsync<SiloUnavailableException>(() => grain.IncrementAsync());

        Assert.Contains("the silo is stopping", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_grain_interface_without_a_class_is_refused_when_a_reference_is_asked_for()
    {
        using TestFolder folder = new();
        await using TestSilo silo = await TestSilo.StartAsync(folder);

        ArgumentException error = Assert.Throws<ArgumentException>(() => silo.Grains.GetGrain<IOrphanGrain>("o"));

        Assert.Contains("No grain class implements", error.Message, StringComparison.Ordinal);
    }
}
