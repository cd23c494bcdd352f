using System.Buffers.Binary;

namespace OrleansCdn.Dns.Zones;

/// <summary>Canonical names as keys that are looked up by octets of a query, without a copy.</summary>
internal sealed class NameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static readonly NameComparer Instance = new();

    /// <summary>A factor whose product mixes all bits (the golden ratio in 64 bits, Knuth, TAOCP 3, 6.4).</summary>
    private const ulong Mix = 0x9e3779b97f4a7c15;

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        ulong hash = (ulong)alternate.Length;
        while (alternate.Length >= 8)
        {
            hash = ulong.RotateLeft((hash ^ BinaryPrimitives.ReadUInt64LittleEndian(alternate)) * Mix, 29);
            alternate = alternate[8..];
        }

        ulong rest = 0;
        foreach (byte octet in alternate)
        {
            rest = (rest << 8) | octet;
        }

        hash = (hash ^ rest) * Mix;
        return (int)(hash >> 32);
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
