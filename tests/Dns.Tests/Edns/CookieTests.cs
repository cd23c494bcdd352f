using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Edns;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Tests.Edns;

/// <summary>RFC 7873 and RFC 9018, with the latter's own examples.</summary>
public sealed class CookieTests
{
    private const int Cookie = 10;
    private const int BadCookie = 23;
    private static readonly byte[] s_secret = Convert.FromHexString("e5e973e5a6b2a43f48e7dc849e37bfcf");
    private static readonly byte[] s_client = Convert.FromHexString("2464c4abcf10c957");

    /// <summary>The key 00..0f and data 00, 0001, ... of the paper's appendix A (Aumasson and Bernstein).</summary>
    [Theory]
    [InlineData(0, 0x726fdb47dd0e0e31)]
    [InlineData(1, 0x74f839c593dc67fd)]
    [InlineData(8, 0x93f5f5799a932462)]
    [InlineData(15, 0xa129ca6149be45e5)]
    public void Sip_hash_is_that_of_the_paper(int length, ulong hash) => Assert.Equal(
        hash, SipHash.Of([.. Enumerable.Range(0, 16).Select(i => (byte)i)], [.. Enumerable.Range(0, length).Select(i => (byte)i)]));

    /// <summary>RFC 9018 appendix A.1 and A.3.</summary>
    [Theory]
    [InlineData("2464c4abcf10c957", "e5e973e5a6b2a43f48e7dc849e37bfcf", "198.51.100.100", 1559731985, "2464c4abcf10c957010000005cf79f111f8130c3eee29480")]
    [InlineData("22681ab97d52c298", "445536bcd2513298075a5d379663c962", "2001:db8:220:1:59de:d0f4:8769:82b8", 1559741961, "22681ab97d52c298010000005cf7c609a6bb79d16625507a")]
    public void A_new_cookie_is_that_of_the_rfc(string client, string secret, string address, uint now, string cookie)
    {
        byte[] answer = new byte[ServerCookies.Length];
        QuerySource from = TestServer.From(address);

        CookieVerdict verdict = new ServerCookies(Convert.FromHexString(secret)).Judge(Convert.FromHexString(client), from.IsIpv4, from.Address, now, answer);

        Assert.Equal((CookieVerdict.ClientOnly, cookie), (verdict, Convert.ToHexStringLower(answer)));
    }

    /// <summary>Appendix A.2: 40 minutes later it is known and made anew.</summary>
    [Theory]
    [InlineData(1559731985u, CookieVerdict.Good, false)]
    [InlineData(1559731985u + 1800, CookieVerdict.Good, false)]
    [InlineData(1559731985u + 1801, CookieVerdict.Good, true)]
    [InlineData(1559731985u + 3600, CookieVerdict.Good, true)]
    [InlineData(1559731985u + 3601, CookieVerdict.Bad, true)]
    [InlineData(1559731985u - 300, CookieVerdict.Good, false)]
    [InlineData(1559731985u - 301, CookieVerdict.Bad, true)]
    public void A_cookie_ages(uint now, CookieVerdict verdict, bool isRenewed)
    {
        byte[] cookie = Convert.FromHexString("2464c4abcf10c957010000005cf79f111f8130c3eee29480");
        byte[] answer = new byte[ServerCookies.Length];
        QuerySource from = TestServer.From("198.51.100.100");

        Assert.Equal(verdict, new ServerCookies(s_secret).Judge(cookie, from.IsIpv4, from.Address, now, answer));
        Assert.Equal(isRenewed, !cookie.AsSpan().SequenceEqual(answer));
    }

    [Fact]
    public void While_secrets_change_both_are_known()
    {
        byte[] old = new byte[16], answer = new byte[ServerCookies.Length], again = new byte[ServerCookies.Length];
        QuerySource from = TestServer.From();
        new ServerCookies(old).Judge(s_client, from.IsIpv4, from.Address, 1000, answer);

        Assert.Equal(CookieVerdict.Good, new ServerCookies(s_secret, old).Judge(answer, from.IsIpv4, from.Address, 1000, again));
        Assert.Equal(CookieVerdict.Bad, new ServerCookies(s_secret).Judge(answer, from.IsIpv4, from.Address, 1000, again));
    }

    [Fact]
    public void A_cookie_is_answered()
    {
        TestServer server = Server();
        SeenMessage first = server.Answer(Mail(s_client));
        SeenMessage second = server.Answer(Mail(first.Options[Cookie]));
        SeenMessage elsewhere = server.Answer(Mail(first.Options[Cookie]), TestServer.From("198.51.100.8"));

        Assert.All([first, second, elsewhere], seen => Assert.Equal((0, 1), (seen.Rcode, seen.Answer.Count)));
        Assert.Equal(first.Options[Cookie], second.Options[Cookie]);
        Assert.NotEqual(first.Options[Cookie], elsewhere.Options[Cookie]);
        Assert.Equal((1, 1, 1), (server.Counters[DnsCount.CookieNew], server.Counters[DnsCount.CookieGood], server.Counters[DnsCount.CookieBad]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(15)]
    [InlineData(41)]
    public void A_cookie_of_another_length_is_a_format_error(int length) => Assert.Equal(1, Server().Answer(Mail(new byte[length])).Rcode);

    [Fact]
    public void Where_cookies_are_required_they_are_over_udp_alone()
    {
        TestServer server = Server(isRequired: true);
        SeenMessage first = server.Answer(Mail(s_client));

        Assert.Equal((BadCookie, 0), (first.Rcode, first.Answer.Count));
        Assert.Equal(BadCookie, server.Answer(Mail([.. s_client, .. new byte[16]])).Rcode);
        Assert.Equal(0, server.Answer(Mail(first.Options[Cookie])).Rcode);
        Assert.Equal(0, server.Answer(Mail(s_client), TestServer.From(isTcp: true)).Rcode);
        Assert.Equal(0, server.Answer(Ask.For("mail.cdn.example.net", 1)).Rcode);
    }

    /// <summary>RFC 7873 §5.4.</summary>
    [Fact]
    public void A_cookie_may_be_asked_for_without_question()
    {
        SeenMessage seen = SeenMessage.Read(Server().Raw(Answering.GoldenTests.Octets("1234 0000 0000 0000 0000 0001 00 0029 1000 00 00 0000 000c 000a 0008 2464c4abcf10c957")));

        Assert.Equal((0, (string?)null, 24), (seen.Rcode, seen.QuestionName, seen.Options[Cookie].Length));
    }

    private static Ask Mail(byte[] cookie) => Ask.For("mail.cdn.example.net", 1).WithOption(Cookie, cookie);

    private static TestServer Server(bool isRequired = false) => new(new DnsData
    {
        Zones = new ZoneTable(new ServedZone(TestServer.Compile(TestServer.Records))),
        Cookies = new ServerCookies(s_secret),
        RequiresCookies = isRequired,
    });
}
