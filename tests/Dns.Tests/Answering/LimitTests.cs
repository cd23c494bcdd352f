using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Tests.Kit;

namespace OrleansCdn.Dns.Tests.Answering;

/// <summary>What does not fit: cut at a record set, with TC, EDNS kept; and what is left of an answer that slips.</summary>
public sealed class LimitTests
{
    private const int A = 1, Txt = 16;

    private readonly TestServer _server = new(
        TestServer.Records
        + string.Concat(Enumerable.Range(0, 40).Select(i => $"\nlong TXT \"{i:D2} {new string('x', 40)}\""))
        + "\ntolong CNAME long\nglue NS ns.glue"
        + string.Concat(Enumerable.Range(1, 60).Select(i => $"\nns.glue A 192.0.2.{i}")));

    [Theory]
    [InlineData(null, 512)]
    [InlineData(0, 512)]
    [InlineData(511, 512)]
    [InlineData(600, 600)]
    [InlineData(1232, 1232)]
    [InlineData(65535, 1232)]
    public void A_set_that_does_not_fit_is_left_out_whole(int? size, int limit)
    {
        Ask ask = Ask.For("tolong.cdn.example.net", Txt);
        ask.Edns = size;

        byte[] answer = _server.Raw(ask.Octets());
        SeenMessage seen = SeenMessage.Read(answer);

        Assert.InRange(answer.Length, 1, limit);
        Assert.Equal((true, 0), (seen.IsTruncated, seen.Rcode));
        Assert.Equal("long.cdn.example.net.", Assert.Single(seen.Answer).Data);
        Assert.Equal(size is not null, seen.Opt is not null);
        Assert.Equal(1, _server.Counters[DnsCount.Truncated]);
    }

    [Fact]
    public void Over_TCP_it_is_whole()
    {
        SeenMessage seen = _server.Answer("tolong.cdn.example.net", Txt, TestServer.From(isTcp: true));

        Assert.Equal((false, 41), (seen.IsTruncated, seen.Answer.Count));
    }

    /// <summary>RFC 9471 §3.1.</summary>
    [Fact]
    public void Glue_that_does_not_fit_is_asked_for_again()
    {
        SeenMessage seen = _server.Answer("glue.cdn.example.net", A);

        Assert.Equal((true, 1, 0), (seen.IsTruncated, seen.Authority.Count, seen.Additional.Count));
        Assert.False(_server.Answer("child.cdn.example.net", A).IsTruncated);
    }

    [Fact]
    public void What_slips_says_nothing_but_to_come_by_TCP()
    {
        byte[] response = new byte[Responder.MaxUdpLength];
        int length = _server.Responder.Respond(Ask.For("gone.cdn.example.net", A).WithOption(3).Octets(), TestServer.From(), response);

        SeenMessage seen = SeenMessage.Read(response.AsSpan(0, _server.Responder.Slip(response, length)));

        Assert.Equal((true, 0, 0, "gone.cdn.example.net."), (seen.IsTruncated, seen.Rcode, seen.All.Count(), seen.QuestionName));
        Assert.Equal("waw"u8.ToArray(), seen.Options[3]);
    }

    [Fact]
    public void Facts_of_the_last_query_are_there_for_limits_and_log()
    {
        _server.Answer(Ask.For("MAIL.cdn.example.net", A).WithSubnet("198.51.100.0/24"));

        QueryFacts last = _server.Responder.Last;
        Assert.Equal((OrleansCdn.Dns.Wire.DnsType.A, OrleansCdn.Dns.Wire.DnsRcode.NoError, true, (byte)24, -1), (last.Type, last.Rcode, last.HasEdns, last.Subnet!.Value.SourceBits, last.Pop));
        Assert.Equal("mail.cdn.example.net.", OrleansCdn.Dns.Wire.NameText.Of(_server.Responder.LastName));
    }
}
