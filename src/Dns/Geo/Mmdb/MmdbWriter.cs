using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Dns.Steering;

namespace OrleansCdn.Dns.Geo.Mmdb;

/// <summary>
/// Makes MaxMind DB 2.0 files: examples, tests, and databases that are published as tables. Of two networks that overlap the one that is
/// added later counts. IPv4 lies behind 96 zero bits; aliases (RFC 4291 mapped, 6to4, Teredo) are written on request.
/// </summary>
public sealed class MmdbWriter
{
    private const int Empty = -1;
    private const int AliasOfIpv4 = -2;
    private const int FirstRecord = -3;
    private const int Separator = 16;

    private readonly List<(int Zero, int One)> _nodes = [(Empty, Empty)];
    private readonly MmdbOutput _output = new();
    private readonly List<int> _records = [];
    private readonly Dictionary<int, int> _recordIndexes = [];
    private readonly bool _isIpv6;

    /// <param name="isIpv6">False: a file of IPv4 alone.</param>
    public MmdbWriter(bool isIpv6 = true) => _isIpv6 = isIpv6;

    public required string DatabaseType { get; init; }

    public required DateTimeOffset Built { get; init; }

    /// <summary>24, 28 or 32.</summary>
    public int RecordBits { get; init; } = 28;

    /// <summary>A sentence on what it is, where it comes from and under which licence.</summary>
    public string Description { get; init; } = "";

    public bool HasIpv4Aliases { get; init; }

    public void Add(IPNetwork network, MmdbValue.Map record) => Add(
        network.BaseAddress.AddressFamily == AddressFamily.InterNetwork, AddressBits.Of(network.BaseAddress), network.PrefixLength, record);

    /// <summary>A range with both its ends, as tables have it.</summary>
    public void Add(IPAddress first, IPAddress last, MmdbValue.Map record)
    {
        bool isIpv4 = first.AddressFamily == AddressFamily.InterNetwork;
        int length = isIpv4 ? 32 : 128;
        UInt128 from = AddressBits.Of(first);
        UInt128 to = AddressBits.Of(last);
        while (from <= to)
        {
            // The largest block that begins here and ends within the range.
            int hostBits = Math.Min(length, (int)UInt128.TrailingZeroCount(from));
            while (hostBits > 0 && (hostBits == 128 ? UInt128.MaxValue : from + ((UInt128.One << hostBits) - 1)) > to)
            {
                hostBits--;
            }

            Add(isIpv4, from, length - hostBits, record);
            UInt128 next = from + (UInt128.One << hostBits);
            if (hostBits == 128 || next <= from)
            {
                return;
            }

            from = next;
        }
    }

    public byte[] ToArray()
    {
        if (HasIpv4Aliases)
        {
            Put(AddressBits.Of(IPAddress.Parse("::ffff:0:0")), 96, AliasOfIpv4);
            Put(AddressBits.Of(IPAddress.Parse("2002::")), 16, AliasOfIpv4);
            Put(AddressBits.Of(IPAddress.Parse("2001::")), 32, AliasOfIpv4);
        }

        int ipv4 = Ipv4Node();
        var file = new MemoryStream();
        Span<byte> node = stackalloc byte[8];
        foreach ((int zero, int one) in _nodes)
        {
            Node(node, Value(zero, ipv4), Value(one, ipv4));
            file.Write(node[..(RecordBits / 4)]);
        }

        file.Write(new byte[Separator]);
        file.Write(_output.Octets);
        file.Write([0xAB, 0xCD, 0xEF, .. "MaxMind.com"u8]);
        file.Write(Metadata().Octets);
        return file.ToArray();
    }

    /// <param name="isIpv4">The address is the low 32 bits.</param>
    /// <param name="address">Host bits are zero.</param>
    /// <param name="bits">Prefix length.</param>
    /// <param name="record">What is known of it.</param>
    public void Add(bool isIpv4, UInt128 address, int bits, MmdbValue.Map record)
    {
        int at = _output.Record(record);
        if (!_recordIndexes.TryGetValue(at, out int index))
        {
            _recordIndexes.Add(at, index = _records.Count);
            _records.Add(at);
        }

        Put(isIpv4, address, bits, FirstRecord - index);
    }

