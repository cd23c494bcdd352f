using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;

namespace OrleansCdn.Dns.Geo.Mmdb;

/// <summary>
/// A MaxMind DB 2.0 file in memory: a binary search tree over the bits of addresses, whose leaves lead into a data section. Read only
/// through <see cref="Read"/>, which looks at every node once, so that no walk leads nowhere or for ever.
/// </summary>
public sealed class MmdbFile
{
    /// <summary>Four times the largest of the databases that are sold.</summary>
    public const int MaxBytes = 1 << 30;

    /// <summary>Between tree and data section.</summary>
    private const int Separator = 16;

    private readonly byte[] _bytes;
    private readonly int _recordBits;
    private readonly int _dataStart;
    private readonly int _dataLength;

    private MmdbFile(byte[] bytes, MmdbMetadata metadata, int dataStart, int dataLength)
    {
        _bytes = bytes;
        _recordBits = metadata.RecordBits;
        _dataStart = dataStart;
        _dataLength = dataLength;
        Metadata = metadata;
        Ipv4Root = metadata.IsIpv6 ? DescendZeros(96) : 0;
    }

    public MmdbMetadata Metadata { get; }

    /// <summary>Where the tree of IPv4 begins: behind 96 zero bits in a file of IPv6; may be no node but what all of IPv4 has.</summary>
    internal uint Ipv4Root { get; }

    internal ReadOnlySpan<byte> Data => _bytes.AsSpan(_dataStart, _dataLength);

    /// <param name="bytes">The whole file; it is kept, not copied.</param>
    public static MmdbReadResult Read(byte[] bytes)
    {
        if (bytes.Length > MaxBytes)
        {
            return MmdbReadResult.Wrong(string.Create(CultureInfo.InvariantCulture, $"has {bytes.Length} octets; {MaxBytes} are the most"));
        }

        if (!MmdbMetadata.TryRead(bytes, out MmdbMetadata? metadata, out int metadataStart, out string? error))
        {
            return MmdbReadResult.Wrong(error);
        }

        long dataStart = ((long)metadata.NodeCount * metadata.RecordBits / 4) + Separator;
        if (dataStart > metadataStart)
        {
            return MmdbReadResult.Wrong(string.Create(
                CultureInfo.InvariantCulture,
                $"is cut short: its {metadata.NodeCount} nodes of twice {metadata.RecordBits} bits and {Separator} octets do not fit before offset {metadataStart}"));
        }

        var file = new MmdbFile(bytes, metadata, (int)dataStart, metadataStart - (int)dataStart);
        string? wrong = file.WrongNode() is { } node
            ? string.Create(CultureInfo.InvariantCulture, $"has a node ({node} of {metadata.NodeCount}) that leads outside the file")
            : new MmdbTreeCheck(file).Run();
        return wrong is null ? new MmdbReadResult { File = file } : MmdbReadResult.Wrong(wrong);
    }

    /// <param name="node">Below the number of nodes.</param>
    /// <param name="bit">0 or 1.</param>
    internal uint Child(uint node, int bit)
    {
        switch (_recordBits)
        {
            case 24:
                ReadOnlySpan<byte> three = _bytes.AsSpan((int)(node * 6) + (bit * 3), 3);
                return ((uint)three[0] << 16) | ((uint)three[1] << 8) | three[2];
            case 28:
                // The middle octet has the highest four bits of both.
                ReadOnlySpan<byte> seven = _bytes.AsSpan((int)(node * 7), 7);
                return bit == 0
                    ? ((uint)(seven[3] & 0xF0) << 20) | ((uint)seven[0] << 16) | ((uint)seven[1] << 8) | seven[2]
                    : ((uint)(seven[3] & 0x0F) << 24) | ((uint)seven[4] << 16) | ((uint)seven[5] << 8) | seven[6];
            default:
                return BinaryPrimitives.ReadUInt32BigEndian(_bytes.AsSpan((int)(node * 8) + (bit * 4)));
        }
    }

    internal bool IsNode(uint value) => value < Metadata.NodeCount;

    /// <summary>A record that says that nothing is known.</summary>
    internal bool IsEmpty(uint value) => value == Metadata.NodeCount;

    /// <summary>Of a record that is neither a node nor empty.</summary>
    internal int DataOffset(uint value) => (int)(value - Metadata.NodeCount - Separator);

    private uint DescendZeros(int bits)
    {
        uint value = 0;
        for (int i = 0; i < bits && IsNode(value); i++)
        {
            value = Child(value, 0);
        }

        return value;
    }

    private uint? WrongNode()
    {
        uint most = Metadata.NodeCount + Separator + (uint)_dataLength;
        for (uint node = 0; node < Metadata.NodeCount; node++)
        {
            for (int bit = 0; bit < 2; bit++)
            {
                uint child = Child(node, bit);
                if (child > Metadata.NodeCount && (child < Metadata.NodeCount + Separator || child >= most))
                {
                    return node;
                }
            }
        }

        return null;
    }
}

/// <summary>Either the file or what is wrong with it.</summary>
public sealed record MmdbReadResult
{
    public MmdbFile? File { get; init; }

    /// <summary>A predicate without a subject: "is not a MaxMind DB …".</summary>
    public string? Error { get; init; }

    internal static MmdbReadResult Wrong(string error) => new() { Error = error };
}
