using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Tests.Zones;

/// <summary>Data of each type, with octets written by hand from the RFCs.</summary>
public sealed class RdataTests
{
    private const string ZoneTail = "03 63646e 07 6578616d706c65 03 6e6574 00";

    [Theory]
    [InlineData("A 192.0.2.1", "c0000201")]
    [InlineData("AAAA 2001:DB8::1", "20010db8000000000000000000000001")]
    [InlineData("CNAME Www", "03 777777" + ZoneTail)]
    [InlineData("CNAME www.example.org.", "03 777777 07 6578616d706c65 03 6f7267 00")]
    [InlineData("CNAME .", "00")]
    [InlineData(@"CNAME a\.b\032\065", "05 612e622061" + ZoneTail)]
    [InlineData("PTR @", ZoneTail)]
    [InlineData("MX 10 mail", "000a 04 6d61696c" + ZoneTail)]
    [InlineData("MX 0 .", "0000 00")]
    [InlineData("TXT a \"b c\" \"\"", "01 61 03 622063 00")]
    [InlineData("TXT \"semi;colon\" \"q\\\"q\" \\195\\169 \"ü\"", "0a 73656d693b636f6c6f6e 03 712271 02 c3a9 02 c3bc")]
    [InlineData("HINFO \"PC\" Linux", "02 5043 05 4c696e7578")]
    [InlineData("SRV 1 2 443 .", "0001 0002 01bb 00")]
    [InlineData("CAA 128 issue \"ca.example.net; policy=ev\"", "80 05 6973737565 63612e6578616d706c652e6e65743b20706f6c6963793d6576")]
    [InlineData("CAA 0 issue \";\"", "00 05 6973737565 3b")]
    [InlineData("DS 60485 5 1 ( 2BB183AF5F22588179A53B0A 98631FAD1A292118 )", "ec45 05 01 2bb183af5f22588179a53b0a98631fad1a292118")] // RFC 4034 §5.4
    [InlineData("SSHFP 4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789", "04 02 123456789abcdef67890123456789abcdef67890123456789abcdef123456789")]
    [InlineData("TLSA 3 1 1 0b9fa5a5", "03 01 01 0b9fa5a5")]
    [InlineData("NAPTR 100 50 \"s\" \"http+N2L\" \"\" www", "0064 0032 01 73 08 687474702b4e324c 00 03 777777" + ZoneTail)]
    [InlineData("LOC 42 21 54 N 71 06 18 W -24m 30m", "00 33 16 13 89172dd0 70be15f0 00988d20")] // RFC 1876 §4, example of MIT's
    [InlineData("LOC 51 N 0 E 0m", "00 12 16 13 8af18380 80000000 00989680")]
    [InlineData("TYPE731 \\# 6 abcd ( ef 01 23 45 )", "abcdef012345")] // RFC 3597 §5
    [InlineData("TYPE62347 \\# 0", "")]
    [InlineData("TYPE1 192.0.2.1", "c0000201")]
    [InlineData("SOA ns hm 1 2h 3h 1w 60", "02 6e73" + ZoneTail + "02 686d" + ZoneTail + "0000002a 00001c20 00002a30 00093a80 0000003c")]
    public void Text_becomes_octets(string data, string octets)
    {
        bool isApexOnly = data.StartsWith("SOA", StringComparison.Ordinal);
        Zone zone = TestServer.Compile($"{(isApexOnly ? "@" : "x")} {(data.StartsWith("DS", StringComparison.Ordinal) ? "NS ns.example.\nx " : "")}{data}");
        ZoneNode node = isApexOnly ? zone.Apex : zone.Find(NameText.Parse("x.cdn.example.net."))!;
        RrSet set = node.Sets[^1];
        if (isApexOnly)
        {
            set = zone.Soa;
        }

        foreach (ReadOnlySpan<byte> rdata in set.View)
        {
            Assert.Equal(octets.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexStringLower(rdata));
        }

        Assert.Equal(1, set.Count);
    }

