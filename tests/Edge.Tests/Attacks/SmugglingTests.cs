using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Tests.Http;

namespace OrleansCdn.Edge.Tests.Attacks;

/// <summary>Requests whose end may be seen in two places (RFC 9112 §11.2): refused, and the connection is not used again.</summary>
public sealed class SmugglingTests
{
    private const string Hidden = "GET /hidden HTTP/1.1\r\nHost: www.example.net\r\n\r\n";

    private static readonly RequestDelegate Cacheable = async context =>
    {
        context.Response.Headers.CacheControl = "max-age=60";
        await context.Response.WriteAsync("ok");
    };

    [Theory]
    [InlineData("POST", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")]
    [InlineData("POST", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n")]
    [InlineData("GET", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")]
    [InlineData("POST", "Content-Length: 0\r\nContent-Length: 50\r\n", "")]
    [InlineData("POST", "Content-Length: 0, 50\r\n", "")]
    [InlineData("POST", "Content-Length: -1\r\n", "")]
    [InlineData("POST", "Content-Length: 0x0\r\n", "")]
    [InlineData("POST", "Content-Length: \r\n", "")]
    [InlineData("POST", "Content-Length : 0\r\n", "")]
    [InlineData("POST", "Content-Length: 99999999999999999999\r\n", "")]
    [InlineData("POST", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")]
    [InlineData("POST", "Transfer-Encoding: identity\r\n", "0\r\n\r\n")]
    [InlineData("POST", "Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n")]
    [InlineData("POST", "Transfer-Encoding: identity, chunked\r\n", "0\r\n\r\n")]
    [InlineData("POST", "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")]
    [InlineData("POST", "Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n")]
    [InlineData("POST", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n")]
    [InlineData("POST", "Transfer-Encoding: \u000bchunked\r\n", "0\r\n\r\n")]
    [InlineData("POST", "Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n")]
    [InlineData("POST", "X: a\r\n folded\r\n", "")]
    [InlineData("POST", "X: a\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")]
    [InlineData("POST", "X: a\n", "")]
    [InlineData("POST", "X: a\rY: b\r\n", "")]
    [InlineData("POST", "X: a\0b\r\n", "")]
    [InlineData("POST", "X\r\n", "")]
    [InlineData("POST", ": x\r\n", "")]
    public async Task An_unclear_length_is_400_and_the_connection_ends(string method, string fields, string body)
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string answer = await RawConnection.UntilClosedAsync(
            edge, $"{method} /x HTTP/1.1\r\nHost: {TestEdge.Host}\r\n{fields}\r\n{body}{Hidden}");
        Assert.Matches("^HTTP/1.1 (400|501) ", answer);
        Assert.Equal(0, answer.IndexOf("HTTP/1.1 ", StringComparison.Ordinal));
        Assert.DoesNotContain("HTTP/1.1 ", answer[1..], StringComparison.Ordinal);
        Assert.Empty(origin.Requests);
    }

    [Theory]
    [InlineData("POST /x HTTP/1.1\nHost: www.example.net\r\n\r\n")]
    [InlineData("POST /x HTTP/1.1\r\nHost: www.example.net\n\n")]
    [InlineData("POST /x HTTP/1.1\r\nHost: www.example.net\r\n\n")]
    [InlineData("POST /x\r\n\r\n")]
    [InlineData("POST /x y HTTP/1.1\r\nHost: www.example.net\r\n\r\n")]
    [InlineData("PO\0ST /x HTTP/1.1\r\nHost: www.example.net\r\n\r\n")]
    [InlineData("POST /x HTTP/1.1 \r\nHost: www.example.net\r\n\r\n")]
    [InlineData("POST /x HTTP/1.0\r\nHost: www.example.net\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    public async Task A_request_that_is_not_quite_one_is_refused_and_what_follows_is_not_read(string request)
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string answer = await RawConnection.UntilClosedAsync(edge, request + Hidden);
        Assert.Matches("^HTTP/1.1 (400|505) ", answer);
        Assert.DoesNotContain("HTTP/1.1 ", answer[1..], StringComparison.Ordinal);
        Assert.Empty(origin.Requests);
    }

    [Theory]
    [InlineData("1\nZ\r\n0\r\n\r\n")]
    [InlineData("1;\nxx\r\nZ\r\n0\r\n\r\n")]
    [InlineData("1;a\nb\r\nZ\r\n0\r\n\r\n")]
    [InlineData("1;a\rb\r\nZ\r\n0\r\n\r\n")]
    [InlineData("1\r\nZ\n0\r\n\r\n")]
    [InlineData("1\r\nZZ\r\n0\r\n\r\n")]
    [InlineData("0x1\r\nZ\r\n0\r\n\r\n")]
    [InlineData("-1\r\nZ\r\n0\r\n\r\n")]
    [InlineData("100000000000000001\r\nZ\r\n0\r\n\r\n")]
    [InlineData("\r\nZ\r\n0\r\n\r\n")]
    public async Task An_odd_chunk_is_400_and_no_second_request(string chunks)
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string answer = await RawConnection.UntilClosedAsync(
            edge, $"POST /x HTTP/1.1\r\nHost: {TestEdge.Host}\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}{Hidden}");
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 ", answer[1..], StringComparison.Ordinal);
        Assert.DoesNotContain(origin.Requests, r => r.Target != "/x");
    }

    [Fact]
    public async Task A_well_formed_chunk_extension_goes_no_further()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        using RawConnection connection = await RawConnection.OpenAsync(edge);
        await connection.SendAsync($"POST /x HTTP/1.1\r\nHost: {TestEdge.Host}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3;a=\"b\"\r\nabc\r\n0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", await connection.RestAsync(), StringComparison.Ordinal);
        Assert.Equal("abc"u8.ToArray(), Assert.Single(origin.Requests).Body);
    }
}
