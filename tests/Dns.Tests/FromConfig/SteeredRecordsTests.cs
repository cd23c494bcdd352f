using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.FromConfig;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Tests.FromConfig;

/// <summary>Records of steered names, by hand: RFC 1035 §3.4.1, RFC 3596 §2.2, RFC 9460 §2.2.</summary>
public sealed class SteeredRecordsTests
{
    private const string Ipv4Of1 = "C0000209 C000020A";
    private const string Ipv6Of1 = "20010DB8000000000000000000000010";

    [Fact]
    public void Addresses_are_those_of_servers_that_visitors_can_connect_to()
    {
        ImmutableArray<PopRecords> pops = Records("www.cdn.example", new SteeredNameConfig { Name = "www" });

        Assert.Equal(Ipv4Of1, Text(pops[0].A)); // one3 is a nameserver only
        Assert.Equal(Ipv6Of1, Text(pops[0].Aaaa));
        Assert.Equal("C633640A", Text(pops[1].A));
        Assert.Null(pops[1].Aaaa);
    }

    [Fact]
    public void Https_has_what_the_servers_speak_their_port_and_their_addresses()
    {
        ImmutableArray<PopRecords> pops = Records("www.cdn.example", new SteeredNameConfig { Name = "www" });

        Assert.Equal("0001 00 0001 0003 026832 0004 0008 C000020A C0000209 0006 0010".Replace(" ", "", StringComparison.Ordinal) + Ipv6Of1, Text(pops[0].Https));
        Assert.Equal("0001 00 0001 0003 026832 0003 0002 20FB 0004 0004 C633640A".Replace(" ", "", StringComparison.Ordinal), Text(pops[1].Https));
    }

    /// <summary>RFC 9460 §9.5: browsers go to https because of the record, so it is for names that have a certificate alone.</summary>
    [Theory]
    [InlineData("www.cdn.example", true)]
    [InlineData("a.wild.cdn.example", true)]
    [InlineData("*.wild.cdn.example", true)]
    [InlineData("plain.cdn.example", false)]
    [InlineData("cdn.example", false)] // sites' names may be aliases of it, and one of them has no certificate
    public void Https_is_said_where_there_is_a_certificate(string host, bool isSaid) =>
        Assert.All(Records(host, new SteeredNameConfig { Name = "x" }), pop => Assert.Equal(isSaid, pop.Https is not null));

    [Fact]
    public void Https_is_said_for_aliases_when_every_site_has_a_certificate()
    {
        CdnConfig config = ConfigSample.Config;
        config = config with { Sites = [config.Sites[0]] };

        Assert.All(SteeredRecords.Of(config, "cdn.example", new SteeredNameConfig { Name = "@" }, 60), pop => Assert.NotNull(pop.Https));
    }

    [Fact]
    public void A_numbered_name_has_no_hints_and_an_address_where_only_the_prefix_is_there()
    {
        ImmutableArray<PopRecords> pops = Records("www.cdn.example", new SteeredNameConfig { Name = "visit", RandomId = true });

        Assert.Equal(Ipv6Of1, Text(pops[0].Aaaa));
        Assert.Equal("20010DB8000200000000000000000001", Text(pops[1].Aaaa));
        Assert.Equal("0001000001000302683200030002 20FB".Replace(" ", "", StringComparison.Ordinal), Text(pops[1].Https));
    }

    private static ImmutableArray<PopRecords> Records(string host, SteeredNameConfig name) => SteeredRecords.Of(ConfigSample.Config, host, name, 60);

    private static string? Text(RrSet? set)
    {
        if (set is null)
        {
            return null;
        }

        List<string> records = [];
        foreach (ReadOnlySpan<byte> rdata in set.View)
        {
            records.Add(Convert.ToHexString(rdata));
        }

        return string.Join(' ', records);
    }
}