    /// <summary>RFC 9460 appendix D.2, all its vectors; the priority and target are in front.</summary>
    [Theory]
    [InlineData("0 foo.example.com.", "0000 03 666f6f 07 6578616d706c65 03 636f6d 00")]
    [InlineData("1 .", "0001 00")]
    [InlineData("16 foo.example.com. port=53", "0010 03 666f6f 07 6578616d706c65 03 636f6d 00 0003 0002 0035")]
    [InlineData("1 foo.example.com. key667=hello", "0001 03 666f6f 07 6578616d706c65 03 636f6d 00 029b 0005 68656c6c6f")]
    [InlineData("1 foo.example.com. key667=\"hello\\210qoo\"", "0001 03 666f6f 07 6578616d706c65 03 636f6d 00 029b 0009 68656c6c6fd2716f6f")]
    [InlineData("1 foo.example.com. ipv6hint=\"2001:db8::1,2001:db8::53:1\"", "0001 03 666f6f 07 6578616d706c65 03 636f6d 00 0006 0020 20010db8000000000000000000000001 20010db8000000000000000000530001")]
    [InlineData("1 example.com. ipv6hint=\"2001:db8:122:344::192.0.2.33\"", "0001 07 6578616d706c65 03 636f6d 00 0006 0010 20010db8012203440000 0000c0000221")]
    [InlineData("16 foo.example.org. ( alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1 )", "0010 03 666f6f 07 6578616d706c65 03 6f7267 00 0000 0004 0001 0004 0001 0009 02 6832 05 68332d3139 0004 0004 c0000201")]
    [InlineData("16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"", "0010 03 666f6f 07 6578616d706c65 03 6f7267 00 0001 000c 08 665c6f6f2c626172 02 6832")]
    [InlineData("16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2", "0010 03 666f6f 07 6578616d706c65 03 6f7267 00 0001 000c 08 665c6f6f2c626172 02 6832")]
    [InlineData("1 . ech=AEj+ no-default-alpn alpn=h3", "0001 00 0001 0003 02 6833 0002 0000 0005 0003 0048fe")]
    public void Https_records_are_those_of_the_rfc(string data, string octets) => Text_becomes_octets("HTTPS " + data, octets);

    [Theory]
    [InlineData("A 192.0.2", "192.0.2 is no IPv4 address; such as 192.0.2.1")]
    [InlineData("A 192.0.2.256", "is no IPv4 address")]
    [InlineData("A 192.0.2.01", "is no IPv4 address")]
    [InlineData("A 2001:db8::1", "is no IPv4 address")]
    [InlineData("A", "A record is NAME", "is followed by no IPv4 address")]
    [InlineData("A 192.0.2.1 192.0.2.2", "192.0.2.2 is more than the record has; leave it out")]
    [InlineData("AAAA fe80::1%eth0", "is no IPv6 address")]
    [InlineData("AAAA ::g", "is no IPv6 address")]
    [InlineData("MX mail", "mail is no preference; a number from 0 to 65535")]
    [InlineData("MX 65536 mail", "is no preference")]
    [InlineData("MX 1", "is followed by no mail server")]
    [InlineData("CNAME a..b", "a..b has an empty label")]
    [InlineData("CNAME \\256", "has a \\ that is followed")]
    [InlineData("TXT", "is followed by no text")]
    [InlineData("TXT \"open", "is not closed before the end of its line")]
    [InlineData("CAA 0 is-sue x", "is-sue is no tag; issue, issuewild or iodef")]
    [InlineData("DS 1 13 2 0g", "is no digest")]
    [InlineData("TYPE731 abcd", "write \\# LENGTH HEX")]
    [InlineData("TYPE731 \\# 5 abcd", "octets are announced and 2 follow")]
    [InlineData("TYPE731 \\# x abcd", "x is no length")]
    [InlineData("A \\# 4 c0000201", "is for unknown types, and A is known")]
    [InlineData("FOO bar", "FOO is no type")]
    [InlineData("RRSIG x", "is made by the server")]
    [InlineData("TYPE48 x", "is made by the server")]
    [InlineData("DNAME x", "is not answered by this server")]
    [InlineData("OPT x", "is a type of messages")]
    [InlineData("TYPE65536 \\# 0", "is no type")]
    [InlineData("CH A 192.0.2.1", "CH is not the Internet's class; write IN or leave it out")]
    [InlineData("99999999999 A 192.0.2.1", "is no time to live")]
    [InlineData("1x A 192.0.2.1", "is no time to live")]
    [InlineData("60", "is followed by no type")]
    [InlineData("HTTPS 0 . alpn=h2", "is an alias, which has no parameters")]
    [InlineData("HTTPS 1 . key123=x key123=y", "is given twice")]
    [InlineData("HTTPS 1 . mandatory=mandatory", "names itself")]
    [InlineData("HTTPS 1 . mandatory=key123", "names a parameter that is not there")]
    [InlineData("HTTPS 1 . mandatory=key123,key123 key123=abc", "no parameter that mandatory could name once")]
    [InlineData("HTTPS 1 . no-default-alpn", "needs alpn beside it")]
    [InlineData("HTTPS 1 . no-default-alpn=abc alpn=h2", "has no value")]
    [InlineData("HTTPS 1 . port=", "is no port")]
    [InlineData("HTTPS 1 . port=65536", "is no port")]
    [InlineData("HTTPS 1 . ipv4hint=2001:db8::1", "is no IPv4 address")]
    [InlineData("HTTPS 1 . ech=!", "ech is not base64")]
    [InlineData("HTTPS 1 . alpn=", "has an empty protocol")]
    [InlineData("HTTPS 1 . key0123=x", "key0123 is no parameter")]
    [InlineData("HTTPS 1 . key65535=x", "is no parameter")]
    [InlineData("LOC 91 N 0 E 0m", "has no latitude")]
    [InlineData("LOC 90 0 1 N 0 E 0m", "above 90 degrees")]
    [InlineData("LOC 52 N 21 E 9999999999m", "is no altitude")]
    public void What_is_wrong_is_said(string data, params string[] says)
    {
        CompiledZone compiled = ZoneCompiler.Compile(TestServer.Text($"good A 192.0.2.1\nx {data}"))[0];

        Assert.Null(compiled.Zone);
        ZoneMistake mistake = compiled.Mistakes.First(m => !m.IsWarning);
        Assert.Equal(2, mistake.Line);
        Assert.Contains(says[^1], mistake.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_of_255_octets_is_the_longest()
    {
        string longest = string.Join('.', new string('a', 63), new string('b', 63), new string('c', 63), new string('d', 61)) + ".";

        Assert.Equal(255, NameText.Parse(longest).Length);
        Assert.Throws<ArgumentException>(() => NameText.Parse("e" + longest[..^1] + "."));
        Assert.Throws<ArgumentException>(() => NameText.Parse(new string('a', 64)));
        Assert.Equal(longest, NameText.Of(NameText.Parse(longest)));
    }

    [Fact]
    public void Names_as_text_are_read_back()
    {
        var random = new Random(6);
        for (int i = 0; i < 500; i++)
        {
            byte[] name = [.. Enumerable.Range(0, random.Next(1, 5)).SelectMany(_ => Label(random)), 0];

            Assert.Equal(name, NameText.Parse(NameText.Of(name)));
        }
    }

    private static byte[] Label(Random random)
    {
        byte[] label = new byte[1 + random.Next(1, 12)];
        random.NextBytes(label);
        label[0] = (byte)(label.Length - 1);
        for (int i = 1; i < label.Length; i++)
        {
            label[i] = WireName.ToLower(label[i]);
        }

        return label;
    }
}
