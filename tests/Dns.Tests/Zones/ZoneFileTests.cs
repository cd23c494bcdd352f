using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Tests.Zones;

/// <summary>The form of zone files (RFC 1035 §5), and what their records mean together.</summary>
public sealed class ZoneFileTests
{
    [Fact]
    public void Owners_ttls_and_origins_go_on_as_the_rfc_has_it()
    {
        Zone zone = TestServer.Compile("""
            ; a comment
            $TTL 2h
            one      A     192.0.2.1      ; the file's TTL
                     AAAA  2001:db8::1
            two  30  IN A  192.0.2.2
            three IN 1m A  192.0.2.3
            $ORIGIN sub.cdn.example.net.
            @        A     192.0.2.4
            four     A     192.0.2.5
            $ORIGIN deep
            five     A     192.0.2.6
            six.cdn.example.net. A 192.0.2.7
            paren    TXT ( "a"   ; in
                     "b"
                     )
            """);

        string[] seen =
        [
            .. zone.Nodes.SelectMany(node => node.Sets.ToArray().Select(set => $"{NameText.Of(node.Name.Span)} {set.Ttl} {DnsTypeText.Of(set.Type)} {set.Count}"))
                .Where(line => !line.StartsWith("cdn", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
        ];
        Assert.Equal(
            [
                "five.deep.sub.cdn.example.net. 7200 A 1", "four.sub.cdn.example.net. 7200 A 1", "one.cdn.example.net. 7200 A 1", "one.cdn.example.net. 7200 AAAA 1",
                "paren.deep.sub.cdn.example.net. 7200 TXT 1", "six.cdn.example.net. 7200 A 1", "sub.cdn.example.net. 7200 A 1", "three.cdn.example.net. 60 A 1",
                "two.cdn.example.net. 30 A 1",
            ],
            seen);
        Assert.NotNull(zone.Find(NameText.Parse("deep.sub.cdn.example.net")));
    }

    [Fact]
    public void All_mistakes_come_at_once_with_their_lines()
    {
        CompiledZone compiled = ZoneCompiler.Compile(TestServer.Text("""
              A 192.0.2.1
            $INCLUDE other.zone
            $TTL never
            $FOO 1
            good A 192.0.2.1
            bad  A 192.0.2
            ok   A ( 192.0.2.1
            ) x
            www.example.org. A 192.0.2.1
            fine A 192.0.2.1
            b)ad A 192.0.2.1
            last A ( 192.0.2.1
            """))[0];

        (int Line, string Says)[] expected =
        [
            (1, "has no name before it"), (2, "is not read here"), (3, "is no time to live"), (4, "is no directive"), (6, "is no IPv4 address"),
            (8, "is more than the record has"), (9, "is not in the zone"), (11, "closes what was not opened"), (12, "is not closed before the end"),
        ];
        Assert.Equal(expected.Select(e => e.Line), compiled.Mistakes.Where(m => !m.IsWarning).Select(m => m.Line).Distinct());
        foreach ((int line, string says) in expected)
        {
            Assert.Contains(compiled.Mistakes, m => m.Line == line && m.Message.Contains(says, StringComparison.Ordinal));
        }

        Assert.True(compiled.HasErrors);
    }

    [Theory]
    [InlineData("@ CNAME www", 1, "stands at the zone's name, which has SOA and NS records; write ALIAS")]
    [InlineData("www CNAME a\nwww A 192.0.2.1", 2, "stands beside the CNAME of line 1")]
    [InlineData("www CNAME a\nwww CNAME b", 2, "stands beside the CNAME of line 1")]
    [InlineData("a CNAME b\nb CNAME a", 1, "leads back to itself")]
    [InlineData("a CNAME a", 1, "leads back to itself")]
    [InlineData("@ DS 1 13 2 00", 1, "belongs to the zone above")]
    [InlineData("x DS 1 13 2 00", 1, "needs NS records beside it")]
    [InlineData("*.x NS ns.example.", 1, "delegates a wildcard")]
    [InlineData("x SOA a b 1 2 3 4 5", 1, "does not stand at the zone's name")]
    [InlineData("@ SOA a b 1 2 3 4 5\n@ SOA a b 2 2 3 4 5", 2, "is a second one, after that of line 1")]
    [InlineData("@ NS ns.elsewhere.example.", 1, "and the config's nameservers differ")]
    [InlineData("@ ALIAS www.example.org.", 1, "which is in no zone of this config; below the zone's name a CNAME")]
    [InlineData("@ ALIAS gone", 1, "which has no addresses and is not steered")]
    [InlineData("@ ALIAS b\nb ALIAS @", 1, "in a circle")]
    [InlineData("@ ALIAS www\n@ A 192.0.2.1\nwww A 192.0.2.2", 2, "stands beside the ALIAS of line 1")]
    [InlineData("steered A 192.0.2.1", 1, "stands at steered.cdn.example.net., which is steered")]
    [InlineData("steered NS ns.example.", 0, "is steered, and steered.cdn.example.net. is delegated")]
    public void Records_that_cannot_be_together_are_errors(string records, int line, string says)
    {
        CompiledZone compiled = ZoneCompiler.Compile(TestServer.Text(records, new SteeredSource("steered", TestServer.Pops())))[0];

        Assert.Null(compiled.Zone);
        Assert.Contains(compiled.Mistakes, m => !m.IsWarning && m.Line == line && m.ToString().Contains(says, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a 60 A 192.0.2.1\na 30 A 192.0.2.2", 2, "has another TTL than line 1")]
    [InlineData("a CNAME gone", 1, "leads to gone.cdn.example.net., which does not exist")]
    [InlineData("child NS ns.child", 1, "has no address here; without glue")]
    [InlineData("child NS ns\nns CNAME mail\nmail A 192.0.2.1", 1, "which is a CNAME (RFC 2181 §10.3)")]
    [InlineData("@ MX 1 gone", 1, "which has no address here")]
    [InlineData("_x._tcp SRV 1 1 1 gone", 1, "which has no address here")]
    [InlineData("child NS ns.example.\nx.child TXT a", 2, "is never answered: child.cdn.example.net. is delegated")]
    public void What_is_unwise_is_a_warning(string records, int line, string says)
    {
        CompiledZone compiled = ZoneCompiler.Compile(TestServer.Text(records))[0];

        Assert.NotNull(compiled.Zone);
        ZoneMistake only = Assert.Single(compiled.Mistakes);
        Assert.True(only.IsWarning);
        Assert.Equal(line, only.Line);
        Assert.Contains(says, only.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("steered")]
    [InlineData("x.wild")]
    [InlineData("mail")]
    [InlineData("below.child")]
    public void What_leads_to_something_is_no_mistake(string target)
    {
        CompiledZone compiled = ZoneCompiler.Compile(TestServer.Text(
            $"a CNAME {target}\nmail A 192.0.2.1\n*.wild A 192.0.2.2\nchild NS ns.example.", new SteeredSource("steered", TestServer.Pops())))[0];

        Assert.Empty(compiled.Mistakes);
    }

    [Fact]
    public void The_serial_is_the_configs_whatever_the_records_say()
    {
        Assert.Equal(42u, ZoneCompiler.Compile(TestServer.Text("@ SOA ns hm 7 1 1 1 1"))[0].Zone!.Serial);
        Assert.Equal(42u, ZoneCompiler.Compile(TestServer.Text(""))[0].Zone!.Serial);
    }

    /// <summary>RFC 1982 §5.1, and the end of the circle.</summary>
    [Theory]
    [InlineData(1u, 0u, true)]
    [InlineData(44u, 0u, true)]
    [InlineData(100u, 44u, true)]
    [InlineData(44u, 100u, false)]
    [InlineData(0u, uint.MaxValue, true)]
    [InlineData(5u, 5u, false)]
    [InlineData(0x8000_0000u, 0u, false)]
    [InlineData(0x7fff_ffffu, 0u, true)]
    public void Serials_count_in_a_circle(uint after, uint before, bool isAfter) => Assert.Equal(isAfter, SerialNumber.IsAfter(after, before));

    [Fact]
    public void An_alias_has_the_addresses_of_its_target_or_is_steered_as_it_is()
    {
        var www = TestServer.Pops(TestServer.Pop("192.0.2.1", "2001:db8::1"));
        ZoneSource other = TestServer.Text("@ ALIAS www.cdn.example.net.\nfixed ALIAS host.cdn.example.net.\nmore ALIAS fixed") with { Name = "other.example" };
        CompiledZone[] compiled = [.. ZoneCompiler.Compile(TestServer.Text("host 20 A 192.0.2.9\nhost TXT x", new SteeredSource("www", www)), other)];
        Zone zone = compiled[1].Zone!;

        Assert.Empty(compiled[1].Mistakes);
        Assert.Same(www, zone.Apex.Steered);
        foreach (string name in (string[])["fixed.other.example", "more.other.example"])
        {
            RrSet only = Assert.Single(zone.Find(NameText.Parse(name))!.Sets.ToArray());
            Assert.Equal((DnsType.A, 20u), (only.Type, only.Ttl));
        }
    }

    [Fact]
    public void Not_more_mistakes_are_listed_than_anyone_mends()
    {
        CompiledZone compiled = ZoneCompiler.Compile(TestServer.Text(string.Concat(Enumerable.Repeat("x A y\n", 1000))))[0];

        Assert.Equal(101, compiled.Mistakes.Length);
        Assert.Contains("900 more mistakes", compiled.Mistakes[^1].Message, StringComparison.Ordinal);
    }
}
