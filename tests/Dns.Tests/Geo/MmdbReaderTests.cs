using System.Net;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Geo.Mmdb;
using OrleansCdn.Dns.Steering;

namespace OrleansCdn.Dns.Tests.Geo;

public sealed class MmdbReaderTests
{
    [Theory]
    [InlineData(24, true)]
    [InlineData(28, true)]
    [InlineData(32, true)]
    [InlineData(24, false)]
    [InlineData(28, false)]
    [InlineData(32, false)]
    public void Every_record_size_and_family_is_read(int bits, bool isIpv6)
    {
        var writer = new MmdbWriter(isIpv6) { DatabaseType = "Test", Built = DateTimeOffset.UnixEpoch, RecordBits = bits };
        writer.Add(IPNetwork.Parse("1.0.0.0/8"), Country("PL"));
        writer.Add(IPNetwork.Parse("1.2.0.0/16"), Country("US"));
        writer.Add(IPNetwork.Parse("255.255.255.255/32"), Country("JP"));
        if (isIpv6)
        {
            writer.Add(IPNetwork.Parse("2001:4860::/32"), Country("DE"));
        }

        GeoDatabase database = Opened(writer.ToArray());
        Assert.Equal(("PL", 16), Look(database, "1.3.0.1"));
        Assert.Equal(("PL", 9), Look(database, "1.200.0.1"));
        Assert.Equal(("US", 16), Look(database, "1.2.3.4"));
        Assert.Equal(("JP", 32), Look(database, "255.255.255.255"));
        Assert.Equal((null, 32), Look(database, "255.255.255.254"));
        Assert.Equal(isIpv6 ? "DE" : null, Look(database, "2001:4860:1::").Country);
        Assert.Equal(isIpv6 ? "EU" : null, database.Find(false, Bits("2001:4860:1::"), out _).Continent.ToText());
    }

    [Fact]
    public void Addresses_that_carry_ipv4_lead_to_it_by_the_databases_own_aliases()
    {
        var writer = new MmdbWriter { DatabaseType = "Test", Built = DateTimeOffset.UnixEpoch, HasIpv4Aliases = true };
        writer.Add(IPNetwork.Parse("1.2.0.0/16"), Country("US"));
        GeoDatabase database = Opened(writer.ToArray());
        Assert.Equal(("US", 112), Look(database, "::ffff:1.2.3.4"));
        Assert.Equal(("US", 32), Look(database, "2002:102::1"));
        Assert.Equal(("US", 112), Look(database, "::1.2.3.4"));
    }

    [Fact]
    public void GeoIP2_records_are_read_with_all_that_stands_between()
    {
        var writer = new MmdbWriter { DatabaseType = "GeoLite2-City", Built = DateTimeOffset.UnixEpoch };
        writer.Add(IPNetwork.Parse("1.2.0.0/16"), new MmdbValue.Map(
            ("city", new MmdbValue.Map(("geoname_id", 756135u), ("names", new MmdbValue.Map(("en", "Warsaw"))))),
            ("continent", new MmdbValue.Map(("code", "EU"), ("geoname_id", 6255148u))),
            ("country", new MmdbValue.Map(("geoname_id", 798544u), ("iso_code", "PL"))),
            ("location", new MmdbValue.Map(("accuracy_radius", 20u), ("latitude", 52.25), ("longitude", 21.0), ("time_zone", "Europe/Warsaw"))),
            ("registered_country", new MmdbValue.Map(("iso_code", "DE")))));
        GeoRecord record = Opened(writer.ToArray()).Find(true, Bits("1.2.3.4"), out int bits);
        Assert.Equal(
            ("PL", "DE", "EU", 52.25f, 21f, 16),
            (record.Country.ToText(), record.RegisteredCountry.ToText(), record.Continent.ToText(), record.Latitude, record.Longitude, bits));
    }

    [Fact]
    public void As_numbers_and_names_are_read()
    {
        var writer = new MmdbWriter { DatabaseType = "ASN", Built = DateTimeOffset.UnixEpoch };
        writer.Add(IPAddress.Parse("1.0.0.3"), IPAddress.Parse("1.0.0.9"), As(4_200_000_000, "Ex\u001bample"));
        GeoDatabase database = Opened(writer.ToArray());
        foreach (int last in Enumerable.Range(0, 16))
        {
            GeoRecord record = database.Find(true, Bits("1.0.0." + last), out _);
            Assert.Equal(last is >= 3 and <= 9 ? (4_200_000_000, "Ex?ample") : (0u, null), (record.Asn, database.Organization(record)));
        }
    }

