using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Control;

/// <summary>
/// What an edge must know again after a restart without any silo: its last good config, and how far it has applied the
/// purge log. One directory, one owner process.
/// </summary>
/// <remarks>
/// The snapshot is replaced as a whole (temporary file, flush, rename, flush of the directory). The cursor is written
/// often, so it has two slots of a disk page each that are written in turn: one flushed write a batch, and a torn one
/// leaves the other slot. A file that cannot be used is set aside under another name and the edge goes on without it.
/// Not for use by several threads at once.
/// </remarks>
internal sealed partial class ControlStore : IDisposable
{
    public const string SnapshotName = "config.snapshot";
    public const string CursorName = "purge.cursor";
    public const string LockName = "lock";

    /// <summary>A config line of the feed at its longest, and the names around it.</summary>
    public const int MaxSnapshotBytes = FeedProtocol.MaxSiloLineBytes + 4096;

    /// <summary>One page of memory and disk, so that a torn write stays within one slot.</summary>
    public const int SlotBytes = 4096;

    private readonly string _directory;
    private readonly string _pop;
    private readonly string _edge;
    private readonly ILogger _logger;
    private readonly SafeFileHandle _lock;
    private SafeFileHandle? _cursorFile;
    private long _generation;

    private ControlStore(string directory, string pop, string edge, SafeFileHandle held, ILogger logger)
    {
        _directory = directory;
        _pop = pop;
        _edge = edge;
        _lock = held;
        _logger = logger;
    }

    /// <summary>Takes the directory <c>DATA/control</c>, making it if need be.</summary>
    /// <exception cref="IOException">It cannot be written, or another process has it; the message says how to mend it.</exception>
    public static ControlStore Open(string dataDirectory, string pop, string edge, ILogger logger)
    {
        string directory = Path.Combine(Path.GetFullPath(dataDirectory), "control");
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot make the directory '{directory}' ({e.Message}); give --data a directory that this user may write", e);
        }

