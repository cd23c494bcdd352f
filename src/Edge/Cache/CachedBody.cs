namespace OrleansCdn.Edge.Cache;

/// <summary>How a body under way ended, or that it has not.</summary>
public enum BodyState
{
    Filling,
    Complete,

    /// <summary>The writer gave up: what is here is not the whole, and no reader may end its own response as if it were.</summary>
    Aborted,
}

/// <summary>
/// The bytes of a response, written once by a fill and read by any number of requests, also while it grows. Complete
/// bodies are read without a lock.
/// </summary>
/// <remarks>
/// Chunks are kept until the body is dropped, so that it can be stored. A body that turns out too large to be stored is
/// switched to a window (<see cref="SwitchToWindow"/>): chunks that every reader has passed are let go and the writer
/// waits for the slowest reader.
/// </remarks>
public sealed class CachedBody
{
    /// <summary>Below the large-object threshold of 85,000 bytes, and sixteen 4 KiB pages of a socket read.</summary>
    public const int MaxChunkBytes = 64 * 1024;

    /// <summary>First chunk of a body of unknown length: most such bodies are pages of a few KiB.</summary>
    private const int FirstChunkBytes = 8 * 1024;

    /// <summary>How far the writer may be ahead of the slowest reader of a body that is not stored.</summary>
    public const int WindowBytes = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly List<byte[]?> _chunks;
    private readonly long? _expectedLength;

    // What only a body that grows needs is made when it is needed, and given up: most bodies are small, many, and complete.
    private HashSet<BodyReader>? _readers;
    private TaskCompletionSource? _grown;
    private TaskCompletionSource? _room;
    private int _tailUsed;
    private long _length;
    private long _allocated;
    private int _firstChunk;
    private volatile bool _windowed;
    private volatile BodyState _state;

    public CachedBody(long? expectedLength)
    {
        _expectedLength = expectedLength;
        _chunks = expectedLength <= MaxChunkBytes ? new List<byte[]?>(1) : [];
    }

    /// <summary>A complete body of one piece; takes ownership of <paramref name="bytes"/>.</summary>
    public CachedBody(byte[] bytes)
    {
        _expectedLength = bytes.Length;
        _chunks = bytes.Length > 0 ? new List<byte[]?>(1) { bytes } : [];

        (_tailUsed, _length, _allocated, _state) = (bytes.Length, bytes.Length, bytes.Length, BodyState.Complete);
    }

    public BodyState State => _state;

    /// <summary>Bytes written so far; the whole when <see cref="BodyState.Complete"/>.</summary>
    public long Length => Volatile.Read(ref _length);

    /// <summary>Bytes of memory behind it.</summary>
    public long Allocated => Volatile.Read(ref _allocated);

    /// <summary>From the origin's <c>Content-Length</c>; null when it gave none.</summary>
    public long? ExpectedLength => _expectedLength;

    /// <summary>Passed on and not kept: what is past its slowest reader is gone.</summary>
    public bool IsWindowed => _windowed;

    /// <summary>These bytes were given to the disk store.</summary>
    internal bool IsOnDisk { get; set; }

    /// <summary>Whether a new reader can still begin at the beginning.</summary>
    public bool IsOpen => !_windowed && _state != BodyState.Aborted;

    /// <summary>Room to write into, never empty. Writer only.</summary>
    public Memory<byte> GetMemory()
    {
        lock (_lock)
        {
            if (_chunks.Count == 0 || _tailUsed == _chunks[^1]!.Length)
            {
                long left = _expectedLength is { } expected ? Math.Max(expected - _length, 1) : NextUnknown();
                byte[] chunk = GC.AllocateUninitializedArray<byte>((int)Math.Min(left, MaxChunkBytes));
                _chunks.Add(chunk);
                _tailUsed = 0;
                Volatile.Write(ref _allocated, _allocated + chunk.Length);
            }

            return _chunks[^1].AsMemory(_tailUsed);
        }
    }

    private long NextUnknown() => _chunks.Count == 0 ? FirstChunkBytes : MaxChunkBytes;

    /// <summary>Makes <paramref name="bytes"/> of what <see cref="GetMemory"/> gave readable. Writer only.</summary>
    public void Advance(int bytes)
    {
        TaskCompletionSource? signal;
        lock (_lock)
        {
            _tailUsed += bytes;
            Volatile.Write(ref _length, _length + bytes);
            (signal, _grown) = (_grown, null);
        }

        signal?.TrySetResult();
    }

    public void Complete()
    {
        TaskCompletionSource? signal;
        lock (_lock)
        {
            TrimTail();
            _state = BodyState.Complete;
            (signal, _grown) = (_grown, null);
        }

        signal?.TrySetResult();
    }

    public void Abort()
    {
        TaskCompletionSource? signal;
        lock (_lock)
        {
            if (_state != BodyState.Filling)
            {
                return;
            }

            _state = BodyState.Aborted;
            (signal, _grown) = (_grown, null);
        }

        signal?.TrySetResult();
    }

    private void TrimTail()
    {
        if (_chunks.Count == 0 || _tailUsed == _chunks[^1]!.Length)
        {
            return;
        }

        byte[] old = _chunks[^1]!;
        byte[] exact = GC.AllocateUninitializedArray<byte>(_tailUsed);
        old.AsSpan(0, _tailUsed).CopyTo(exact);
        _chunks[^1] = exact;
        Volatile.Write(ref _allocated, _allocated - old.Length + exact.Length);
    }

    /// <summary>From here on nothing is kept for later: the body is only passed on to the readers it has. Writer only.</summary>
    public void SwitchToWindow()
    {
        lock (_lock)
        {
            _windowed = true;
            ReleasePassed();
        }
    }

