using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Geo.Mmdb;

namespace OrleansCdn.ExampleGeo;

/// <summary>A database with one word for each /16 of IPv4 and each /32 of IPv6: that of most of its addresses.</summary>
internal static class Coarse
{
    private const int Ipv4Bits = 16;
    private const int Ipv6Bits = 28;

    /// <summary>ASes that an example of AS numbers has.</summary>
    private const int LargestAses = 300;

    /// <summary>By their addresses of IPv4.</summary>
    public static HashSet<uint> Largest(GeoDatabase whole) =>
    [
        .. whole.Networks(isIpv4: true)
            .Where(n => n.Record.Asn != 0)
            .GroupBy(n => n.Record.Asn)
            .OrderByDescending(g => g.Sum(n => 1L << (32 - n.Bits)))
            .Take(LargestAses)
            .Select(g => g.Key),
    ];

    public static GeoRecord? CountryOf(GeoRecord record) =>
        record.Country.IsKnown ? GeoRecord.Nothing with { Country = record.Country } : null;

    public static MmdbValue.Map Country(GeoRecord record) => new(("country_code", record.Country.ToString()));

    public static MmdbValue.Map As(GeoDatabase database, GeoRecord record) => database.Organization(record) is { Length: > 0 } name
        ? new(("autonomous_system_number", record.Asn), ("autonomous_system_organization", name))
        : new(("autonomous_system_number", record.Asn));

    /// <param name="whole">Where it comes from.</param>
    /// <param name="type">What the new one is called.</param>
    /// <param name="kept">What of a record counts; null: nothing.</param>
    /// <param name="written">How it is written.</param>
    public static MmdbWriter Of(GeoDatabase whole, string type, Func<GeoRecord, GeoRecord?> kept, Func<GeoRecord, MmdbValue.Map> written)
    {
        var writer = new MmdbWriter
        {
            DatabaseType = type,
            Built = whole.Metadata.Built,
            RecordBits = 24,
            Description = "For examples and tests: coarse. See README.md beside it for source and licence.",
        };
        foreach (bool isIpv4 in new[] { true, false })
        {
            foreach (GeoNetwork network in Blocks(whole, isIpv4, kept))
            {
                writer.Add(network.IsIpv4, network.Address, network.Bits, written(network.Record));
            }
        }

        return writer;
    }

    /// <summary>Larger networks as they are, smaller ones counted by block.</summary>
    private static IEnumerable<GeoNetwork> Blocks(GeoDatabase whole, bool isIpv4, Func<GeoRecord, GeoRecord?> kept)
    {
        int width = isIpv4 ? 32 : 128;
        int bits = isIpv4 ? Ipv4Bits : Ipv6Bits;
        UInt128 block = 0;
        var counts = new Dictionary<GeoRecord, UInt128>();
        foreach (GeoNetwork network in whole.Networks(isIpv4))
        {
            if (kept(network.Record) is not { } record)
            {
                continue;
            }

            if (network.Bits <= bits)
            {
                yield return network with { Record = record };
                continue;
            }

            UInt128 within = network.Address >> (width - bits) << (width - bits);
            if (within != block && Winner(isIpv4, block, bits, counts) is { } winner)
            {
                yield return winner;
            }

            block = within;
            counts[record] = counts.GetValueOrDefault(record) + (UInt128.One << (width - network.Bits));
        }

        if (Winner(isIpv4, block, bits, counts) is { } last)
        {
            yield return last;
        }
    }

    private static GeoNetwork? Winner(bool isIpv4, UInt128 block, int bits, Dictionary<GeoRecord, UInt128> counts)
    {
        if (counts.Count == 0)
        {
            return null;
        }

        GeoRecord record = counts.MaxBy(c => c.Value).Key;
        counts.Clear();
        return new GeoNetwork(isIpv4, block, bits, record);
    }
}
