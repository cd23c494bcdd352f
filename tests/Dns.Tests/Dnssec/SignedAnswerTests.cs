using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Tests.Kit;

namespace OrleansCdn.Dns.Tests.Dnssec;

/// <summary>Whole answers of a signed zone, every signature in them verified by <see cref="SignatureVerifier"/>.</summary>
public sealed class SignedAnswerTests
{
    private const string Zone = TestServer.Zone;
    private const int NoError = 0;
    private const int NxDomain = 3;
    private const int CompactOk = 0x4000;

    private readonly SignedZone _zone = new();
    private readonly TestServer _server;

    public SignedAnswerTests() => _server = new TestServer(_zone.Data);

    private SeenMessage Signed(string name, int type, int flags = 0)
    {
        Ask ask = Ask.For(name, type).WithEdns(dnssecOk: true);
        ask.EdnsFlags |= flags;
        SeenMessage answer = _server.Answer(ask);
        AssertSigned(answer);
        return answer;
    }

    /// <summary>Each set of answer and authority that is this zone's own has a signature that holds.</summary>
    private void AssertSigned(SeenMessage answer)
    {
        foreach (var section in new[] { answer.Answer, answer.Authority })
        {
            foreach (var set in section.Where(r => r.Type != 46).GroupBy(r => (r.Owner, r.Type)))
            {
                bool isReferral = set.Key.Type == 2 && !answer.IsAuthoritative;
                SeenRecord[] signatures = [.. section.Where(r => r.Type == 46 && r.Owner == set.Key.Owner && ((r.Octets[0] << 8) | r.Octets[1]) == set.Key.Type)];
                Assert.Equal(isReferral ? 0 : 1, signatures.Length);
                Assert.All(signatures, s => Assert.True(
                    SignatureVerifier.Verify(set.Key.Owner, set.Key.Type, set.Select(Canonical), s.Octets, _zone.Dnskey),
                    $"{set.Key}: {Convert.ToHexString(s.Octets)}"));
                Assert.All(set, r => Assert.Equal(signatures is [var s] ? s.Ttl : r.Ttl, r.Ttl));
            }
        }
    }

    /// <summary>Names in the data are compressed on the wire, but not where they are signed.</summary>
    private static byte[] Canonical(SeenRecord record) => record.Type switch
    {
        2 or 5 => Ask.NameOctets(record.Data),
        15 => [.. record.Octets[..2], .. Ask.NameOctets(record.Data.Split(' ')[1])],
        6 => [.. Ask.NameOctets(record.Data.Split(' ')[0]), .. Ask.NameOctets(record.Data.Split(' ')[1]), .. record.Octets[^20..]],
        _ => record.Octets,
    };

    [Theory]
    [InlineData("mail", 1)]
    [InlineData("multi", 1)]
    [InlineData("@", 6)]
    [InlineData("@", 2)]
    [InlineData("@", 15)]
    [InlineData("@", 16)]
    [InlineData("@", 257)]
    [InlineData("@", 48)]
    [InlineData("@", 59)]
    [InlineData("@", 60)]
    [InlineData("chain", 1)]
    [InlineData("svc", 65)]
    [InlineData("odd", 65280)]
    [InlineData("_sip._tcp", 33)]
    [InlineData("a.wild", 1)]
    [InlineData("q.cwild", 28)]
    [InlineData("*.wild", 16)]
    [InlineData("www", 1)]
    [InlineData("www", 28)]
    public void Answers_are_signed(string name, int type)
    {
        SeenMessage answer = Signed(name == "@" ? Zone : $"{name}.{Zone}", type);
        Assert.Equal(NoError, answer.Rcode);
        Assert.Contains(answer.Answer, r => r.Type == type);
    }

    /// <summary>RFC 4035 §3.1: who does not ask for them is sent none.</summary>
    [Theory]
    [InlineData("mail", 1)]
    [InlineData("gone", 1)]
    public void Without_do_there_is_nothing_of_it(string name, int type)
    {
        SeenMessage answer = _server.Answer(Ask.For($"{name}.{Zone}", type).WithEdns());
        Assert.DoesNotContain(answer.All, r => r.Type is 46 or 47);
        Assert.Equal(name == "gone" ? NxDomain : NoError, answer.Rcode);
    }

    /// <summary>RFC 9824 §3.1, §5.1.</summary>
    [Theory]
    [InlineData(0, NoError)]
    [InlineData(CompactOk, NxDomain)]
    public void A_name_that_does_not_exist(int flags, int rcode)
    {
        SeenMessage answer = Signed($"gone.{Zone}", 1, flags);
        Assert.Equal(rcode, answer.Rcode);
        SeenRecord nsec = Assert.Single(answer.Authority, r => r.Type == 47);
        Assert.Equal($"gone.{Zone}.", nsec.Owner);
        Assert.Equal([46, 47, 128], Types(nsec));
        Assert.Equal((byte[])[1, 0, .. Ask.NameOctets($"gone.{Zone}")], nsec.Octets[..(2 + Ask.NameOctets($"gone.{Zone}").Length)]);
        Assert.Equal(30u, nsec.Ttl);
    }