    [Fact]
    public void Long_texts_and_far_pointers_are_read()
    {
        var writer = new MmdbWriter { DatabaseType = "ASN", Built = DateTimeOffset.UnixEpoch, RecordBits = 32 };
        string[] names = [.. new[] { 1, 28, 29, 284, 285, 65_820, 65_821, 600_000 }.Select((length, i) => new string((char)('a' + i), length))];
        for (int i = 0; i < names.Length; i++)
        {
            writer.Add(IPNetwork.Parse($"1.{i}.0.0/16"), As(7, names[i]));
            writer.Add(IPNetwork.Parse($"2.{i}.0.0/16"), As(8, names[i]));
        }

        GeoDatabase database = Opened(writer.ToArray());
        for (int i = 0; i < names.Length; i++)
        {
            Assert.All(["1", "2"], first =>
            {
                GeoRecord record = database.Find(true, Bits($"{first}.{i}.0.1"), out _);
                Assert.Equal(names[i].Length, record.OrganizationBytes);
                Assert.Equal(names[i][..Math.Min(256, names[i].Length)], database.Organization(record));
            });
        }
    }

    [Theory]
    [InlineData(28)]
    [InlineData(32)]
    public void Records_beyond_24_bits_are_read_on_both_sides_of_a_node(int bits)
    {
        var writer = new MmdbWriter { DatabaseType = "Test", Built = DateTimeOffset.UnixEpoch, RecordBits = bits };
        writer.Add(IPNetwork.Parse("1.0.0.0/8"), Country("PL"));
        writer.Add(IPNetwork.Parse("9.0.0.0/8"), As(7, new string('n', 1 << 24)));
        writer.Add(IPNetwork.Parse("0.0.0.0/8"), Country("US"));
        writer.Add(IPNetwork.Parse("2.0.0.0/8"), Country("PL"));
        writer.Add(IPNetwork.Parse("3.0.0.0/8"), Country("JP"));
        GeoDatabase database = Opened(writer.ToArray());
        Assert.Equal(["US", "PL", "PL", "JP"], Enumerable.Range(0, 4).Select(first => Look(database, $"{first}.1.1.1").Country));
    }

    [Fact]
    public void All_networks_are_listed_once_and_in_order()
    {
        GeoDatabase database = Opened(Sample());
        Assert.Equal(
            ["1.0.0.0/15 PL", "1.2.0.0/16 US", "1.3.0.0/16 PL", "1.4.0.0/14 PL", "1.8.0.0/13 PL", "1.16.0.0/12 PL", "1.32.0.0/11 PL", "1.64.0.0/10 PL", "1.128.0.0/9 PL"],
            database.Networks(isIpv4: true).Select(n => $"{AddressBits.ToAddress(true, n.Address)}/{n.Bits} {n.Record.Country}"));
        Assert.Equal(
            ["2a00::/12 64500"],
            database.Networks(isIpv4: false).Select(n => $"{AddressBits.ToAddress(false, n.Address)}/{n.Bits} {n.Record.Asn}"));
    }

    [Fact]
    public void A_tree_in_circles_is_refused()
    {
        byte[] file = Sample();
        file.AsSpan(0, 6).Clear(); // The root leads to itself.
        Assert.Contains("deeper than the 128 bits", GeoDatabase.Read(file).Error);
    }

    [Fact]
    public void A_tree_that_takes_for_ever_to_walk_is_refused()
    {
        var writer = new MmdbWriter { DatabaseType = "Test", Built = DateTimeOffset.UnixEpoch, RecordBits = 24 };
        writer.Add(IPNetwork.Parse("::/120"), Country("PL"));
        byte[] file = writer.ToArray();
        for (int node = 0; node < 119; node++)
        {
            // Both ways lead to the next node.
            file.AsSpan(node * 6, 3).CopyTo(file.AsSpan((node * 6) + 3));
        }

        Assert.Contains("over and over", GeoDatabase.Read(file).Error);
    }

