using Orleans.Concurrency;

namespace Orleans.Embedded.Tests;

public interface ICircleGrain : IGrainWithStringKey
{
    /// <summary>Calls the other, which calls back here.</summary>
    Task StartAsync(string other);

    Task BackAsync(string first);

    Task InnerAsync();

    Task StartInterleavingAsync(string other);

    Task BackInterleavingAsync(string first);

    [AlwaysInterleave]
    Task InnerInterleavingAsync();
}

public sealed class CircleGrain(Witness witness) : Grain, ICircleGrain
{
    public Task StartAsync(string other) => Other(other).BackAsync(this.GetPrimaryKeyString());

    public async Task BackAsync(string first)
    {
        Task inner = Other(first).InnerAsync();
        witness.Note("circle closed");
        await inner;
    }

    public Task InnerAsync()
    {
        witness.Note("inner ran");
        return Task.CompletedTask;
    }

    public Task StartInterleavingAsync(string other) => Other(other).BackInterleavingAsync(this.GetPrimaryKeyString());

    public Task BackInterleavingAsync(string first) => Other(first).InnerInterleavingAsync();

    public Task InnerInterleavingAsync() => InnerAsync();

    private ICircleGrain Other(string key) => GrainFactory.GetGrain<ICircleGrain>(key);
}
