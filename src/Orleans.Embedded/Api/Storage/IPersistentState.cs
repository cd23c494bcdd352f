using Orleans.Core;

namespace Orleans.Runtime;

/// <summary>
/// State of a grain that outlives its activation, taken as a constructor parameter with <see cref="PersistentStateAttribute"/>.
/// It has been read when <see cref="IGrainBase.OnActivateAsync"/> runs. When WriteStateAsync completes the state is on disk.
/// </summary>
public interface IPersistentState<TState> : IStorage<TState>;
