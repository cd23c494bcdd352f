using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Win32.SafeHandles;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Edge.Control;

/// <summary>
/// What an edge must know again after a restart without any silo: its last good config, which PoPs are eligible, the secrets that it serves DNS
/// with, and how far it has applied the purge log. One directory, one owner process.
/// </summary>
/// <remarks>
/// Config and eligibility are replaced as a whole. The cursor is written often, so it has two slots of a disk page each that are written in turn: one flushed write a batch, and a torn one
/// leaves the other slot.
/// Not for use by several threads at once.
/// </remarks>
internal sealed partial class ControlStore : IDisposable
{
    public const string SnapshotName = "config.snapshot";
    public const string CursorName = "purge.cursor";
    public const string SecretsName = "dns.secrets";

    /// <summary>A config line of the feed at its longest, and the names around it.</summary>
    public const int MaxSnapshotBytes = FeedProtocol.MaxSiloLineBytes + 4096;

    /// <summary>One page of memory and disk, so that a torn write stays within one slot.</summary>
    public const int SlotBytes = 4096;

    private readonly StateDirectory _directory;
    private readonly string _pop;
    private readonly string _edge;
    private readonly ILogger _logger;
    private SafeFileHandle? _cursorFile;
    private long _generation;

    private ControlStore(StateDirectory directory, string pop, string edge, ILogger logger)
    {
        _directory = directory;
        _pop = pop;
        _edge = edge;
        _logger = logger;
    }

    /// <summary>Takes the directory <c>DATA/control</c>, making it if need be.</summary>
    /// <exception cref="IOException">It cannot be written, or another process has it; the message says how to mend it.</exception>
    public static ControlStore Open(string dataDirectory, string pop, string edge, ILogger logger) =>
        new(StateDirectory.Open(dataDirectory, "control", logger), pop, edge, logger);

    /// <summary>The last config that was saved, or null. Never throws for what the file holds.</summary>
    public EdgeSnapshot? LoadSnapshot()
    {
        StoredSnapshot? stored = Load(SnapshotName, MaxSnapshotBytes, RecordFrame.SnapshotKind, StoredJson.Default.StoredSnapshot);
        return stored is not null && IsOwn(SnapshotName, stored.Pop, stored.Edge) ? new EdgeSnapshot(stored.Epoch, stored.Version, stored.Config) : null;
    }

    /// <summary>Replaces the saved config; when this returns it is on disk.</summary>
    /// <exception cref="IOException">The disk refused; the file that was there is untouched.</exception>
    public void SaveSnapshot(EdgeSnapshot snapshot) => Save(
        SnapshotName,
        RecordFrame.SnapshotKind,
        new StoredSnapshot { Pop = _pop, Edge = _edge, Epoch = snapshot.Epoch, Version = snapshot.Version, Config = snapshot.Config },
        StoredJson.Default.StoredSnapshot);

    /// <summary>The last DNS secrets that were saved, or null. Never throws for what the file holds.</summary>
    public DnsSecrets? LoadSecrets()
    {
        StoredSecrets? stored = Load(SecretsName, MaxSnapshotBytes, RecordFrame.SecretsKind, StoredJson.Default.StoredSecrets);
        if (stored is null || !IsOwn(SecretsName, stored.Pop, stored.Edge))
        {
            return null;
        }

        if (SecretsCheck.Malformed(stored.Secrets) is { } wrong)
        {
            _directory.SetAside(SecretsName, wrong);
            return null;
        }

        return stored.Secrets;
    }

    /// <summary>Replaces the saved secrets in a file that only this user can read; when this returns they are on disk.</summary>
    /// <exception cref="IOException">The disk refused; the file that was there is untouched.</exception>
    public void SaveSecrets(DnsSecrets secrets) => Save(
        SecretsName,
        RecordFrame.SecretsKind,
        new StoredSecrets { Pop = _pop, Edge = _edge, Secrets = secrets },
        StoredJson.Default.StoredSecrets,
        UnixFileMode.UserRead | UnixFileMode.UserWrite);

    /// <summary>The last cursor that was saved, or <see cref="PurgeCursor.None"/>. Never throws for what the file holds.</summary>
    public PurgeCursor LoadCursor()
    {
        if (!_directory.TryRead(CursorName, 2 * SlotBytes, out byte[] bytes))
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
                _directory.SetAside(CursorName, worst.ToString());
            }

            return PurgeCursor.None;
        }

        if (newest.Pop != _pop || newest.Edge != _edge)
        {
            _directory.SetAside(CursorName, $"it belongs to edge {newest.Pop}/{newest.Edge}, and this is {_pop}/{_edge}");
            _generation = 0;
            return PurgeCursor.None;
        }

        if (worst is FrameFault.Damaged)
        {
            LogTornSlot(_directory.FileOf(CursorName)); // what a power cut in the middle of a write leaves: the slot before it holds
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

    /// <summary>A record that is replaced as a whole; null: it is not there, or cannot be used and was set aside.</summary>
    private T? Load<T>(string name, int limit, ushort kind, JsonTypeInfo<T> type)
        where T : class
    {
        if (!_directory.TryRead(name, limit + RecordFrame.Overhead, out byte[] bytes))
        {
            return null;
        }

        FrameFault fault = RecordFrame.Read(bytes, kind, out _, out ReadOnlySpan<byte> payload);
        if (fault != FrameFault.None)
        {
            _directory.SetAside(name, fault.ToString());
            return null;
        }

        try
        {
            if (JsonSerializer.Deserialize(payload, type) is { } stored)
            {
                return stored;
            }

            _directory.SetAside(name, "it holds nothing");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            _directory.SetAside(name, $"its text does not fit this version of the program: {e.Message}");
        }

        return null;
    }

    private void Save<T>(string name, ushort kind, T record, JsonTypeInfo<T> type, UnixFileMode? mode = null) =>
        _directory.Replace(name, RecordFrame.Write(kind, 0, JsonSerializer.SerializeToUtf8Bytes(record, type)), mode);

    private bool IsOwn(string name, string pop, string edge)
    {
        if (pop == _pop && edge == _edge)
        {
            return true;
        }

        _directory.SetAside(name, $"it belongs to edge {pop}/{edge}, and this is {_pop}/{_edge}");
        return false;
    }

    public void Dispose()
    {
        _cursorFile?.Dispose();
        _directory.Dispose();
    }

    /// <summary>Both slots exist from the start, so that later writes change no file length and flush fast.</summary>
    private SafeFileHandle CreateCursorFile()
    {
        SafeFileHandle file = File.OpenHandle(_directory.FileOf(CursorName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            if (RandomAccess.GetLength(file) != 2 * SlotBytes)
            {
                RandomAccess.SetLength(file, 2 * SlotBytes);
                RandomAccess.FlushToDisk(file);
                DirectoryFlush.Flush(_directory.Path);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "'{Path}' holds a torn write, as after a power cut; the cursor before it is used")]
    private partial void LogTornSlot(string path);
}
