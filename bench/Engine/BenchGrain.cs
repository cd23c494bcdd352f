using Orleans;
using Orleans.Runtime;

namespace OrleansCdn.Bench.Engine;

public sealed record Reading
{
    public required string PoP { get; init; }

    public required int Milliseconds { get; init; }
}

public interface IBenchGrain : IGrainWithStringKey
{
    Task<int> AddAsync(int value);

    Task<Reading> EchoAsync(Reading reading);

    /// <summary>Calls another grain so many times, one after the other.</summary>
    Task CallAsync(string other, int times);
}

public interface IBenchStateGrain : IGrainWithStringKey
{
    Task WriteAsync(int value);
}

public sealed class BenchGrain : Grain, IBenchGrain
{
    private int _sum;

    public Task<int> AddAsync(int value) => Task.FromResult(_sum += value);

    public Task<Reading> EchoAsync(Reading reading) => Task.FromResult(reading);

    public async Task CallAsync(string other, int times)
    {
        IBenchGrain grain = GrainFactory.GetGrain<IBenchGrain>(other);
        for (int i = 0; i < times; i++)
            await grain.AddAsync(1);
    }
}

public sealed class BenchStateGrain([PersistentState("bench")] IPersistentState<Reading> state) : Grain, IBenchStateGrain
{
    public Task WriteAsync(int value)
    {
        state.State = new Reading { PoP = "waw", Milliseconds = value };
        return state.WriteStateAsync();
    }
}
