using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Orleans.Embedded;

/// <summary>Reads records beside the writer, each on its own view of what is committed.</summary>
internal sealed class StateReaders(string path) : IDisposable
{
    /// <summary>Reads at a time. One takes tens of microseconds unless the disk is slow, and then more would only queue there.</summary>
    private const int MaxReaders = 4;

    private readonly SemaphoreSlim _free = new(MaxReaders);
    private readonly ConcurrentBag<StateReader> _idle = [];

    public async Task<StoredState?> ReadAsync(StateKey key, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            if (!_idle.TryTake(out StateReader? reader))
                reader = new StateReader(path);
            StoredState? stored = reader.Read(key);
            _idle.Add(reader);
            return stored;
        }
        catch (SqliteException e)
        {
            throw StateFile.Explain(e, path, $"read for the {key}");
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose()
    {
        foreach (StateReader reader in _idle)
            reader.Dispose();
        _free.Dispose();
    }
}
