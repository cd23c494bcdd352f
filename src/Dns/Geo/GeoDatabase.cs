using System.Globalization;
using OrleansCdn.Dns.Geo.Mmdb;

namespace OrleansCdn.Dns.Geo;

/// <summary>
/// A database of places or of AS numbers: every record that its tree leads to was read when it was opened, so that looking up neither
/// fails nor decodes. Immutable.
/// </summary>
public sealed class GeoDatabase
{
    /// <summary>Names of ASes are shown; the longest of today's has some 100 octets.</summary>
    private const int MaxOrganizationBytes = 256;

    /// <summary>
    /// A value takes an octet at least, and is looked at three times: passed over, read, looked into. A file whose records are parts of each
    /// other could otherwise keep a processor busy for hours.
    /// </summary>
    private const int LooksPerOctet = 8;

    private readonly MmdbFile _file;

    // What the tree's leaves say, as an index into Records. Distinct records are few: a country database has some 250.
    private readonly Dictionary<uint, int> _leaves;

    private GeoDatabase(MmdbFile file, Dictionary<uint, int> leaves, GeoRecord[] records)
    {
        _file = file;
        _leaves = leaves;
        Records = records;
    }

    public MmdbMetadata Metadata => _file.Metadata;

    /// <summary>Whether any of it is in a country or has coordinates.</summary>
    public bool KnowsPlaces => Records.Any(r => r.Country.IsKnown || r.HasCoordinates);

    /// <summary>Whether any of it belongs to an AS.</summary>
    public bool KnowsNetworks => Records.Any(r => r.Asn != 0);

    /// <summary>Each once.</summary>
    internal GeoRecord[] Records { get; }

    internal MmdbFile File => _file;

    /// <param name="bytes">The whole file; it is kept, not copied.</param>
    public static GeoReadResult Read(byte[] bytes)
    {
        MmdbReadResult read = MmdbFile.Read(bytes);
        if (read.File is not { } file)
        {
            return new GeoReadResult { Error = read.Error };
        }

        long left = MmdbData.ValuesPerRecord + ((long)LooksPerOctet * file.Data.Length);
        Dictionary<uint, int> leaves = [];
        Dictionary<GeoRecord, int> known = [];
        for (uint node = 0; node < file.Metadata.NodeCount; node++)
        {
            for (int bit = 0; bit < 2; bit++)
            {
                uint value = file.Child(node, bit);
                if (file.IsNode(value) || file.IsEmpty(value) || leaves.ContainsKey(value))
                {
                    continue;
                }

                GeoRecord record = GeoRecordReader.Read(file.Data, file.DataOffset(value), ref left, out string? fault);
                if (fault is not null)
                {
                    return new GeoReadResult { Error = string.Create(CultureInfo.InvariantCulture, $"has a broken record (node {node}): {fault}") };
                }

                if (!known.TryGetValue(record, out int index))
                {
                    known.Add(record, index = known.Count);
                }

                leaves.Add(value, index);
            }
        }

        return new GeoReadResult { Database = new GeoDatabase(file, leaves, [.. known.Keys]) };
    }

    /// <summary>What is known of an address, and how long the prefix is that it is known of.</summary>
    /// <param name="isIpv4">The address is the low 32 bits.</param>
    /// <param name="address">The address.</param>
    /// <param name="bits">Of the entry; 0 also where nothing is known at all.</param>
    public GeoRecord Find(bool isIpv4, UInt128 address, out int bits)
    {
        GeoCursor at = Root(isIpv4);
        int length = isIpv4 ? 32 : 128;
        for (bits = 0; at.IsNode && bits < length; bits++)
        {
            at = Child(at, (int)(address >> (length - 1 - bits)) & 1);
        }

        return at.Record < 0 ? GeoRecord.Nothing : Records[at.Record];
    }

    /// <summary>All networks that something is known of, in their order; the ways around to IPv4 are left out.</summary>
    public IEnumerable<GeoNetwork> Networks(bool isIpv4)
    {
        int length = isIpv4 ? 32 : 128;
        var waiting = new Stack<(GeoCursor At, UInt128 Address, int Bits)>();
        waiting.Push((Root(isIpv4), 0, 0));
        while (waiting.TryPop(out (GeoCursor At, UInt128 Address, int Bits) next))
        {
            if (next.At.Record >= 0)
            {
                yield return new GeoNetwork(isIpv4, next.Address, next.Bits, Records[next.At.Record]);
            }
            else if (next.At.IsNode && (isIpv4 || next.At.Node != _file.Ipv4Root || next.Bits == 0))
            {
                waiting.Push((Child(next.At, 1), next.Address | (UInt128.One << (length - 1 - next.Bits)), next.Bits + 1));
                waiting.Push((Child(next.At, 0), next.Address, next.Bits + 1));
            }
        }
    }

    /// <summary>Null: the database has none.</summary>
    public string? Organization(in GeoRecord record)
    {
        if (record.OrganizationBytes == 0)
        {
            return null;
        }

        ReadOnlySpan<byte> text = _file.Data.Slice(record.OrganizationAt, Math.Min(record.OrganizationBytes, MaxOrganizationBytes));
        return PlainText.Of(text);
    }

    /// <summary>IPv6 is not in files of IPv4.</summary>
    internal GeoCursor Root(bool isIpv4) =>
        isIpv4 ? Cursor(_file.Ipv4Root) : Metadata.IsIpv6 ? Cursor(0) : GeoCursor.Nothing;

    /// <param name="at">A node.</param>
    /// <param name="bit">0 or 1.</param>
    internal GeoCursor Child(GeoCursor at, int bit) => Cursor(_file.Child(at.Node, bit));

    private GeoCursor Cursor(uint value) =>
        _file.IsNode(value) ? GeoCursor.At(value) : _file.IsEmpty(value) ? GeoCursor.Nothing : GeoCursor.Of(_leaves[value]);
}

/// <summary>A place in a database's tree: a node, or what all addresses below have.</summary>
internal readonly record struct GeoCursor
{
    public static readonly GeoCursor Nothing = new() { Record = -1 };

    public bool IsNode { get; private init; }

    public uint Node { get; private init; }

    /// <summary>Index into the records; -1: nothing is known, or it is a node.</summary>
    public int Record { get; private init; }

    public static GeoCursor At(uint node) => new() { IsNode = true, Node = node, Record = -1 };

    public static GeoCursor Of(int record) => new() { Record = record };
}

/// <param name="IsIpv4">The address is the low 32 bits.</param>
/// <param name="Address">Its first.</param>
/// <param name="Bits">Its prefix length.</param>
/// <param name="Record">What is known.</param>
public readonly record struct GeoNetwork(bool IsIpv4, UInt128 Address, int Bits, GeoRecord Record);

/// <summary>Either the database or what is wrong with it.</summary>
public sealed record GeoReadResult
{
    public GeoDatabase? Database { get; init; }

    /// <summary>A predicate without a subject: "is not a MaxMind DB …".</summary>
    public string? Error { get; init; }
}