    [Theory]
    [InlineData("mail", 16, new[] { 1, 28, 46, 47 })]
    [InlineData("b.c", 1, new[] { 46, 47 })]
    [InlineData("a.wild", 28, new[] { 1, 16, 46, 47 })]
    [InlineData("@", 1, new[] { 2, 6, 15, 16, 46, 47, 48, 59, 60, 257 })]
    [InlineData("www", 16, new[] { 1, 28, 46, 47 })]
    public void A_type_that_is_not_there(string name, int type, int[] types)
    {
        SeenMessage answer = Signed(name == "@" ? Zone : $"{name}.{Zone}", type);
        Assert.Equal(NoError, answer.Rcode);
        Assert.Empty(answer.Answer);
        Assert.Equal(types, Types(Assert.Single(answer.Authority, r => r.Type == 47)));
    }

    [Fact]
    public void An_insecure_delegation_is_proved_to_be_one()
    {
        SeenMessage answer = Signed($"host.child.{Zone}", 1);
        SeenRecord nsec = Assert.Single(answer.Authority, r => r.Type == 47);
        Assert.Equal($"child.{Zone}.", nsec.Owner);
        Assert.Equal([2, 46, 47], Types(nsec));
        Assert.DoesNotContain(answer.Authority, r => r.Type is 43 or 6);
    }

    [Fact]
    public void A_secure_delegation_has_its_ds_record()
    {
        SeenMessage answer = Signed($"host.secure.{Zone}", 1);
        Assert.Single(answer.Authority, r => r.Type == 43);
        Assert.DoesNotContain(answer.Authority, r => r.Type == 47);
    }

    /// <summary>RFC 9824 §3.5.</summary>
    [Fact]
    public void Nobody_asks_for_nxname() => Assert.Equal(1, _server.Answer(Ask.For($"gone.{Zone}", 128).WithEdns(dnssecOk: true)).Rcode);

    [Fact]
    public void A_zone_whose_keys_are_missing_is_never_bare()
    {
        _zone.Data.Zones.Zones[0].Deconstruct(out Dns.Zones.Zone records, out _, out _);
        foreach (Dns.Dnssec.OnlineSigner? signer in new[] { null, new Dns.Dnssec.OnlineSigner(records.Apex.Name.Span, null, _zone.Means) })
        {
            var server = new TestServer(new Dns.Answering.DnsData { Zones = new Dns.Zones.ZoneTable(new Dns.Zones.ServedZone(records, IsSigned: true, signer)) });
            foreach (Ask ask in new[] { Ask.For($"mail.{Zone}", 1), Ask.For($"mail.{Zone}", 1).WithEdns(dnssecOk: true), Ask.For(Zone, 48) })
            {
                SeenMessage answer = server.Answer(ask);
                Assert.Equal(2, answer.Rcode);
                Assert.Empty(answer.All);
            }
        }
    }

    [Fact]
    public void When_too_many_signatures_are_wanted_the_answer_is_a_failure_and_not_half_of_one()
    {
        var means = new Dns.Dnssec.SigningMeans(new Testing.FakeTimeProvider(), signaturesPerSecond: 4);
        var signer = new Dns.Dnssec.OnlineSigner(Wire(Zone), new ZoneKeys { Zone = Zone, Keys = [.. _zone.Keys] }, means);
        var server = new TestServer(new Dns.Answering.DnsData
        {
            Zones = new Dns.Zones.ZoneTable(new Dns.Zones.ServedZone(TestServer.Compile(TestServer.Records), IsSigned: true, signer)),
        });
        var rcodes = Enumerable.Range(0, 10).Select(i => server.Answer(Ask.For($"gone{i}.{Zone}", 1).WithEdns(dnssecOk: true))).ToList();
        Assert.Contains(rcodes, a => a.Rcode == NoError);
        Assert.All(rcodes.Where(a => a.Rcode != NoError), a => Assert.True(a.Rcode == 2 && !a.All.Any()));
        Assert.Contains(rcodes, a => a.Rcode == 2);
        Assert.True(means.Shed > 0);
    }

    /// <summary>Key changes wait a day for what caches hold.</summary>
    [Fact]
    public void Nothing_is_given_for_longer_than_key_changes_wait()
    {
        var compiled = Dns.Zones.ZoneCompiler.Compile(TestServer.Text("@ 2w MX 10 mail\nmail 1d A 192.0.2.1"))[0];
        Assert.Equal(86_400u, compiled.Zone!.Apex.Find(OrleansCdn.Dns.Wire.DnsType.Mx)!.Ttl);
        var warning = Assert.Single(compiled.Mistakes);
        Assert.True(warning is { IsWarning: true, Line: 1 } && warning.ToString().Contains("more than a day", StringComparison.Ordinal), warning.ToString());
    }

    private static byte[] Wire(string name) => Ask.NameOctets(name);

    private static int[] Types(SeenRecord nsec)
    {
        int at = 0;
        while (nsec.Octets[at] != 0)
        {
            at += 1 + nsec.Octets[at];
        }

        var types = new List<int>();
        for (at++; at < nsec.Octets.Length; at += 2 + nsec.Octets[at + 1])
        {
            for (int bit = 0; bit < nsec.Octets[at + 1] * 8; bit++)
            {
                if ((nsec.Octets[at + 2 + (bit / 8)] & (0x80 >> (bit % 8))) != 0)
                {
                    types.Add((nsec.Octets[at] << 8) | bit);
                }
            }
        }

        return [.. types];
    }
}
