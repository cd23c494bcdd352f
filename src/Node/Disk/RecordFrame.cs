using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OrleansCdn.Node.Disk;

/// <summary>Why the bytes of a stored record cannot be used.</summary>
public enum FrameFault
{
    None,

    /// <summary>All zero or nothing at all: never written.</summary>
    Empty,

    /// <summary>Not a file of this program.</summary>
    Foreign,

    /// <summary>Written by a program with another format.</summary>
    OtherFormat,

    /// <summary>Cut short, or its bytes have changed.</summary>
    Damaged,
}

/// <summary>
/// What stands around each record on disk: <c>magic[8] format[2] kind[2] length[4] generation[8] payload sha256[32]</c>,
/// numbers little-endian, the hash over everything before it.
/// </summary>
public static class RecordFrame
{
    /// <summary>Raised when the layout or the meaning of a payload changes; older ones are then read by frozen code.</summary>
    public const ushort Format = 1;

    public const ushort SnapshotKind = 1;
    public const ushort CursorKind = 2;
    public const ushort DesiredKind = 3;
    public const ushort EligibilityKind = 4;
    public const ushort SecretsKind = 5;
    public const ushort FailoverKind = 6;
    public const int Overhead = HeaderBytes + HashBytes;

    private const int HeaderBytes = 24;
    private const int HashBytes = SHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Magic => "CDNCTRL\n"u8;

    /// <summary>A new array that holds the framed record.</summary>
    public static byte[] Write(ushort kind, long generation, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[Overhead + payload.Length];
        Span<byte> rest = frame;
        Magic.CopyTo(rest);
        BinaryPrimitives.WriteUInt16LittleEndian(rest[8..], Format);
        BinaryPrimitives.WriteUInt16LittleEndian(rest[10..], kind);
        BinaryPrimitives.WriteInt32LittleEndian(rest[12..], payload.Length);
        BinaryPrimitives.WriteInt64LittleEndian(rest[16..], generation);
        payload.CopyTo(rest[HeaderBytes..]);
        SHA256.HashData(rest[..^HashBytes], rest[^HashBytes..]);
        return frame;
    }

    /// <summary>Reads a frame at the start of <paramref name="bytes"/>; what follows it is ignored.</summary>
    public static FrameFault Read(ReadOnlySpan<byte> bytes, ushort kind, out long generation, out ReadOnlySpan<byte> payload)
    {
        generation = 0;
        payload = default;
        if (!bytes.ContainsAnyExcept((byte)0))
        {
            return FrameFault.Empty;
        }

        int prefix = Math.Min(Magic.Length, bytes.Length);
        if (!bytes[..prefix].SequenceEqual(Magic[..prefix]))
        {
            return FrameFault.Foreign;
        }

        if (bytes.Length < Overhead)
        {
            return FrameFault.Damaged;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        bool whole = length >= 0
            && length <= bytes.Length - Overhead
            && SHA256.HashData(bytes[..(HeaderBytes + length)]).AsSpan().SequenceEqual(bytes.Slice(HeaderBytes + length, HashBytes));
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) != Format)
        {
            // Another format may hash elsewhere, so its number is believed without a check.
            return FrameFault.OtherFormat;
        }

        if (!whole)
        {
            return FrameFault.Damaged;
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]) != kind)
        {
            return FrameFault.Foreign;
        }

        generation = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
        payload = bytes.Slice(HeaderBytes, length);
        return FrameFault.None;
    }
}
