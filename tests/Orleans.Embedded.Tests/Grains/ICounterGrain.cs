using Orleans.Concurrency;

namespace Orleans.Embedded.Tests;

[Alias("counter")]
public interface ICounterGrain : IGrainWithStringKey
{
    Task<int> IncrementAsync();

    Task<Guid> InstanceAsync();

    /// <summary>Blocks until the gate opens.</summary>
    Task HoldAsync(string gate);

    [AlwaysInterleave]
    Task<int> PeekAsync();

    [AlwaysInterleave]
    Task<int> OverlapAsync(int steps);

    Task OverlapAloneAsync(int steps);

    Task NoteAsync(string what);

    Task EndAsync();

    ValueTask<string> KeyAsync();

    ValueTask NothingAsync();
}
