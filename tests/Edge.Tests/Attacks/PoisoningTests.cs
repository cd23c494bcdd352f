using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Tests.Http;

namespace OrleansCdn.Edge.Tests.Attacks;

/// <summary>What one visitor sends and the key does not have must not change what the next one gets.</summary>
public sealed class PoisoningTests
{
    /// <summary>An origin that believes every field: the answer tells all that it was told.</summary>
    private static readonly RequestDelegate Reflecting = async context =>
    {
        context.Response.Headers.CacheControl = "max-age=60";
        await context.Response.WriteAsync(string.Join('\n', context.Request.Headers.Select(h => $"{h.Key}: {h.Value}")));
    };

    [Theory]
    [InlineData("X-Forwarded-Host")]
    [InlineData("X-Forwarded-Proto")]
    [InlineData("X-Forwarded-Port")]
    [InlineData("X-Forwarded-Scheme")]
    [InlineData("X-Forwarded-Prefix")]
    [InlineData("X-Forwarded-For")]
    [InlineData("Forwarded")]
    [InlineData("X-Host")]
    [InlineData("X-Original-Host")]
    [InlineData("X-HTTP-Host-Override")]
    [InlineData("X-Original-URL")]
    [InlineData("X-Rewrite-URL")]
    [InlineData("X-HTTP-Method-Override")]
    [InlineData("X-HTTP-Method")]
    [InlineData("X-Method-Override")]
    [InlineData("Front-End-Https")]
    [InlineData("Proxy")]
    [InlineData("Client-Cert")]
    public async Task A_field_that_says_what_was_asked_for_reaches_no_shared_object(string name)
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Reflecting);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string attack = await RawConnection.UntilClosedAsync(
            edge, $"GET /x HTTP/1.1\r\nHost: {TestEdge.Host}\r\n{name}: evil.example\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", attack, StringComparison.Ordinal);
        HttpResponseMessage answer = await edge.GetAsync("/x");
        Assert.Contains("hit", answer.CacheStatus(), StringComparison.Ordinal);
        Assert.DoesNotContain("evil", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(Assert.Single(origin.Requests).Headers, h => h.Value.Contains("evil", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("X-Original-URL")]
    [InlineData("X-Rewrite-URL")]
    [InlineData("X-Forwarded-Host")]
    [InlineData("X-Forwarded-Prefix")]
    public async Task Nor_does_it_get_around_the_path_of_what_is_passed_through(string name)
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Reflecting);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await edge.SendAsync(HttpMethod.Post, "/x", (name, "/evil")).TextAsync();
        Assert.DoesNotContain(Assert.Single(origin.Requests).Headers, h => h.Value.Contains("evil", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_method_override_is_for_requests_that_may_change_something()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Reflecting);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await edge.SendAsync(HttpMethod.Post, "/x", ("X-HTTP-Method-Override", "PATCH")).TextAsync();
        await edge.SendAsync(HttpMethod.Head, "/x", ("X-HTTP-Method-Override", "DELETE"));
        Assert.Equal("PATCH", origin.Requests.First()["X-HTTP-Method-Override"]);
        Assert.Null(origin.Requests.Last()["X-HTTP-Method-Override"]);
    }

    [Fact]
    public async Task The_host_is_part_of_the_key_also_between_hosts_of_one_site()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Reflecting);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        foreach (string host in new[] { "a.wild.example.net", "b.wild.example.net", TestEdge.Host, TestEdge.Host + ":8080", "other.example.net" })
        {
            string body = await edge.GetAsync("/x", ("Host", host)).TextAsync();
            Assert.Contains($"Host: {host}\n", body + "\n", StringComparison.Ordinal);
        }

        Assert.Equal(5, origin.Requests.Count);
    }

    [Theory]
    [InlineData("GET http://www.example.net/x HTTP/1.1\r\nHost: other.example.net\r\n", "www.example.net")]
    [InlineData("GET http://other.example.net/x HTTP/1.1\r\nHost: www.example.net\r\n", "other.example.net")]
    public async Task An_absolute_target_beats_Host_and_the_origin_hears_of_no_other(string start, string expected)
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Reflecting);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string answer = await RawConnection.UntilClosedAsync(edge, start + "Connection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        OriginRequest seen = Assert.Single(origin.Requests);
        Assert.Equal(expected, seen["Host"]);
        Assert.Equal(expected, seen["X-Forwarded-Host"]);
        Assert.Contains("hit", (await edge.GetAsync("/x", ("Host", expected))).CacheStatus(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host: www.example.net\r\nHost: www.example.net\r\n")]
    [InlineData("Host: www.example.net\r\nHost: other.example.net\r\n")]
    [InlineData("Host: www.example.net, other.example.net\r\n")]
    [InlineData("Host: www.example.net/x\r\n")]
    [InlineData("Host: user@www.example.net\r\n")]
    [InlineData("Host : www.example.net\r\n")]
    [InlineData("Host: www.example.net:99999\r\n")]
    public async Task A_host_that_may_be_read_in_two_ways_is_400_or_421(string fields)
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Reflecting);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string answer = await RawConnection.UntilClosedAsync(edge, $"GET /x HTTP/1.1\r\n{fields}Connection: close\r\n\r\n");
        Assert.Matches("^HTTP/1.1 (400|421) ", answer);
        Assert.Empty(origin.Requests);
    }

    [Fact]
    public async Task A_path_is_neither_tidied_nor_decoded_so_that_edge_and_origin_read_the_same()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            string target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            context.Response.Headers.CacheControl = "max-age=60";
            context.Response.ContentLength = target.Length;
            await context.Response.WriteAsync(target);
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string[] targets =
        [
            "/b", "/a/../b", "/a/%2e%2e/b", "/a/%2E%2E/b", "/./b", "//b", "/b/", "/b;x", "/b;x=1", "/%62", "/b%2f", "/b%2F", "/b%23", "/b%3f", "/b?", "/b?%61=1",
            "/b?a=1", "/a\\b", "/a%5cb", "/b%0d%0aX:1",
        ];
        for (int round = 0; round < 2; round++)
        {
            foreach (string target in targets)
            {
                string answer = await RawConnection.UntilClosedAsync(edge, $"GET {target} HTTP/1.1\r\nHost: {TestEdge.Host}\r\nConnection: close\r\n\r\n");
                Assert.EndsWith($"\r\n\r\n{target}", answer, StringComparison.Ordinal);
            }
        }

        Assert.Equal(targets, origin.Requests.Select(r => r.Target));
    }
}