    [Fact]
    public void A_file_whose_records_are_parts_of_each_other_does_not_keep_a_processor_busy()
    {
        // A tree whose leaves lead to every octet of a section of nested maps: each is as long as all that follow.
        var writer = new MmdbWriter { DatabaseType = "Test", Built = DateTimeOffset.UnixEpoch, RecordBits = 32 };
        writer.Add(IPNetwork.Parse("0.0.0.0/20"), Country("PL"));
        for (int i = 0; i < 4_000; i++)
        {
            writer.Add(IPNetwork.Parse($"1.{i / 256}.{i % 256}.0/24"), Country("PL"));
        }

        byte[] file = writer.ToArray();
        const int Depth = 1_900;
        byte[] section = [.. Enumerable.Range(0, Depth).SelectMany(_ => new byte[] { 0xE1, 0x40 }), 0x40];
        int nodes = (int)Opened(file).Metadata.NodeCount;
        int metadata = file.AsSpan().LastIndexOf("MaxMind.com"u8) - 3;
        byte[] hostile = [.. file.AsSpan(0, (nodes * 8) + 16), .. section, .. file.AsSpan(metadata)];
        int next = 0;
        for (int at = 0; at < nodes * 8; at += 4)
        {
            if (System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(hostile.AsSpan(at)) > nodes)
            {
                int offset = 2 * (next++ % (Depth / 2));
                System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(hostile.AsSpan(at), (uint)(nodes + 16 + offset));
            }
        }

        Assert.Contains("has a broken record", GeoDatabase.Read(hostile).Error);
        Assert.True(next > 900, "the file is not what it should be");
    }

    [Theory]
    [InlineData("", "is not a MaxMind DB")]
    [InlineData("GIF89a", "is not a MaxMind DB")]
    public void What_is_no_database_is_said_to_be_none(string content, string error) =>
        Assert.StartsWith(error, GeoDatabase.Read(System.Text.Encoding.ASCII.GetBytes(content)).Error, StringComparison.Ordinal);

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] file = Sample();
        int metadata = file.AsSpan().LastIndexOf("MaxMind.com"u8) - 3;
        for (int length = 0; length < file.Length; length++)
        {
            Assert.NotNull(GeoDatabase.Read(file[..length]).Error);
        }

        // Octets lost from the front: the metadata is whole, and says more than there is.
        for (int lost = 1; lost < metadata; lost++)
        {
            GeoReadResult read = GeoDatabase.Read(file[lost..]);
            Assert.True(read.Error is not null || lost < 50, $"{lost} lost");
        }
    }

    internal static byte[] Sample()
    {
        var writer = new MmdbWriter { DatabaseType = "Test", Built = DateTimeOffset.UnixEpoch, RecordBits = 24, HasIpv4Aliases = true };
        writer.Add(IPNetwork.Parse("1.0.0.0/8"), Country("PL"));
        writer.Add(IPNetwork.Parse("1.2.0.0/16"), new MmdbValue.Map(
            ("continent", new MmdbValue.Map(("code", "NA"))),
            ("country", new MmdbValue.Map(("iso_code", "US"))),
            ("location", new MmdbValue.Map(("latitude", 40.5), ("longitude", -100.25)))));
        writer.Add(IPNetwork.Parse("2a00::/12"), As(64500, "Example"));
        return writer.ToArray();
    }

    internal static MmdbValue.Map Country(string code) => new(("country_code", code));

    internal static MmdbValue.Map As(uint asn, string name) =>
        new(("autonomous_system_number", asn), ("autonomous_system_organization", name));

    internal static GeoDatabase Opened(byte[] file)
    {
        GeoReadResult read = GeoDatabase.Read(file);
        Assert.Null(read.Error);
        return read.Database!;
    }

    internal static UInt128 Bits(string address) => AddressBits.Of(IPAddress.Parse(address));

    private static (string? Country, int Bits) Look(GeoDatabase database, string address)
    {
        bool isIpv4 = !address.Contains(':', StringComparison.Ordinal);
        GeoRecord record = database.Find(isIpv4, Bits(address), out int bits);
        return (record.Country.ToText(), bits);
    }
}
