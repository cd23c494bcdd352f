namespace Orleans.Embedded.Tests;

public interface IFaultyGrain : IGrainWithStringKey
{
    Task ThrowAsync(string message);

    ValueTask<int> ThrowAtOnceAsync();

    Task ThrowThroughAsync(string other, string message);

    Task WaitAsync(CancellationToken cancellationToken);

    Task WaitThroughAsync(string other, CancellationToken cancellationToken);

    Task CancelItselfAsync();
}

public sealed class DomainException(string message, int code) : Exception(message)
{
    public int Code => code;
}

public sealed class FaultyGrain(Witness witness) : Grain, IFaultyGrain
{
    public async Task ThrowAsync(string message)
    {
        await Task.Yield();
        throw new DomainException(message, 7);
    }

    public ValueTask<int> ThrowAtOnceAsync() => throw new DomainException("at once", 8);

    public Task ThrowThroughAsync(string other, string message) => GrainFactory.GetGrain<IFaultyGrain>(other).ThrowAsync(message);

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        witness.Note("waiting");
        TaskScheduler own = TaskScheduler.Current;
        using CancellationTokenRegistration registration = cancellationToken.Register(
            () => witness.Note(TaskScheduler.Current == own ? "cancelled in a turn" : "cancelled on a foreign thread"));
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        finally
        {
            witness.Note("callee ended");
        }
    }

    public Task WaitThroughAsync(string other, CancellationToken cancellationToken) =>
        GrainFactory.GetGrain<IFaultyGrain>(other).WaitAsync(cancellationToken);

    public Task CancelItselfAsync() => throw new OperationCanceledException("for reasons of its own");
}
