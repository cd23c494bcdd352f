using Orleans.Runtime;

namespace Orleans.Embedded.Tests;

public interface IStoredGrain : IGrainWithStringKey
{
    Task SetAsync(string value);

    /// <summary>Value, etag, whether a record exists.</summary>
    Task<StoredView> GetAsync();

    Task ClearAsync();

    Task RereadAsync();

    Task SetSideAsync(string value);

    Task<string> GetSideAsync();

    /// <summary>Two writes at once: both expect the same version.</summary>
    Task WriteTwiceAtOnceAsync();

    Task EndAsync();
}

public sealed record StoredView(string Value, string? Etag, bool Exists);

public sealed record StoredValue
{
    public string Value { get; init; } = "";
}

public sealed class StoredGrain(
    [PersistentState("main")] IPersistentState<StoredValue> main,
    [PersistentState("side", "other")] IPersistentState<StoredValue> side) : Grain, IStoredGrain
{
    public async Task SetAsync(string value)
    {
        main.State = main.State with { Value = value };
        await main.WriteStateAsync(CancellationToken.None);
    }

    public Task<StoredView> GetAsync() => Task.FromResult(new StoredView(main.State.Value, main.Etag, main.RecordExists));

    public Task ClearAsync() => main.ClearStateAsync();

    public Task RereadAsync() => main.ReadStateAsync();

    public async Task SetSideAsync(string value)
    {
        side.State = new StoredValue { Value = value };
        await side.WriteStateAsync();
    }

    public Task<string> GetSideAsync() => Task.FromResult(side.State.Value);

    public async Task WriteTwiceAtOnceAsync()
    {
        Task first = main.WriteStateAsync();
        Task second = main.WriteStateAsync();
        await first;
        await second;
    }

    public Task EndAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
