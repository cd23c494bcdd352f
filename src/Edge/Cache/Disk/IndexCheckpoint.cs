using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>
/// The index as of a place in the log, in one file that is replaced as a whole: <c>magic[8] lineage[8] segment[4] era[4]
/// offset[8] highest wall[8] count[8] crc of the entries[4] crc[4]</c>, then the entries as they are in memory. At start only
/// the log behind that place is scanned.
/// </summary>
internal sealed record IndexCheckpoint
{
    public const string FileName = "index.checkpoint";

    private const int HeaderBytes = 56;

    /// <summary>Written and read at once.</summary>
    private const int BatchEntries = 16 * 1024;

    public required long Lineage { get; init; }

    /// <summary>Of the log's end when it was made.</summary>
    public required uint Segment { get; init; }

    public required long Offset { get; init; }

    public required int ClockEra { get; init; }

    public required long HighestWall { get; init; }

    public required DiskEntry[] Entries { get; init; }

    private static ReadOnlySpan<byte> Magic => "CDNIDX\n\x01"u8;

    /// <exception cref="IOException">The disk refused; the checkpoint before it is untouched.</exception>
    public void Save(string directory)
    {
        string path = Path.Combine(directory, FileName);
        string temporary = path + ".new";
        using (SafeFileHandle file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            uint crc = Crc32C.Start;
            long at = HeaderBytes;
            for (int start = 0; start < Entries.Length; start += BatchEntries)
            {
                ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(Entries.AsSpan(start, Math.Min(BatchEntries, Entries.Length - start)));
                RandomAccess.Write(file, bytes, at);
                crc = Crc32C.Add(crc, bytes);
                at += bytes.Length;
            }

            RandomAccess.Write(file, Header(Crc32C.End(crc)), 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, path, overwrite: true);
        DirectoryFlush.Flush(directory);
    }

    /// <summary>Null when there is none of this store, or it was damaged: then the whole log is scanned.</summary>
    public static IndexCheckpoint? Load(string directory, long lineage)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(Path.Combine(directory, FileName));
            byte[] header = new byte[HeaderBytes];
            if (RandomAccess.Read(file, header, 0) != HeaderBytes
                || !header.AsSpan(0, Magic.Length).SequenceEqual(Magic)
                || BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(52)) != Crc32C.Of(header.AsSpan(0, 52))
                || BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(8)) != lineage)
            {
                return null;
            }

            long count = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(40));
            long entryBytes = RandomAccess.GetLength(file) - HeaderBytes;
            if (count < 0 || count != entryBytes / Unsafe.SizeOf<DiskEntry>() || entryBytes % Unsafe.SizeOf<DiskEntry>() != 0)
            {
                return null;
            }

            DiskEntry[] entries = new DiskEntry[count];
            return ReadEntries(file, entries) == BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(48))
                ? new IndexCheckpoint
                {
                    Lineage = lineage,
                    Segment = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(16)),
                    ClockEra = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(20)),
                    Offset = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(24)),
                    HighestWall = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(32)),
                    Entries = entries,
                }
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static uint ReadEntries(SafeFileHandle file, DiskEntry[] entries)
    {
        uint crc = Crc32C.Start;
        long at = HeaderBytes;
        for (int start = 0; start < entries.Length; start += BatchEntries)
        {
            Span<byte> bytes = MemoryMarshal.AsBytes(entries.AsSpan(start, Math.Min(BatchEntries, entries.Length - start)));
            for (int read = 0; read < bytes.Length;)
            {
                int more = RandomAccess.Read(file, bytes[read..], at);
                if (more == 0)
                {
                    return 0;
                }

                read += more;
                at += more;
            }

            crc = Crc32C.Add(crc, bytes);
        }

        return Crc32C.End(crc);
    }

    private byte[] Header(uint entriesCrc)
    {
        byte[] header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), Lineage);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), Segment);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), ClockEra);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), Offset);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(32), HighestWall);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(40), Entries.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(48), entriesCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(52), Crc32C.Of(header.AsSpan(0, 52)));
        return header;
    }
}