    /// <summary>
    /// Waits until the slowest reader is near enough; readers that do not move for <paramref name="patience"/> are dropped.
    /// False when no reader is left. Writer only, after <see cref="SwitchToWindow"/>.
    /// </summary>
    public async ValueTask<bool> WaitForRoomAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room;
            lock (_lock)
            {
                ReleasePassed();
                if (_readers is null)
                {
                    return false;
                }

                if (_allocated <= WindowBytes)
                {
                    return true;
                }

                _room ??= NewSignal();
                room = _room.Task;
            }

            try
            {
                await room.WaitAsync(patience, time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                DropSlowest();
            }
        }
    }

    private void DropSlowest()
    {
        TaskCompletionSource? signal;
        lock (_lock)
        {
            foreach (BodyReader reader in _readers ?? [])
            {
                if (reader.Chunk == _firstChunk)
                {
                    reader.IsDropped = true;
                }
            }

            _readers?.RemoveWhere(r => r.IsDropped);
            _readers = _readers is { Count: > 0 } ? _readers : null;
            (signal, _grown) = (_grown, null);
        }

        signal?.TrySetResult();
    }

    private void ReleasePassed()
    {
        if (!_windowed)
        {
            return;
        }

        int first = _chunks.Count;
        foreach (BodyReader reader in _readers ?? [])
        {
            first = Math.Min(first, reader.Chunk);
        }

        // The tail is still written to.
        first = Math.Min(first, Math.Max(_chunks.Count - 1, 0));
        for (; _firstChunk < first; _firstChunk++)
        {
            Volatile.Write(ref _allocated, _allocated - (_chunks[_firstChunk]?.Length ?? 0));
            _chunks[_firstChunk] = null;
        }
    }

    /// <summary>A reader at the beginning; null when the beginning is gone already.</summary>
    public BodyReader? TryOpen()
    {
        if (_state == BodyState.Complete && !_windowed)
        {
            return new BodyReader(this);
        }

        lock (_lock)
        {
            if (_windowed || _state == BodyState.Aborted)
            {
                return null;
            }

            var reader = new BodyReader(this);
            (_readers ??= []).Add(reader);
            return reader;
        }
    }

    internal void Close(BodyReader reader)
    {
        TaskCompletionSource? room;
        lock (_lock)
        {
            if (_readers is null || !_readers.Remove(reader))
            {
                return;
            }

            _readers = _readers.Count > 0 ? _readers : null;
            (room, _room) = (_room, null);
        }

        room?.TrySetResult();
    }

    /// <summary>Piece of a complete body; walks from the start, so it is for single pieces and ranges. Empty at the end.</summary>
    internal ReadOnlyMemory<byte> CompletePiece(int chunk) => chunk < _chunks.Count ? _chunks[chunk]!.AsMemory() : default;

    /// <summary>What is there for a reader, without waiting; moves the reader.</summary>
    internal bool TryRead(BodyReader reader, out ReadOnlyMemory<byte> piece)
    {
        if (_state == BodyState.Complete && !_windowed)
        {
            piece = CompletePiece(reader.Chunk)[Math.Min(reader.Offset, CompletePiece(reader.Chunk).Length)..];
            reader.Chunk++;
            reader.Offset = 0;
            return !piece.IsEmpty;
        }

        TaskCompletionSource? room = null;
        lock (_lock)
        {
            piece = default;
            if (reader.IsDropped || reader.Chunk >= _chunks.Count)
            {
                return false;
            }

            bool isTail = reader.Chunk == _chunks.Count - 1;
            byte[] chunk = _chunks[reader.Chunk]!;
            int available = isTail ? _tailUsed : chunk.Length;
            if (reader.Offset < available)
            {
                piece = chunk.AsMemory(reader.Offset, available - reader.Offset);
                reader.Offset = available;
            }

            // A chunk is left once it is full, so that a windowed body can let it go; the piece itself keeps it alive.
            if (reader.Offset == chunk.Length)
            {
                reader.Chunk++;
                reader.Offset = 0;
                (room, _room) = (_room, null);
            }
        }

        room?.TrySetResult();
        return !piece.IsEmpty;
    }

    /// <summary>Completes when there may be more to read, or the end is known.</summary>
    internal Task WaitAsync(BodyReader reader)
    {
        lock (_lock)
        {
            if (reader.IsDropped || _state != BodyState.Filling || reader.Chunk < _chunks.Count - 1
                || (reader.Chunk == _chunks.Count - 1 && reader.Offset < _tailUsed))
            {
                return Task.CompletedTask;
            }

            return (_grown ??= NewSignal()).Task;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>One request's place in a body. Not for concurrent use; dispose it, a slow reader may hold the writer.</summary>
public sealed class BodyReader(CachedBody body) : IDisposable
{
    internal int Chunk { get; set; }

    internal int Offset { get; set; }

    internal bool IsDropped { get; set; }

    /// <summary>
    /// The next piece: non-empty, or empty at the end of a complete body.
    /// </summary>
    /// <exception cref="BodyAbortedException">The writer gave up, or this reader was too slow for a body that is not stored.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // The state is read first: a piece that came with the completion is found by the try that follows.
            BodyState state = body.State;
            if (body.TryRead(this, out ReadOnlyMemory<byte> piece))
            {
                return piece;
            }

            if (IsDropped || state == BodyState.Aborted)
            {
                throw new BodyAbortedException();
            }

            if (state == BodyState.Complete)
            {
                return default;
            }

            await body.WaitAsync(this).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => body.Close(this);
}

/// <summary>A body ended before its end: the response must be reset, not closed as if it were whole.</summary>
public sealed class BodyAbortedException() : IOException("the body ended before its end");
