using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Tests.Answering;

/// <summary>Where signatures and proofs stand, and that a signed zone is never answered for without them. That they are right is shown elsewhere.</summary>
public sealed class SignedAnswerTests
{
    private const int A = 1, Ns = 2, Soa = 6, Mx = 15, Ds = 43, Rrsig = 46, Nsec = 47, Dnskey = 48, Any = 255, NxName = 128;
    private readonly WideSigner _signer = new() { Signed = [] };
    private readonly TestServer _server;

    public SignedAnswerTests() => _server = Server(_signer);

    [Fact]
    public void Without_DO_there_is_no_signature()
    {
        Assert.Equal([A], _server.Answer(Ask.For("mail.cdn.example.net", A).WithEdns()).All.Select(r => r.Type));
        Assert.Empty(_signer.Signed!);
    }

    [Theory]
    [InlineData("mail", A, "mail A")]
    [InlineData("x.wild", A, "x.wild A")]
    [InlineData("alias", A, "alias CNAME|mail A")]
    [InlineData("", Dnskey, " DNSKEY")]
    [InlineData("mail", Mx, " SOA|mail NSEC")]
    [InlineData("gone", A, " SOA|gone NSEC")]
    [InlineData("child", A, "child NSEC")]
    [InlineData("deep.child", A, "child NSEC")]
    [InlineData("secure", A, "secure DS")]
    [InlineData("secure", Ds, "secure DS")]
    [InlineData("child", Ds, " SOA|child NSEC")]
    [InlineData("mail", Nsec, "mail NSEC")]
    [InlineData("mail", Any, "mail HINFO")]
    public void What_is_said_is_signed(string name, int type, string sets)
    {
        SeenMessage seen = _server.Answer(Ask.For((name + ".cdn.example.net").TrimStart('.'), type).WithEdns(dnssecOk: true));

        string[] expected = [.. sets.Split('|').Select(line => line.Split(' ')).Select(x => $"{(x[0].Length > 0 ? x[0] + "." : "")}cdn.example.net. {x[1]}")];
        Assert.Equal(expected, _signer.Signed);
        Assert.Equal(expected.Length, seen.All.Count(r => r.Type == Rrsig));
    }

    [Theory]
    [InlineData("mail", Mx, true, "1 28")]
    [InlineData("b.c", A, true, "")]
    [InlineData("gone", A, false, "")]
    [InlineData("child", A, true, "2")]
    [InlineData("child", Ds, true, "2")]
    [InlineData("", A, true, "2 6 15 16 48 257")]
    public void A_proof_says_what_is_there(string name, int type, bool exists, string types)
    {
        SeenMessage seen = _server.Answer(Ask.For((name + ".cdn.example.net").TrimStart('.'), type).WithEdns(dnssecOk: true));

        byte[] nsec = seen.Authority.Single(r => r.Type == Nsec).Octets;
        Assert.Equal(exists, nsec[0] == 1);
        Assert.Equal(types, string.Join(' ', Enumerable.Range(0, nsec.Length / 2).Select(i => (nsec[1 + (2 * i)] << 8) | nsec[2 + (2 * i)])));
    }

    /// <summary>RFC 9824 §5.1.</summary>
    [Theory]
    [InlineData(false, false, 3)]
    [InlineData(true, false, 0)]
    [InlineData(true, true, 3)]
    public void A_name_that_is_not_there_is_no_error_to_validators_that_do_not_know_better(bool dnssecOk, bool compactOk, int rcode)
    {
        Ask ask = Ask.For("gone.cdn.example.net", A).WithEdns(dnssecOk: dnssecOk);
        ask.EdnsFlags |= compactOk ? 0x4000 : 0;

        Assert.Equal(rcode, _server.Answer(ask).Rcode);
    }

    [Fact]
    public void Nxname_is_no_question() => Assert.Equal(1, _server.Answer("mail.cdn.example.net", NxName).Rcode);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_key_the_zone_is_not_answered_for(bool hasSigner)
    {
        _signer.IsAble = false;
        TestServer server = Server(hasSigner ? _signer : null);

        foreach (Ask ask in (Ask[])[Ask.For("mail.cdn.example.net", A), Ask.For("gone.cdn.example.net", A).WithEdns(dnssecOk: true)])
        {
            SeenMessage seen = server.Answer(ask);
            Assert.Equal((2, 0), (seen.Rcode, seen.All.Count()));
        }

        Assert.Equal(2, server.Counters[DnsCount.NotSigned]);
    }

    [Theory]
    [InlineData("mail", A, DnsType.A)]
    [InlineData("alias", A, DnsType.A)]
    [InlineData("mail", Mx, DnsType.Soa)]
    [InlineData("mail", Mx, DnsType.Nsec)]
    [InlineData("secure", A, DnsType.Ds)]
    [InlineData("child", A, DnsType.Nsec)]
    public void What_cannot_be_signed_now_is_not_said(string name, int type, DnsType refused)
    {
        _signer.Refused = refused;

        SeenMessage seen = _server.Answer(Ask.For($"{name}.cdn.example.net", type).WithEdns(dnssecOk: true));

        Assert.Equal((2, false, 0), (seen.Rcode, seen.IsAuthoritative, seen.All.Count()));
        Assert.NotNull(seen.Opt);
        Assert.Equal(1, _server.Counters[DnsCount.NotSigned]);
    }

    [Fact]
    public void A_delegations_nameservers_and_glue_are_not_signed()
    {
        SeenMessage seen = _server.Answer(Ask.For("child.cdn.example.net", A).WithEdns(dnssecOk: true));

        Assert.Equal([Ns, Ns, Nsec, Rrsig], seen.Authority.Select(r => r.Type));
        Assert.DoesNotContain(seen.Additional, r => r.Type == Rrsig);
        Assert.DoesNotContain(seen.Authority, r => r.Type == Soa);
    }

    private static TestServer Server(WideSigner? signer) => new(new DnsData
    {
        Zones = new ZoneTable(new ServedZone(TestServer.Compile(TestServer.Records), IsSigned: true, signer)),
    });
}