        string lockFile = Path.Combine(directory, LockName);
        try
        {
            SafeFileHandle held = File.OpenHandle(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new ControlStore(directory, pop, edge, held, logger);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"cannot write in '{directory}' ({e.Message}); give --data a directory that this user may write", e);
        }
        catch (IOException e)
        {
            throw new IOException($"'{lockFile}' is held by another process ({e.Message}); each edge needs its own --data directory", e);
        }
    }

    /// <summary>The last config that was saved, or null. Never throws for what the file holds.</summary>
    public EdgeSnapshot? LoadSnapshot()
    {
        string path = Path.Combine(_directory, SnapshotName);
        if (!TryReadFile(path, MaxSnapshotBytes + RecordFrame.Overhead, out byte[] bytes))
        {
            return null;
        }

        FrameFault fault = RecordFrame.Read(bytes, RecordFrame.SnapshotKind, out _, out ReadOnlySpan<byte> payload);
        if (fault != FrameFault.None)
        {
            SetAside(path, fault.ToString());
            return null;
        }

        StoredSnapshot? stored;
        try
        {
            stored = JsonSerializer.Deserialize(payload, StoredJson.Default.StoredSnapshot);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            SetAside(path, $"its text does not fit this version of the program: {e.Message}");
            return null;
        }

        if (stored is null || stored.Pop != _pop || stored.Edge != _edge)
        {
            SetAside(path, $"it belongs to edge {stored?.Pop}/{stored?.Edge}, and this is {_pop}/{_edge}");
            return null;
        }

        return new EdgeSnapshot(stored.Epoch, stored.Version, stored.Config);
    }

    /// <summary>Replaces the saved config; when this returns it is on disk.</summary>
    /// <exception cref="IOException">The disk refused; the file that was there is untouched.</exception>
    public void SaveSnapshot(EdgeSnapshot snapshot)
    {
        byte[] payload = JsonSerializer.SerializeToUtf8Bytes(
            new StoredSnapshot { Pop = _pop, Edge = _edge, Epoch = snapshot.Epoch, Version = snapshot.Version, Config = snapshot.Config },
            StoredJson.Default.StoredSnapshot);
        string path = Path.Combine(_directory, SnapshotName);
        string temporary = path + ".new";
        using (SafeFileHandle file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, RecordFrame.Write(RecordFrame.SnapshotKind, 0, payload), 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, path, overwrite: true);
        DirectoryFlush.Flush(_directory);
    }

    /// <summary>The last cursor that was saved, or <see cref="PurgeCursor.None"/>. Never throws for what the file holds.</summary>
    public PurgeCursor LoadCursor()
    {
        string path = Path.Combine(_directory, CursorName);
        if (!TryReadFile(path, 2 * SlotBytes, out byte[] bytes))
        {
            return PurgeCursor.None;
        }

        StoredCursor? newest = null;
        FrameFault worst = FrameFault.None;
        _generation = 0;
        for (int start = 0; start < bytes.Length; start += SlotBytes)
        {
            ReadOnlySpan<byte> slot = bytes.AsSpan(start, Math.Min(SlotBytes, bytes.Length - start));
            FrameFault fault = RecordFrame.Read(slot, RecordFrame.CursorKind, out long generation, out ReadOnlySpan<byte> payload);
            worst = fault > worst ? fault : worst;
            if (fault == FrameFault.None && generation > _generation && TryParseCursor(payload) is { } stored)
            {
                (newest, _generation) = (stored, generation);
            }
        }

        if (newest is null)
        {
            if (worst != FrameFault.Empty) // both slots empty: made, and the power went before the first write
            {
                SetAside(path, worst.ToString());
            }

            return PurgeCursor.None;
        }

        if (newest.Pop != _pop || newest.Edge != _edge)
        {
            SetAside(path, $"it belongs to edge {newest.Pop}/{newest.Edge}, and this is {_pop}/{_edge}");
            _generation = 0;
            return PurgeCursor.None;
        }

        if (worst is FrameFault.Damaged)
        {
            LogTornSlot(path); // what a power cut in the middle of a write leaves: the slot before it holds
        }

        return new PurgeCursor(newest.Epoch, newest.Sequence);
    }

    /// <summary>When this returns the cursor is on disk.</summary>
    /// <exception cref="IOException">The disk refused; the cursor saved before still holds.</exception>
    public void SaveCursor(PurgeCursor cursor)
    {
        byte[] frame = RecordFrame.Write(RecordFrame.CursorKind, _generation + 1, JsonSerializer.SerializeToUtf8Bytes(
            new StoredCursor { Pop = _pop, Edge = _edge, Epoch = cursor.Epoch, Sequence = cursor.Sequence },
            StoredJson.Default.StoredCursor));
        if (frame.Length > SlotBytes)
        {
            throw new IOException($"the cursor '{cursor}' does not fit a slot of {SlotBytes} bytes");
        }

        _cursorFile ??= CreateCursorFile();
        RandomAccess.Write(_cursorFile, frame, (_generation + 1) % 2 * SlotBytes);
        RandomAccess.FlushToDisk(_cursorFile);
        _generation++;
    }

    public void Dispose()
    {
        _cursorFile?.Dispose();
        _lock.Dispose();
    }

    /// <summary>Both slots exist from the start, so that later writes change no file length and flush fast.</summary>
    private SafeFileHandle CreateCursorFile()
    {
        SafeFileHandle file = File.OpenHandle(Path.Combine(_directory, CursorName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            if (RandomAccess.GetLength(file) != 2 * SlotBytes)
            {
                RandomAccess.SetLength(file, 2 * SlotBytes);
                RandomAccess.FlushToDisk(file);
                DirectoryFlush.Flush(_directory);
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }

        return file;
    }

    private static StoredCursor? TryParseCursor(ReadOnlySpan<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload, StoredJson.Default.StoredCursor);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private bool TryReadFile(string path, long limit, out byte[] bytes)
    {
        bytes = [];
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (file.Length > limit)
            {
                SetAside(path, $"it has {file.Length} bytes, and at most {limit} can be right");
                return false;
            }

            bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            SetAside(path, e.Message);
            return false;
        }
    }

    /// <summary>One file per name is kept for a look, so that a disk that goes on damaging files does not fill up.</summary>
    private void SetAside(string path, string reason)
    {
        string aside = path + ".unusable";
        try
        {
            File.Move(path, aside, overwrite: true);
            LogSetAside(path, reason, aside);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogCannotSetAside(path, reason, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "'{Path}' cannot be used ({Reason}); it is kept as '{Aside}' and the edge goes on without it")]
    private partial void LogSetAside(string path, string reason, string aside);

    [LoggerMessage(Level = LogLevel.Error, Message = "'{Path}' cannot be used ({Reason}) nor be moved away ({Failure}); the edge goes on without it")]
    private partial void LogCannotSetAside(string path, string reason, string failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "'{Path}' holds a torn write, as after a power cut; the cursor before it is used")]
    private partial void LogTornSlot(string path);
}
