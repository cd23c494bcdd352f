using System.Globalization;
using OrleansCdn.Edge.Tests.Http;

namespace OrleansCdn.Edge.Tests.Attacks;

/// <summary>Origins are outside too: the header that one sends is an answer, or 502, and costs no more than its limits.</summary>
public sealed class HostileOriginTests
{
    private const string Cacheable = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n";

    private const string Old =
        "HTTP/1.1 200 OK\r\nCache-Control: max-age=60, must-revalidate\r\nETag: \"a\"\r\nContent-Length: 3\r\nConnection: close\r\n\r\nold";

    /// <summary>More than what is read of it lies in the sockets' buffers of both sides.</summary>
    private const long SocketBuffers = 16 << 20;

    private static string Get => $"GET /x HTTP/1.1\r\nHost: {TestEdge.Host}\r\nConnection: close\r\n\r\n";

    [Theory]
    [InlineData(Cacheable + "X: a\u007fb\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(Cacheable + "X y: a\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(Cacheable + "Content-Length: 2\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData(Cacheable + "Content-Length: 2, 5\r\n\r\nhello")]
    [InlineData(Cacheable + "Content-Length: -1\r\n\r\nhello")]
    [InlineData(Cacheable + "Content-Length: +5\r\n\r\nhello")]
    [InlineData(Cacheable + "Content-Length: 99999999999999999999\r\n\r\nhello")]
    [InlineData(Cacheable + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [InlineData(Cacheable + "Transfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [InlineData(Cacheable + "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [InlineData(Cacheable + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 2000 High\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n")]
    public async Task A_header_that_may_be_read_in_two_ways_is_502(string answer)
    {
        await using var origin = new ScriptedOrigin(answer);
        await using TestEdge edge = await TestEdge.StartAsync(origin.Yaml, "");
        string seen = await RawConnection.UntilClosedAsync(edge, Get);
        Assert.StartsWith("HTTP/1.1 502 ", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("Set-Cookie", seen, StringComparison.Ordinal);
        Assert.Equal(0, edge.Plane.Store.Count);
    }

    [Theory]
    [InlineData("a\r\n Set-Cookie: b")]
    [InlineData("a\rSet-Cookie: b")]
    [InlineData("a\0Set-Cookie: b")]
    public async Task What_does_not_end_a_line_begins_no_other_field(string value)
    {
        await using var origin = new ScriptedOrigin($"{Cacheable}X: {value}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        await using TestEdge edge = await TestEdge.StartAsync(origin.Yaml, "");
        for (int round = 0; round < 2; round++)
        {
            string seen = await RawConnection.UntilClosedAsync(edge, Get);
            Assert.EndsWith("\r\n\r\nok", seen, StringComparison.Ordinal);
            Assert.Matches("\r\nX: a +Set-Cookie: b\r\n", seen);
        }

        Assert.Equal(1, origin.Asked);
    }

    [Theory]
    [InlineData("HTTP/1.1 304 Not Modified\r\nETag: \"b\"\r\nX-New: 1\r\n\r\n")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nX-New: 1")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nX-New: 1\r\n")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nX-New: 1\r\nX-Bad: \u0001\r\n\r\n")]
    public async Task A_304_that_is_cut_off_or_of_something_else_is_not_merged(string confirmation)
    {
        const string Right = "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nX-Right: 1\r\nConnection: close\r\n\r\n";
        int tries = confirmation.EndsWith("\r\n\r\n", StringComparison.Ordinal) && confirmation.Contains("\"b\"", StringComparison.Ordinal) ? 2 : 1;
        await using var origin = new ScriptedOrigin([Old, .. Enumerable.Repeat(confirmation, tries), Right]);
        await using TestEdge edge = await TestEdge.StartAsync(origin.Yaml, "");
        Assert.EndsWith("old", await RawConnection.UntilClosedAsync(edge, Get), StringComparison.Ordinal);
        edge.Time.Advance(TimeSpan.FromSeconds(61));
        string seen = await RawConnection.UntilClosedAsync(edge, Get);
        Assert.StartsWith("HTTP/1.1 502 ", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("X-New", seen, StringComparison.Ordinal);

        string next = await RawConnection.UntilClosedAsync(edge, Get);
        Assert.EndsWith("old", next, StringComparison.Ordinal);
        Assert.Contains("X-Right", next, StringComparison.Ordinal);
        Assert.DoesNotContain("X-New", next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_304_that_makes_the_stored_one_somebodys_own_ends_it()
    {
        await using var origin = new ScriptedOrigin(
            Old,
            "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nSet-Cookie: session=1\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 3\r\nConnection: close\r\n\r\nnew");
        await using TestEdge edge = await TestEdge.StartAsync(origin.Yaml, "");
        await RawConnection.UntilClosedAsync(edge, Get);
        edge.Time.Advance(TimeSpan.FromSeconds(61));
        for (int visitor = 0; visitor < 2; visitor++)
        {
            string seen = await RawConnection.UntilClosedAsync(edge, Get);
            Assert.EndsWith("new", seen, StringComparison.Ordinal);
            Assert.DoesNotContain("session", seen, StringComparison.Ordinal);
        }

        Assert.Equal(0, edge.Plane.Store.Count);
    }

    [Fact]
    public async Task A_header_without_end_is_502_within_bounded_memory()
    {
        await using var origin = new RawOrigin("HTTP/1.1 200 OK\r\n", endless: "X: " + new string('x', 1000) + "\r\n");
        await using TestEdge edge = await TestEdge.StartAsync($"url: \"{origin.Url}\", allow-private: true", "");
        Assert.StartsWith("HTTP/1.1 502 ", await RawConnection.UntilClosedAsync(edge, Get), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => Task.FromResult(origin.Served > 0));
        Assert.InRange(origin.BytesSent, 0, SocketBuffers);
        Assert.Equal(0, edge.Plane.Store.Count);
    }

    [Theory]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")]
    public async Task Interim_responses_without_end_are_given_up(string interim)
    {
        await using var origin = new RawOrigin("", endless: interim);
        await using TestEdge edge = await TestEdge.StartAsync($"url: \"{origin.Url}\", allow-private: true", "");
        Task<string> asked = RawConnection.UntilClosedAsync(edge, Get);
        await Eventually.TrueAsync(() =>
        {
            edge.Time.Advance(TimeSpan.FromSeconds(61));
            return Task.FromResult(asked.IsCompleted);
        });
        string seen = await asked;
        Assert.Matches("HTTP/1.1 50[24] ", seen);
        Assert.InRange(origin.BytesSent, 0, SocketBuffers);
        Assert.InRange(seen.Split("HTTP/1.1 103").Length - 1, 0, 16);
        Assert.Equal(0, edge.Plane.Fills.Count);
    }

    [Theory]
    [InlineData("max-age=99999999999999999999", null, 1L << 31)]
    [InlineData("max-age=2147483649", null, 1L << 31)]
    [InlineData("max-age=18446744073709551676", null, 1L << 31)]
    [InlineData("s-maxage=99999999999999999999, max-age=1", null, 1L << 31)]
    [InlineData("max-age=60", "99999999999999999999", null)]
    [InlineData("max-age=60", "18446744073709551617", null)]
    [InlineData("max-age=60", "4294967297", null)]
    [InlineData("max-age=99999999999999999999", "99999999999999999999", null)]
    [InlineData("max-age=-1", null, null)]
    [InlineData("max-age=60", "-99999999999", 60L)]
    public async Task Times_beyond_any_number_are_the_largest_one(string cacheControl, string? age, long? ttl)
    {
        string told = age is null ? "" : $"Age: {age}\r\n";
        await using var origin = new ScriptedOrigin(
            $"HTTP/1.1 200 OK\r\nCache-Control: {cacheControl}\r\n{told}ETag: \"a\"\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        await using TestEdge edge = await TestEdge.StartAsync(origin.Yaml, "cache: { grace: 0s }");
        await RawConnection.UntilClosedAsync(edge, Get);
        string next = await RawConnection.UntilClosedAsync(edge, Get);
        Assert.EndsWith("ok", next, StringComparison.Ordinal);
        Assert.Equal(ttl is null ? 2 : 1, origin.Asked);
        if (ttl is { } seconds)
        {
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"; hit; ttl={seconds}\r\n"), next, StringComparison.Ordinal);
        }
        else if (age is not null)
        {
            // RFC 9111 §5.1: what does not fit is 2^31.
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"Age: {Math.Min(ulong.TryParse(age, out ulong a) ? a : ulong.MaxValue, 1UL << 31)}\r\n"), next, StringComparison.Ordinal);
        }
    }
}
