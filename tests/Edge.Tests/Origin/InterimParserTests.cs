using System.Text;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Tests.Origin;

public sealed class InterimParserTests
{
    private const string Two = "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nConnection: x-hop\r\nX-Hop: 1\r\n\r\n";

    private const string Final = "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n..";

    private static List<InterimResponse> Read(string text, int piece)
    {
        var parser = new InterimParser();
        parser.Expect();
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        List<InterimResponse> found = [];
        for (int i = 0; i < bytes.Length; i += piece)
        {
            found.AddRange(parser.Push(bytes.AsSpan(i, Math.Min(piece, bytes.Length - i))));
        }

        return found;
    }

    [Fact]
    public void However_the_bytes_are_cut_the_same_is_found_and_the_body_is_not_looked_at()
    {
        for (int piece = 1; piece <= (Two + Final).Length; piece++)
        {
            List<InterimResponse> found = Read(Two + Final, piece);
            Assert.Equal([102, 103], found.Select(f => f.Status));
            Assert.Equal("Link", Assert.Single(found[1].Fields).Key);
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 103 x\r\n\r\n")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n" + Final)]
    [InlineData("HTTP/1.1 103 x\r\nbad name: 1\r\n\r\n" + Final)]
    [InlineData("HTTP/1.1 103 x\r\nA: \u0001\r\n\r\n" + Final)]
    [InlineData("HTTP/1.1 103 x\r\nno-colon\r\n\r\n" + Final)]
    [InlineData("HTTP/1.1 103 never ends")]
    [InlineData("")]
    public void What_may_not_be_passed_on_is_not(string text) => Assert.Empty(Read(text, 7));

    [Fact]
    public void A_header_without_end_is_bounded()
    {
        var parser = new InterimParser();
        parser.Expect();
        byte[] junk = Encoding.Latin1.GetBytes("HTTP/1.1 103 x\r\n" + new string('a', 10_000));
        for (int i = 0; i < 20; i++)
        {
            parser.Push(junk);
        }

        Assert.False(parser.IsListening);
    }
}
