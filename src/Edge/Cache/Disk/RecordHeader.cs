using System.Buffers.Binary;

namespace OrleansCdn.Edge.Cache.Disk;

internal enum RecordKind : byte
{
    /// <summary>A response.</summary>
    Object = 1,

    /// <summary>The variant before this is not to be used any more.</summary>
    DropVariant = 2,

    /// <summary>All variants of the key before this are not to be used any more.</summary>
    DropKey = 3,

    /// <summary>The variant before this must be confirmed by the origin before it is used.</summary>
    Stale = 4,
}

/// <summary>
/// Begins each record of a segment; 64 bytes, numbers little-endian: <c>magic[4] format[1] kind[1] flags[2] meta length[4]
/// variant[4] body length[8] key[16] stamp[8] written[8] meta crc[4] header crc[4]</c>. The header's checksum covers the
/// place of the record too: one that stands elsewhere is none.
/// </summary>
internal readonly record struct RecordHeader
{
    public const int Bytes = 64;

    /// <summary>Raised with the layout or the meaning of the metadata; a segment with another one is dropped.</summary>
    public const byte Format = 1;

    private const uint Magic = 0x52_4E_44_43; // CDNR
    private const ushort SoftPurgedFlag = 1;

    public required RecordKind Kind { get; init; }

    /// <summary>A soft purge had been noticed when it was written.</summary>
    public bool IsSoftPurged { get; init; }

    /// <summary>Of metadata and the table of the pieces' checksums.</summary>
    public int MetaLength { get; init; }

    public required uint Variant { get; init; }

    public long BodyLength { get; init; }

    public required DiskKey Key { get; init; }

    /// <summary><see cref="StoredResponse.Stamp"/>.</summary>
    public required long Stamp { get; init; }

    /// <summary>Wall clock, Unix milliseconds.</summary>
    public required long WrittenAt { get; init; }

    /// <summary>CRC-32C of the metadata block.</summary>
    public uint MetaCrc { get; init; }

    public long TotalLength => Bytes + MetaLength + BodyLength;

    public void Write(Span<byte> to, uint segment, long offset)
    {
        to[..Bytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(to, Magic);
        to[4] = Format;
        to[5] = (byte)Kind;
        BinaryPrimitives.WriteUInt16LittleEndian(to[6..], IsSoftPurged ? SoftPurgedFlag : (ushort)0);
        BinaryPrimitives.WriteInt32LittleEndian(to[8..], MetaLength);
        BinaryPrimitives.WriteUInt32LittleEndian(to[12..], Variant);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], BodyLength);
        BinaryPrimitives.WriteUInt64LittleEndian(to[24..], Key.High);
        BinaryPrimitives.WriteUInt64LittleEndian(to[32..], Key.Low);
        BinaryPrimitives.WriteInt64LittleEndian(to[40..], Stamp);
        BinaryPrimitives.WriteInt64LittleEndian(to[48..], WrittenAt);
        BinaryPrimitives.WriteUInt32LittleEndian(to[56..], MetaCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(to[60..], Checksum(to, segment, offset));
    }

    /// <summary>False: no record begins here, or it was damaged.</summary>
    public static bool TryRead(ReadOnlySpan<byte> from, uint segment, long offset, out RecordHeader header)
    {
        header = default;
        if (from.Length < Bytes
            || BinaryPrimitives.ReadUInt32LittleEndian(from) != Magic
            || from[4] != Format
            || BinaryPrimitives.ReadUInt32LittleEndian(from[60..]) != Checksum(from, segment, offset))
        {
            return false;
        }

        header = new RecordHeader
        {
            Kind = (RecordKind)from[5],
            IsSoftPurged = (BinaryPrimitives.ReadUInt16LittleEndian(from[6..]) & SoftPurgedFlag) != 0,
            MetaLength = BinaryPrimitives.ReadInt32LittleEndian(from[8..]),
            Variant = BinaryPrimitives.ReadUInt32LittleEndian(from[12..]),
            BodyLength = BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
            Key = new DiskKey(BinaryPrimitives.ReadUInt64LittleEndian(from[24..]), BinaryPrimitives.ReadUInt64LittleEndian(from[32..])),
            Stamp = BinaryPrimitives.ReadInt64LittleEndian(from[40..]),
            WrittenAt = BinaryPrimitives.ReadInt64LittleEndian(from[48..]),
            MetaCrc = BinaryPrimitives.ReadUInt32LittleEndian(from[56..]),
        };
        return header.MetaLength is >= 0 and <= DiskLimits.MaxMetaBytes
            && header.BodyLength is >= 0 and <= DiskLimits.MaxRecordBytes
            && header.Kind is >= RecordKind.Object and <= RecordKind.Stale;
    }

    private static uint Checksum(ReadOnlySpan<byte> header, uint segment, long offset)
    {
        Span<byte> place = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(place, segment);
        BinaryPrimitives.WriteInt64LittleEndian(place[4..], offset);
        return Crc32C.End(Crc32C.Add(Crc32C.Add(Crc32C.Start, header[..60]), place));
    }
}
