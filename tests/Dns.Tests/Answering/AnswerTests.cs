using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Tests.Answering;

/// <summary>What is answered for names of a zone, packet and counters.</summary>
public sealed class AnswerTests
{
    private const int A = 1, Ns = 2, CName = 5, Soa = 6, Mx = 15, Txt = 16, Aaaa = 28, Srv = 33, Ds = 43, Https = 65, Any = 255;
    private const string Apex = "cdn.example.net.";
    private readonly TestServer _server = new();

    [Theory]
    [InlineData("mail", A, "192.0.2.25")]
    [InlineData("MaIl", Aaaa, "2001:db8::25")]
    [InlineData("a.b.c", A, "192.0.2.7")]
    [InlineData("any.wild", A, "192.0.2.8")]
    [InlineData("deep.er.wild", A, "192.0.2.8")]
    [InlineData("x.y.wild", A, "192.0.2.9")]
    [InlineData("odd", 65280, "0A0B0C")]
    public void A_name_has_its_record(string name, int type, string data)
    {
        SeenMessage seen = _server.Answer($"{name}.cdn.example.net", type);

        Assert.Equal((0, true, false), (seen.Rcode, seen.IsAuthoritative, seen.IsTruncated));
        SeenRecord only = Assert.Single(seen.Answer);
        Assert.Equal((data, $"{name}.{Apex}"), (only.Data, only.Owner));
        Assert.Empty(seen.Authority);
        Assert.Null(seen.Opt);
        Assert.Equal(1, _server.Counters.Of(DnsRcode.NoError));
        Assert.Equal(1, _server.Counters.Of((DnsType)type));
    }

    [Fact]
    public void The_apex_has_soa_and_nameservers()
    {
        SeenMessage soa = _server.Answer(Apex, Soa);
        SeenMessage ns = _server.Answer(Apex, Ns);

        Assert.Equal("ns-waw.example.net. hostmaster.cdn.example.net. 0 42 0 7200 0 3600 18 29952 0 30", Assert.Single(soa.Answer).Data);
        Assert.Equal(["ns-lax.example.net.", "ns-waw.example.net."], ns.Answer.Select(r => r.Data).Order());
    }

    [Fact]
    public void A_set_comes_whole()
    {
        SeenMessage seen = _server.Answer($"multi.{Apex}", A);

        Assert.Equal(["192.0.2.1", "192.0.2.2", "192.0.2.3"], seen.Answer.Select(r => r.Data));
        Assert.All(seen.Answer, r => Assert.Equal(60u, r.Ttl));
    }

    [Theory]
    [InlineData("mail", Mx)]
    [InlineData("b.c", A)]
    [InlineData("c", A)]
    [InlineData("wild", A)]
    [InlineData("y.wild", A)]
    [InlineData("any.wild", Aaaa)]
    [InlineData("mail", 65281)]
    [InlineData("mail", Ds)]
    public void A_name_without_the_type_has_no_data(string name, int type)
    {
        SeenMessage seen = _server.Answer($"{name}.{Apex}", type);

        Assert.Equal((0, true), (seen.Rcode, seen.IsAuthoritative));
        Assert.Empty(seen.Answer);
        SeenRecord soa = Assert.Single(seen.Authority);
        Assert.Equal((Apex, Soa, 30u), (soa.Owner, soa.Type, soa.Ttl));
        Assert.Equal(1, _server.Counters[DnsCount.NoData]);
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("below.mail")]
    [InlineData("z.y.wild")]
    [InlineData("x.x.y.wild")]
    [InlineData("wildd")]
    public void A_name_that_is_not_there_is_an_error(string name)
    {
        SeenMessage seen = _server.Answer($"{name}.{Apex}", A);

        Assert.Equal((3, true), (seen.Rcode, seen.IsAuthoritative));
        Assert.Empty(seen.Answer);
        Assert.Equal(30u, Assert.Single(seen.Authority).Ttl);
    }

