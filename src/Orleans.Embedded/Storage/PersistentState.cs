using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Embedded;

/// <summary>One record of one activation. What WriteStateAsync stores is the state as it is at the call.</summary>
internal sealed class PersistentState<T> : IPersistentState<T>
{
    private const string DefaultStorageName = "Default";

    private static readonly ConstructorInfo? Constructor = typeof(T).GetConstructor(
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, Type.EmptyTypes);

    private readonly StateStore _store;
    private readonly StateKey _key;

    public PersistentState(Activation activation, PersistentStateAttribute attribute)
    {
        _store = activation.Silo.Store;
        _key = new StateKey(activation.GrainId.Type, activation.GrainId.Key, attribute.StateName, attribute.StorageName ?? DefaultStorageName);
        State = NewState();
    }

    public T State { get; set; }

    public string? Etag { get; private set; }

    public bool RecordExists => Etag is not null;

    public Task ReadStateAsync() => ReadStateAsync(CancellationToken.None);

    public Task WriteStateAsync() => WriteStateAsync(CancellationToken.None);

    public Task ClearStateAsync() => ClearStateAsync(CancellationToken.None);

    /// <exception cref="StateFileException">The file cannot be read, or what is stored is not a <typeparamref name="T"/>.</exception>
    public async Task ReadStateAsync(CancellationToken cancellationToken)
    {
        StoredState? stored = await _store.ReadAsync(_key, cancellationToken);
        State = stored is null ? NewState() : Deserialize(stored.Payload);
        Etag = stored?.Etag;
    }

    /// <exception cref="InconsistentStateException">Another version is stored than the one last read or written here.</exception>
    public async Task WriteStateAsync(CancellationToken cancellationToken)
    {
        BinaryData payload = _store.Serializer.Serialize(State);
        Etag = await _store.WriteAsync(_key, Etag, payload, cancellationToken);
    }

    /// <inheritdoc cref="WriteStateAsync(CancellationToken)"/>
    public async Task ClearStateAsync(CancellationToken cancellationToken)
    {
        await _store.ClearAsync(_key, Etag, cancellationToken);
        Etag = null;
        State = NewState();
    }

    private T Deserialize(byte[] payload)
    {
        try
        {
            return _store.Serializer.Deserialize<T>(new BinaryData(payload)) is { } state ? state : NewState();
        }
        catch (Exception e)
        {
            throw new StateFileException($"The stored {_key} cannot be read as {typeof(T).FullName}: {e.Message}", e);
        }
    }

    /// <summary>A type without a parameterless constructor begins with all members at their defaults, as under Orleans.</summary>
    private static T NewState()
    {
        if (typeof(T).IsValueType)
            return default!;
        return Constructor is not null ? (T)Constructor.Invoke(null) : (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
    }
}
