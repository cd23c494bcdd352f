using Orleans.Concurrency;

namespace Orleans.Embedded.Tests;

public interface IReentrantGrain : IGrainWithStringKey
{
    Task HoldAsync(string gate);

    Task<int> AnswerAsync();
}

[Reentrant]
public sealed class ReentrantGrain(Witness witness) : Grain, IReentrantGrain
{
    public async Task HoldAsync(string gate)
    {
        witness.Note($"holding {gate}");
        await witness.Gate(gate);
    }

    public Task<int> AnswerAsync() => Task.FromResult(42);
}
