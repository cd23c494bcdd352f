using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Tests.Http;

namespace OrleansCdn.Edge.Tests.Attacks;

/// <summary>Nothing is upgraded (RFC 9110 §7.8): there is no way around the pipeline to an origin.</summary>
public sealed class UpgradeTests
{
    [Theory]
    [InlineData("Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nConnection: Upgrade, HTTP2-Settings\r\n")]
    [InlineData("Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nConnection: Upgrade\r\n")]
    [InlineData("Upgrade: h2c\r\n")]
    public async Task An_upgrade_is_passed_over_and_ends_here(string fields)
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            context.Response.ContentLength = 2;
            await context.Response.WriteAsync("ok");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        using RawConnection connection = await RawConnection.OpenAsync(edge);
        await connection.SendAsync($"GET /x HTTP/1.1\r\nHost: {TestEdge.Host}\r\n{fields}\r\n");
        (string head, string body) = await connection.ReadAsync();
        Assert.StartsWith("HTTP/1.1 200 ", head, StringComparison.Ordinal);
        Assert.Equal("ok", body);

        // Still HTTP/1.1, each request through the pipeline.
        await connection.SendAsync("GET /x HTTP/1.1\r\nHost: evil.example\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 421 ", (await connection.ReadAsync()).Head, StringComparison.Ordinal);
        OriginRequest seen = Assert.Single(origin.Requests);
        Assert.Null(seen["Upgrade"]);
        Assert.Null(seen["HTTP2-Settings"]);
        Assert.DoesNotContain("pgrade", seen["Connection"] ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_origin_that_switches_protocols_unasked_is_502()
    {
        await using var origin = new ScriptedOrigin("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nraw bytes");
        await using TestEdge edge = await TestEdge.StartAsync(origin.Yaml, "");
        string answer = await RawConnection.UntilClosedAsync(
            edge, $"GET /x HTTP/1.1\r\nHost: {TestEdge.Host}\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 502 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("raw bytes", answer, StringComparison.Ordinal);
        Assert.Equal(0, edge.Plane.Store.Count);
    }

    [Fact]
    public async Task Http2_without_having_been_agreed_on_is_not_spoken()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(_ => Task.CompletedTask);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string answer = await RawConnection.UntilClosedAsync(edge, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0");
        Assert.DoesNotContain("200", answer, StringComparison.Ordinal);
        Assert.Empty(origin.Requests);
    }
}
