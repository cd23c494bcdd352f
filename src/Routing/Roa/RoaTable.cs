using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Routing.Roa;

/// <summary>RFC 6811 §2.</summary>
public enum OriginValidity
{
    /// <summary>No ROA covers the prefix.</summary>
    NotFound,

    /// <summary>One allows it.</summary>
    Valid,

    /// <summary>ROAs cover it, and none allows it.</summary>
    Invalid,
}

/// <summary>What a holder of addresses allows: that <paramref name="Asn"/> announces the prefix and parts of it up to a length.</summary>
/// <param name="Prefix">The covered addresses.</param>
/// <param name="MaxLength">Longest prefix that may be announced.</param>
/// <param name="Asn">0: nobody may (RFC 6483 §4).</param>
public sealed record RoaEntry(IPNetwork Prefix, int MaxLength, uint Asn)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}-{MaxLength} AS{Asn}");
}

/// <summary>All validated ROA payloads of a file. Immutable; 700,000 of them take some 17 MB.</summary>
public sealed class RoaTable
{
    private readonly ImmutableArray<Row> _rows;

    private RoaTable(ImmutableArray<Row> rows) => _rows = rows;

    public static RoaTable Empty { get; } = new([]);

    public int Count => _rows.Length;

    /// <param name="prefix">As it is announced.</param>
    /// <param name="asn">The origin: the last AS of the path.</param>
    /// <returns>With the covering ROAs, for messages.</returns>
    public (OriginValidity Validity, ImmutableArray<RoaEntry> Covering) Validate(IPNetwork prefix, uint asn)
    {
        bool v4 = prefix.BaseAddress.AddressFamily == AddressFamily.InterNetwork;
        UInt128 address = ToNumber(prefix.BaseAddress);
        var covering = ImmutableArray.CreateBuilder<RoaEntry>();
        bool allowed = false;
        for (int length = 0; length <= prefix.PrefixLength; length++)
        {
            var first = new Row(Masked(address, length, v4), (byte)length, v4, 0, 0);
            int at = _rows.AsSpan().BinarySearch(first);
            for (at = at < 0 ? ~at : at; at < _rows.Length && _rows[at].IsAt(first); at++)
            {
                Row row = _rows[at];
                covering.Add(row.ToEntry());
                allowed |= row.Asn == asn && asn != 0 && prefix.PrefixLength <= row.MaxLength;
            }
        }

        return (covering.Count == 0 ? OriginValidity.NotFound : allowed ? OriginValidity.Valid : OriginValidity.Invalid, covering.ToImmutable());
    }

    private static UInt128 ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int written);
        UInt128 value = 0;
        foreach (byte one in bytes[..written])
        {
            value = (value << 8) | one;
        }

        return value;
    }

    private static UInt128 Masked(UInt128 address, int length, bool v4)
    {
        int hostBits = (v4 ? 32 : 128) - length;
        return hostBits == 128 ? 0 : (address >> hostBits) << hostBits;
    }

    /// <summary>Collects entries and puts them in order.</summary>
    public sealed class Builder
    {
        private readonly List<Row> _rows = [];

        public int Count => _rows.Count;

        public void Add(IPNetwork prefix, int maxLength, uint asn) => _rows.Add(new Row(
            ToNumber(prefix.BaseAddress), (byte)prefix.PrefixLength, prefix.BaseAddress.AddressFamily == AddressFamily.InterNetwork, (byte)maxLength, asn));

        public RoaTable Build()
        {
            _rows.Sort();
            return new RoaTable([.. _rows]);
        }
    }

    private readonly record struct Row(UInt128 Address, byte Length, bool V4, byte MaxLength, uint Asn) : IComparable<Row>
    {
        public int CompareTo(Row other) =>
            (V4, Length, Address, MaxLength, Asn).CompareTo((other.V4, other.Length, other.Address, other.MaxLength, other.Asn));

        public bool IsAt(Row other) => V4 == other.V4 && Length == other.Length && Address == other.Address;

        public RoaEntry ToEntry()
        {
            Span<byte> bytes = stackalloc byte[16];
            UInt128 rest = Address;
            for (int i = (V4 ? 4 : 16) - 1; i >= 0; i--)
            {
                bytes[i] = (byte)rest;
                rest >>= 8;
            }

            return new RoaEntry(new IPNetwork(new IPAddress(bytes[..(V4 ? 4 : 16)]), Length), MaxLength, Asn);
        }
    }
}
