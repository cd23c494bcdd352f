using Orleans.Placement;

namespace Orleans.Embedded.Tests;

[PreferLocalPlacement]
public sealed class CounterGrain(Witness witness) : Grain, ICounterGrain
{
    private readonly Guid _instance = Guid.NewGuid();
    private int _count;
    private int _inside;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        witness.Note($"activated {this.GetPrimaryKeyString()}");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        witness.Note($"deactivated {this.GetPrimaryKeyString()} {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public async Task<int> IncrementAsync()
    {
        int before = _count;
        await Task.Yield();
        _count = before + 1;
        return _count;
    }

    public Task<Guid> InstanceAsync() => Task.FromResult(_instance);

    public async Task HoldAsync(string gate)
    {
        witness.Note($"holding {gate}");
        await witness.Gate(gate);
    }

    public Task<int> PeekAsync() => Task.FromResult(_count);

    public async Task<int> OverlapAsync(int steps)
    {
        int overlaps = 0;
        for (int i = 0; i < steps; i++)
        {
            overlaps += Occupy();
            await Task.Yield();
        }

        return overlaps;
    }

    public Task OverlapAloneAsync(int steps) => OverlapAsync(steps);

    public Task NoteAsync(string what)
    {
        witness.Note(what);
        return Task.CompletedTask;
    }

    public Task EndAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public ValueTask<string> KeyAsync() => ValueTask.FromResult(this.GetPrimaryKeyString());

    public ValueTask NothingAsync() => ValueTask.CompletedTask;

    /// <returns>1 if another thread is inside at the same time.</returns>
    private int Occupy()
    {
        bool alone = Interlocked.Increment(ref _inside) == 1;
        for (int spin = 0; spin < 200; spin++)
            alone &= Volatile.Read(ref _inside) == 1;
        Interlocked.Decrement(ref _inside);
        return alone ? 0 : 1;
    }
}
