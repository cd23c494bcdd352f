using OrleansCdn.Edge.Tests.Http;

namespace OrleansCdn.Edge.Tests.Attacks;

/// <summary>Bodies of origins that lie about their length, break off, stand still or never end: nobody takes them for whole, and nothing is kept.</summary>
public sealed class HostileBodyTests
{
    private const string Cacheable = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n";

    private static string Get => $"GET /x HTTP/1.1\r\nHost: {TestEdge.Host}\r\nConnection: close\r\n\r\n";

    [Theory]
    [InlineData("zz\r\nhello\r\n0\r\n\r\n")]
    [InlineData("-5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("ffffffffffffffffff\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5\r\nhelloo\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello")]
    [InlineData("5\r\nhello\r\n")]
    [InlineData("5\r\nhello\r\n0")]
    [InlineData("5\r\nhello\r\n0\r\n")]
    [InlineData("5\r\nhello\r\n0\r\nTrailer: x")]
    public async Task A_bad_chunk_ends_the_response_early_and_is_not_stored(string chunks)
    {
        await using var origin = new ScriptedOrigin(Cacheable + "Transfer-Encoding: chunked\r\n\r\n" + chunks);
        await using TestEdge edge = await TestEdge.StartAsync(origin.Yaml, "");
        string seen = await RawConnection.UntilClosedAsync(edge, Get);
        Assert.DoesNotContain("\r\n0\r\n\r\n", seen, StringComparison.Ordinal);
        await NothingIsKeptAsync(edge);
    }

    [Fact]
    public async Task A_body_shorter_than_its_length_is_cut_for_the_visitor_too()
    {
        await using var origin = new ScriptedOrigin(Cacheable + "Content-Length: 50\r\n\r\nhello");
        await using TestEdge edge = await TestEdge.StartAsync(origin.Yaml, "");
        string seen = await RawConnection.UntilClosedAsync(edge, Get);
        if (seen.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal))
        {
            Assert.Contains("Content-Length: 50\r\n", seen, StringComparison.Ordinal);
        }

        await NothingIsKeptAsync(edge);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")]
    [InlineData("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 4\r\n\r\nevil")]
    [InlineData("more")]
    public async Task What_follows_a_body_is_neither_part_of_it_nor_the_answer_to_the_next_request(string rest)
    {
        await using var origin = new ScriptedOrigin(
            Cacheable + "Content-Length: 5\r\n\r\nhello" + rest, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ngood") { HangsUp = false };
        await using TestEdge edge = await TestEdge.StartAsync(origin.Yaml, "");
        Assert.EndsWith("\r\n\r\nhello", await RawConnection.UntilClosedAsync(edge, Get), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Fills.Count == 0));
        string next = await RawConnection.UntilClosedAsync(edge, Get.Replace("/x", "/y", StringComparison.Ordinal));
        Assert.DoesNotContain("evil", next, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nhello", await RawConnection.UntilClosedAsync(edge, Get), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task A_status_without_body_has_none(int status)
    {
        await using var origin = new ScriptedOrigin(
            $"HTTP/1.1 {status} x\r\nCache-Control: max-age=60\r\nContent-Length: 4\r\n\r\nevil") { HangsUp = false };
        await using TestEdge edge = await TestEdge.StartAsync(origin.Yaml, "");
        Assert.DoesNotContain("evil", await RawConnection.UntilClosedAsync(edge, Get), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 500\r\n\r\nhello")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    public async Task A_body_that_stands_still_is_given_up_and_its_reader_told(string rest)
    {
        await using var origin = new ScriptedOrigin(Cacheable + rest) { HangsUp = false };
        await using TestEdge edge = await TestEdge.StartAsync(origin.Yaml, "");
        using RawConnection connection = await RawConnection.OpenAsync(edge);
        await connection.SendAsync(Get);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Store.InFlightBytes > 0 && origin.Asked == 1));
        Task<string> reading = connection.RestAsync();
        await Eventually.TrueAsync(() =>
        {
            // However far the edge has come when the clock moves, its limit begins anew with the last byte.
            edge.Time.Advance(TimeSpan.FromSeconds(61));
            return Task.FromResult(reading.IsCompleted);
        });
        Assert.DoesNotContain("\r\n0\r\n\r\n", await reading, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => Task.FromResult(origin.Left == 1));
        await NothingIsKeptAsync(edge);
    }

    [Fact]
    public async Task A_body_without_end_is_read_within_bounded_memory_and_left_when_its_reader_leaves()
    {
        const long memory = 8 << 20;
        string megabyte = "100000\r\n" + new string('x', 1 << 20) + "\r\n";
        await using var origin = new RawOrigin(Cacheable + "Transfer-Encoding: chunked\r\n\r\n", megabyte);
        await using TestEdge edge = await TestEdge.StartAsync($"url: \"{origin.Url}\", allow-private: true", "", memoryBytes: memory);
        using (HttpResponseMessage answer = await edge.GetAsync("/x"))
        {
            Stream body = await answer.Content.ReadAsStreamAsync();
            byte[] piece = new byte[1 << 20];
            for (int i = 0; i < 32; i++)
            {
                await body.ReadExactlyAsync(piece);
                Assert.InRange(edge.Plane.Store.Bytes + edge.Plane.Store.InFlightBytes, 0, memory);
            }
        }

        await Eventually.TrueAsync(() => Task.FromResult(origin.Served == 1));
        await NothingIsKeptAsync(edge);
    }

    private static async Task NothingIsKeptAsync(TestEdge edge)
    {
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Fills.Count == 0));
        Assert.Equal(0, edge.Plane.Store.Count);
        Assert.Equal(0, edge.Plane.Store.InFlightBytes);
    }
}