    [Theory]
    [InlineData("alias", A, 0, "mail.cdn.example.net.|192.0.2.25")]
    [InlineData("chain", A, 0, "alias.cdn.example.net.|mail.cdn.example.net.|192.0.2.25")]
    [InlineData("far", A, 0, "www.example.org.")]
    [InlineData("alias", CName, 0, "mail.cdn.example.net.")]
    [InlineData("alias", Any, 0, "mail.cdn.example.net.")]
    [InlineData("x.cwild", A, 0, "mail.cdn.example.net.|192.0.2.25")]
    [InlineData("nowhere", A, 3, "gone.cdn.example.net.")]
    [InlineData("alias", Mx, 0, "mail.cdn.example.net.")]
    public void Aliases_are_followed_within_the_zone(string name, int type, int rcode, string data)
    {
        SeenMessage seen = _server.Answer($"{name}.{Apex}", type);

        Assert.Equal(rcode, seen.Rcode);
        Assert.Equal(data.Split('|'), seen.Answer.Select(r => r.Data));
    }

    [Theory]
    [InlineData("child", A)]
    [InlineData("deep.child", A)]
    [InlineData("ns.child", A)]
    [InlineData("child", Ns)]
    public void A_delegation_is_referred_to_with_glue(string name, int type)
    {
        SeenMessage seen = _server.Answer($"{name}.{Apex}", type);

        Assert.Equal((0, false), (seen.Rcode, seen.IsAuthoritative));
        Assert.Empty(seen.Answer);
        Assert.Equal(["ns.child.cdn.example.net.", "ns.elsewhere.example."], seen.Authority.Select(r => r.Data).Order());
        Assert.All(seen.Authority, r => Assert.Equal(("child." + Apex, Ns), (r.Owner, r.Type)));
        Assert.Equal(["192.0.2.53", "2001:db8::53"], seen.Additional.Select(r => r.Data).Order());
        Assert.Equal(1, _server.Counters[DnsCount.Referral]);
    }

    [Fact]
    public void Ds_is_the_parents()
    {
        SeenMessage there = _server.Answer($"secure.{Apex}", Ds);
        SeenMessage none = _server.Answer($"child.{Apex}", Ds);

        Assert.True(there.IsAuthoritative);
        Assert.StartsWith("30390D02", Assert.Single(there.Answer).Data, StringComparison.Ordinal);
        Assert.Equal((true, 0, Soa), (none.IsAuthoritative, none.Answer.Count, Assert.Single(none.Authority).Type));
    }

    [Theory]
    [InlineData("example.net")]
    [InlineData("xcdn.example.net")]
    [InlineData(".")]
    [InlineData("example.org")]
    public void Names_outside_are_refused(string name)
    {
        SeenMessage seen = _server.Answer(name, A);

        Assert.Equal((5, false, 0), (seen.Rcode, seen.IsAuthoritative, seen.All.Count()));
        Assert.Equal(1, _server.Counters[DnsCount.OutsideZones]);
    }

    [Fact]
    public void Any_is_one_record() => Assert.Equal((13, "0752464338343832" + "00"), (Assert.Single(_server.Answer($"mail.{Apex}", Any).Answer).Type, Assert.Single(_server.Answer($"mail.{Apex}", Any).Answer).Data));

    [Fact]
    public void A_service_record_is_not_compressed() => Assert.Equal("1 2 5060 mail.cdn.example.net.", Assert.Single(_server.Answer($"_sip._tcp.{Apex}", Srv).Answer).Data);

    [Fact]
    public void An_https_record_is_as_on_the_wire() => Assert.Equal(
        "0001" + "00" + "0001000C" + "026832" + "08687474702F312E31" + "000300022" + "0FB" + "00040004C0000201" + "0006001020010DB8000000000000000000000001",
        Assert.Single(_server.Answer($"svc.{Apex}", Https).Answer).Data);

    [Fact]
    public void The_question_comes_back_as_it_was_asked()
    {
        SeenMessage seen = _server.Answer(Ask.For("mAiL.CDN.exAmple.NET", A));

        Assert.Equal("mAiL.CDN.exAmple.NET.", seen.QuestionName);
        Assert.Equal("mAiL.CDN.exAmple.NET.", Assert.Single(seen.Answer).Owner);
    }

    [Fact]
    public void Text_is_several_strings() => Assert.Contains("\"v=spf1 -all\"\"two\"", _server.Answer(Apex, Txt).Answer.Select(r => r.Data));
}
