using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Tests.Http;

namespace OrleansCdn.Edge.Tests.Attacks;

/// <summary>A body that nobody reads is never taken for the next request.</summary>
public sealed class UnreadBodyTests
{
    private const string Inner = "GET /inner HTTP/1.1\r\nHost: www.example.net\r\n\r\n";

    private static readonly RequestDelegate Cacheable = async context =>
    {
        context.Response.Headers.CacheControl = "max-age=60";
        await context.Response.WriteAsync(context.Request.Path);
    };

    public static TheoryData<string> Bodies => new(
        $"Content-Length: {Inner.Length}\r\n\r\n{Inner}",
        $"Transfer-Encoding: chunked\r\n\r\n{Inner.Length:x}\r\n{Inner}\r\n0\r\n\r\n");

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_hit_drains_the_body_of_its_request(string body)
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await edge.GetAsync("/x").TextAsync();
        using RawConnection connection = await RawConnection.OpenAsync(edge);
        await connection.SendAsync($"GET /x HTTP/1.1\r\nHost: {TestEdge.Host}\r\n{body}");
        (string head, string text) = await connection.ReadAsync();
        Assert.Contains("; hit;", head, StringComparison.Ordinal);
        Assert.Equal("/x", text);
        await connection.SendAsync($"GET /next HTTP/1.1\r\nHost: {TestEdge.Host}\r\nConnection: close\r\n\r\n");
        string rest = await connection.RestAsync();
        Assert.EndsWith("\r\n\r\n/next", rest, StringComparison.Ordinal);
        Assert.Equal(["/x", "/next"], origin.Requests.Select(r => r.Target));
    }

    [Fact]
    public async Task A_refusal_does_so_too()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Cacheable);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        using RawConnection connection = await RawConnection.OpenAsync(edge);
        await connection.SendAsync($"POST /x HTTP/1.1\r\nHost: evil.example\r\nContent-Length: {Inner.Length}\r\n\r\n{Inner}");
        (string head, _) = await connection.ReadAsync();
        Assert.StartsWith("HTTP/1.1 421 ", head, StringComparison.Ordinal);
        await connection.SendAsync($"GET /next HTTP/1.1\r\nHost: {TestEdge.Host}\r\nConnection: close\r\n\r\n");
        await connection.RestAsync();
        Assert.DoesNotContain(origin.Requests, r => r.Target == "/inner");
    }
}
