using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>
/// One file of the log, appended only. It begins with <c>magic[8] lineage[8] id[4] clock era[4] created[8] crc[4]</c>; then
/// come records. Whoever reads holds a lease, so that a file that is deleted meanwhile can be read to its end.
/// </summary>
internal sealed class SegmentFile
{
    public const int HeaderBytes = 36;

    private const string Prefix = "segment-";
    private const string Suffix = ".log";

    private readonly SafeFileHandle _file;
    private readonly Lock _lock = new();
    private int _leases = 1;
    private long _length;

    private SegmentFile(string path, SafeFileHandle file, uint id, int clockEra, long createdAt, long length)
    {
        (Path, _file, Id, ClockEra, CreatedAt, _length) = (path, file, id, clockEra, createdAt, length);
    }

    private static ReadOnlySpan<byte> Magic => "CDNSEG\n\x01"u8;

    public string Path { get; }

    public uint Id { get; }

    public int ClockEra { get; }

    /// <summary>Wall clock, Unix milliseconds.</summary>
    public long CreatedAt { get; }

    public long Length => Volatile.Read(ref _length);

    /// <exception cref="IOException">The disk refused.</exception>
    public static SegmentFile Create(string directory, long lineage, uint id, int clockEra, long createdAt)
    {
        string path = System.IO.Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{id:x8}{Suffix}"));
        SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        try
        {
            byte[] header = new byte[HeaderBytes];
            Magic.CopyTo(header);
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), lineage);
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), id);
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), clockEra);
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), createdAt);
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(32), Crc32C.Of(header.AsSpan(0, 32)));
            RandomAccess.Write(file, header, 0);
            return new SegmentFile(path, file, id, clockEra, createdAt, HeaderBytes);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Null when the file is not a segment of this store.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static SegmentFile? Open(string path, long lineage)
    {
        SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        byte[] header = new byte[HeaderBytes];
        if (RandomAccess.Read(file, header, 0) == HeaderBytes
            && header.AsSpan(0, Magic.Length).SequenceEqual(Magic)
            && BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(32)) == Crc32C.Of(header.AsSpan(0, 32))
            && BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(8)) == lineage
            && NameOf(path) == BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(16)))
        {
            return new SegmentFile(
                path, file, NameOf(path)!.Value, BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(20)),
                BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(24)), RandomAccess.GetLength(file));
        }

        file.Dispose();
        return null;
    }

    /// <summary>Every file that looks like a segment, whosever it is.</summary>
    public static string[] List(string directory) => Directory.GetFiles(directory, $"{Prefix}*{Suffix}");

    /// <summary>At the end, all of it or nothing that counts.</summary>
    /// <returns>Where it begins.</returns>
    /// <exception cref="IOException">The disk refused: what was written of it is cut off again, or overwritten by the next.</exception>
    public long Append(IReadOnlyList<ReadOnlyMemory<byte>> parts, long bytes)
    {
        long at = _length;
        RandomAccess.Write(_file, parts, at);
        Volatile.Write(ref _length, at + bytes);
        return at;
    }

    /// <summary>False when the file ends before.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public bool TryReadExactly(Span<byte> to, long offset)
    {
        while (!to.IsEmpty)
        {
            int read = RandomAccess.Read(_file, to, offset);
            if (read == 0)
            {
                return false;
            }

            to = to[read..];
            offset += read;
        }

        return true;
    }

    /// <summary>As much as there is; 0 at the end.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public int Read(Span<byte> to, long offset) => RandomAccess.Read(_file, to, offset);

    /// <summary>False when it has been given up.</summary>
    public bool TryLease()
    {
        lock (_lock)
        {
            if (_leases == 0)
            {
                return false;
            }

            _leases++;
            return true;
        }
    }

    public void Return()
    {
        lock (_lock)
        {
            if (--_leases > 0)
            {
                return;
            }
        }

        _file.Dispose();
    }

    private static uint? NameOf(string path)
    {
        ReadOnlySpan<char> name = System.IO.Path.GetFileName(path.AsSpan());
        return name.Length == Prefix.Length + 8 + Suffix.Length
            && uint.TryParse(name.Slice(Prefix.Length, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint id) ? id : null;
    }
}
