using System.Runtime.InteropServices;
using System.Threading.Channels;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Embedded;

/// <summary>The state of all grains in one SQLite file: one writer thread that commits many writes at a time, a few readers beside it.</summary>
internal sealed class StateStore : IDisposable
{
    /// <summary>A single record above this is a mistake of the grain that keeps it: it would stall every other write while it is stored.</summary>
    public const int MaxStateBytes = 64 * 1024 * 1024;

    private readonly StateFileLock _lock;
    private readonly StateReaders _readers;
    private readonly StateWriter _writer;

    private StateStore(StateFileLock fileLock, StateReaders readers, StateWriter writer, IGrainStorageSerializer serializer)
    {
        _lock = fileLock;
        _readers = readers;
        _writer = writer;
        Serializer = serializer;
    }

    public IGrainStorageSerializer Serializer { get; }

    /// <exception cref="StateFileException">The file is in use by another process, damaged, of a newer format, or not a state file.</exception>
    public static StateStore Open(string path, IGrainStorageSerializer serializer, SiloLog log)
    {
        path = Path.GetFullPath(path);
        StateFileLock fileLock = StateFileLock.Take(path);
        try
        {
            StateWriter writer = new(path, StateFile.Open(path), log);
            return new StateStore(fileLock, new StateReaders(path), writer, serializer);
        }
        catch
        {
            fileLock.Dispose();
            throw;
        }
    }

    public Task<StoredState?> ReadAsync(StateKey key, CancellationToken cancellationToken) => _readers.ReadAsync(key, cancellationToken);

    /// <summary>Completes when the record is on disk. A cancellation is heeded only until the write is queued.</summary>
    /// <param name="expectedEtag">The version that the write replaces; null: none may be stored.</param>
    /// <returns>The new version.</returns>
    public async Task<string> WriteAsync(StateKey key, string? expectedEtag, BinaryData payload, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> memory = payload.ToMemory();
        if (memory.Length > MaxStateBytes)
            throw new StateFileException($"The {key} has {memory.Length} bytes; one record may have {MaxStateBytes}. Keep it in several grains or several states.");
        bool whole = MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment) && segment.Count == segment.Array!.Length;
        StateWrite write = StateWrite.Put(key, expectedEtag, whole ? segment.Array! : memory.ToArray());
        await WriteAsync(write, cancellationToken);
        return write.NewEtag!;
    }

    /// <inheritdoc cref="WriteAsync"/>
    public Task ClearAsync(StateKey key, string? expectedEtag, CancellationToken cancellationToken) =>
        WriteAsync(StateWrite.Clear(key, expectedEtag), cancellationToken);

    public void Dispose()
    {
        _writer.Dispose();
        _readers.Dispose();
        _lock.Dispose();
    }

    private async Task WriteAsync(StateWrite write, CancellationToken cancellationToken)
    {
        try
        {
            await _writer.QueueAsync(write, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new SiloUnavailableException($"The {write.Key} was not written: the silo has stopped.");
        }

        await write.Committed;
    }
}