    /// <summary>Nothing is known of a network any more.</summary>
    public void Remove(IPNetwork network) => Put(
        network.BaseAddress.AddressFamily == AddressFamily.InterNetwork, AddressBits.Of(network.BaseAddress), network.PrefixLength, Empty);

    private void Put(bool isIpv4, UInt128 address, int bits, int value)
    {
        if (!isIpv4 && !_isIpv6)
        {
            throw new InvalidOperationException("a file of IPv4 takes no IPv6");
        }

        bool isBehindZeros = isIpv4 && _isIpv6;
        Put(isBehindZeros || !isIpv4 ? address : address << 96, isBehindZeros ? bits + 96 : bits, value);
    }

    /// <param name="address">Its first bit is the highest.</param>
    /// <param name="bits">How many of them.</param>
    /// <param name="value">What all addresses below are to have.</param>
    private void Put(UInt128 address, int bits, int value)
    {
        if (bits == 0)
        {
            _nodes[0] = (value, value);
            return;
        }

        int at = 0;
        for (int depth = 0; ; depth++)
        {
            bool one = ((address >> (127 - depth)) & 1) != 0;
            (int Zero, int One) node = _nodes[at];
            int next = one ? node.One : node.Zero;
            if (depth == bits - 1)
            {
                next = value;
            }
            else if (next < 0)
            {
                // What was said of all of it is said of both halves.
                _nodes.Add((next, next));
                next = _nodes.Count - 1;
            }

            _nodes[at] = one ? node with { One = next } : node with { Zero = next };
            if (depth == bits - 1)
            {
                return;
            }

            at = next;
        }
    }

    private int Ipv4Node()
    {
        int at = 0;
        for (int depth = 0; depth < 96 && at >= 0; depth++)
        {
            at = _nodes[at].Zero;
        }

        return at;
    }

    private uint Value(int reference, int ipv4) => reference switch
    {
        >= 0 => (uint)reference,
        Empty => (uint)_nodes.Count,
        AliasOfIpv4 => Value(ipv4, Empty),
        _ => (uint)(_nodes.Count + Separator + _records[FirstRecord - reference]),
    };

    private void Node(Span<byte> node, uint zero, uint one)
    {
        if (Math.Max(zero, one) >> (RecordBits - 1) > 1)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{RecordBits} bits are too few for {_nodes.Count} nodes"));
        }

        switch (RecordBits)
        {
            case 24:
                BinaryPrimitives.WriteUInt64BigEndian(node, ((ulong)zero << 40) | ((ulong)one << 16));
                break;
            case 28:
                BinaryPrimitives.WriteUInt32BigEndian(node, zero << 8);
                node[3] = (byte)(((zero >> 24) << 4) | (one >> 24));
                BinaryPrimitives.WriteUInt32BigEndian(node[4..], one << 8);
                break;
            default:
                BinaryPrimitives.WriteUInt32BigEndian(node, zero);
                BinaryPrimitives.WriteUInt32BigEndian(node[4..], one);
                break;
        }
    }

    private MmdbOutput Metadata()
    {
        var metadata = new MmdbOutput();
        metadata.Header(MmdbType.Map, 9);
        void Number(string key, MmdbType type, ulong value, int octets)
        {
            metadata.Write(key);
            metadata.Number(type, value, octets);
        }

        Number("binary_format_major_version", MmdbType.UInt16, 2, 2);
        Number("binary_format_minor_version", MmdbType.UInt16, 0, 2);
        Number("build_epoch", MmdbType.UInt64, (ulong)Built.ToUnixTimeSeconds(), 8);
        metadata.Write("database_type");
        metadata.Write(DatabaseType);
        metadata.Write("description");
        metadata.Write(new MmdbValue.Map(("en", Description)));
        metadata.Write("languages");
        metadata.Header(MmdbType.Array, 1);
        metadata.Write("en");
        Number("ip_version", MmdbType.UInt16, _isIpv6 ? 6u : 4, 2);
        Number("node_count", MmdbType.UInt32, (ulong)_nodes.Count, 4);
        Number("record_size", MmdbType.UInt16, (ulong)RecordBits, 2);
        return metadata;
    }
}
