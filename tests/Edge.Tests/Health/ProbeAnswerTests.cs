using System.Net;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Tests.Http;

namespace OrleansCdn.Edge.Tests.Health;

/// <summary>What an edge says to the announcer beside it, and to nobody else.</summary>
public sealed class ProbeAnswerTests : IAsyncLifetime
{
    private const string Host = "probe.cdn.invalid";
    private const string Path = "/.well-known/cdn/probe/waw/waw1/0123456789abcdef";
    private const string Body = "cdn-probe waw/waw1 0123456789abcdef\n";

    private TestOrigin _origin = null!;
    private TestEdge _edge = null!;

    public async Task InitializeAsync()
    {
        _origin = await TestOrigin.StartAsync(context => context.Response.WriteAsync("the site's own"));
        _edge = await TestEdge.StartAsync(_origin);
    }

    public async Task DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _origin.DisposeAsync();
    }

    [Fact]
    public async Task It_names_the_server_and_repeats_the_question()
    {
        using HttpResponseMessage answer = await AskAsync(Path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Body, await answer.Content.ReadAsStringAsync());
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.Equal("waw; detail=probe", answer.Headers.GetValues("Cache-Status").Single());
        Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
        using HttpResponseMessage other = await AskAsync("/.well-known/cdn/probe/waw/waw1/f");
        Assert.Equal("cdn-probe waw/waw1 f\n", await other.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_head_has_the_length_and_no_body()
    {
        using HttpResponseMessage answer = await AskAsync(Path, HttpMethod.Head);
        Assert.Equal((HttpStatusCode.OK, Body.Length), (answer.StatusCode, answer.Content.Headers.ContentLength));
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("DELETE")]
    [InlineData("get")]
    public async Task Other_methods_are_refused(string method)
    {
        string answer = await _edge.RawAsync($"{method} {Path} HTTP/1.1\r\nHost: {Host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 405 ", answer, StringComparison.Ordinal);
        Assert.Contains("Allow: GET, HEAD\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("waw1", answer, StringComparison.Ordinal);
    }

    /// <summary>Whoever does not know this edge's name does not learn it, and learns of others nothing.</summary>
    [Theory]
    [InlineData("/.well-known/cdn/probe/waw/waw2/0123456789abcdef", HttpStatusCode.MisdirectedRequest)]
    [InlineData("/.well-known/cdn/probe/lax/waw1/0123456789abcdef", HttpStatusCode.MisdirectedRequest)]
    [InlineData("/.well-known/cdn/probe/WAW/waw1/0123456789abcdef", HttpStatusCode.MisdirectedRequest)]
    [InlineData("/.well-known/cdn/probe///0123456789abcdef", HttpStatusCode.MisdirectedRequest)]
    [InlineData("/.well-known/cdn/probe/waw/waw1/", HttpStatusCode.BadRequest)]
    [InlineData("/.well-known/cdn/probe/waw/waw1/0123456789ABCDEF", HttpStatusCode.BadRequest)]
    [InlineData("/.well-known/cdn/probe/waw/waw1/0123456789abcdef0123456789abcdef0", HttpStatusCode.BadRequest)]
    [InlineData("/.well-known/cdn/probe/waw/waw1/01%3Cscript%3E", HttpStatusCode.BadRequest)]
    [InlineData("/.well-known/cdn/probe/waw/waw1/01/02", HttpStatusCode.BadRequest)]
    [InlineData("/.well-known/cdn/probe/", HttpStatusCode.BadRequest)]
    public async Task Questions_for_others_and_nonsense_are_refused(string path, HttpStatusCode status)
    {
        using HttpResponseMessage answer = await AskAsync(path);
        Assert.Equal(status, answer.StatusCode);
        Assert.DoesNotContain("waw1", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_site_keeps_its_own_path()
    {
        using HttpResponseMessage answer = await _edge.GetAsync(Path);
        Assert.Equal("the site's own", await answer.Content.ReadAsStringAsync());
        using HttpResponseMessage port = await _edge.GetAsync(Path, ("Host", Host + ":80"));
        Assert.Equal(HttpStatusCode.MisdirectedRequest, port.StatusCode);
        using HttpResponseMessage elsewhere = await _edge.GetAsync("/.well-known/cdn/probe", ("Host", Host));
        Assert.Equal(HttpStatusCode.MisdirectedRequest, elsewhere.StatusCode); // no site has that host
    }

    /// <summary>The pipeline's own checks come first: what is not to be trusted to end where it says gets no 200.</summary>
    [Fact]
    public async Task What_is_refused_to_all_is_refused_here_too()
    {
        Assert.StartsWith(
            "HTTP/1.1 400 ",
            await _edge.RawAsync($"GET {Path} HTTP/1.1\r\nHost: {Host}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "HTTP/1.1 405 ", await _edge.RawAsync($"TRACE {Path} HTTP/1.1\r\nHost: {Host}\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_nobodys_request()
    {
        Assert.Equal(0, _edge.Metrics.Read(Counter.Requests));
        for (int i = 0; i < 3; i++)
        {
            (await AskAsync(Path)).Dispose();
        }

        Assert.Equal((0, 0), (_edge.Metrics.Read(Counter.Requests), _edge.Metrics.Read(Counter.Errors)));
        Assert.Empty(_origin.Requests);
        Assert.Equal(0, _edge.Plane.Store.Count);
    }

    /// <summary>Other edges do not ask this way.</summary>
    [Fact]
    public async Task The_listener_for_other_edges_does_not_answer_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _edge.PeerUrl + Path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Host = Host;
        using HttpResponseMessage answer = await _edge.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private Task<HttpResponseMessage> AskAsync(string path, HttpMethod? method = null) => _edge.SendAsync(method ?? HttpMethod.Get, path, ("Host", Host));
}
