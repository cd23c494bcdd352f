using Orleans.Runtime;

namespace Orleans.Embedded.CrashWriter;

public sealed class RecordGrain([PersistentState("record")] IPersistentState<Record> state) : Grain, IRecordGrain
{
    public Task SetAsync(int value)
    {
        state.State = new Record(value);
        return state.WriteStateAsync();
    }

    public Task<int?> GetAsync() => Task.FromResult<int?>(state.RecordExists ? state.State.Value : null);
}

public sealed record Record(int Value);
