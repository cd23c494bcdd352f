using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Tests.Http;

namespace OrleansCdn.Edge.Tests.Rules;

/// <summary>Compression at the edge, over sockets.</summary>
public sealed class CompressionTests
{
    private static readonly string Text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i % 97} of a text; "));

    private const string On = "compression: { min-size: 1KiB }";

    private static Task<TestOrigin> OriginAsync(string type = "text/html", params (string Name, string Value)[] fields) => TestOrigin.StartAsync(async context =>
    {
        context.Response.ContentType = type;
        context.Response.Headers.CacheControl = "max-age=60";
        context.Response.Headers.ETag = "\"v1\"";
        foreach ((string name, string value) in fields)
        {
            context.Response.Headers[name] = value;
        }

        if (context.Request.Headers.IfNoneMatch == "\"v1\"")
        {
            context.Response.StatusCode = 304;
            return;
        }

        await context.Response.WriteAsync(context.Request.Path == "/small" ? "small" : Text);
    });

    /// <summary>Asks until the answer comes in the coding.</summary>
    private static async Task<HttpResponseMessage> CodedAsync(TestEdge edge, string coding, string accept)
    {
        HttpResponseMessage? answer = null;
        await Eventually.TrueAsync(async () =>
        {
            answer = await edge.GetAsync("/x", ("Accept-Encoding", accept));
            return answer.Content.Headers.ContentEncoding.Contains(coding);
        });
        return answer!;
    }

    private static async Task<string> DecodedAsync(HttpResponseMessage answer)
    {
        Stream body = await answer.Content.ReadAsStreamAsync();
        await using Stream decoder = answer.Content.Headers.ContentEncoding.Single() == "br"
            ? new BrotliStream(body, CompressionMode.Decompress)
            : new GZipStream(body, CompressionMode.Decompress);
        using var reader = new StreamReader(decoder, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    [Theory]
    [InlineData("br", "gzip, deflate, br, zstd")]
    [InlineData("gzip", "gzip, deflate")]
    public async Task What_was_prewarmed_is_there_compressed_for_the_first_visitor(string coding, string accept)
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, On);
        var batch = new PrewarmBatch
        {
            Job = "j", Site = "www", Cursor = new PurgeCursor("e", 0), Encodings = [.. Enum.GetValues<PrewarmEncoding>()],
            Tasks = [new PrewarmTask(0, "http://www.example.net/x")],
        };
        PrewarmResult result = await edge.Plane.Prewarmer.RunAsync(batch, batch.Tasks[0], CancellationToken.None);
        Assert.Equal((PrewarmOutcome.Stored, 1), (result.Outcome, result.OriginFetches));
        HttpResponseMessage first = await edge.GetAsync("/x", ("Accept-Encoding", accept));
        Assert.Equal(coding, Assert.Single(first.Content.Headers.ContentEncoding));
        Assert.Equal(Text, await DecodedAsync(first));
        Assert.Single(origin.Requests);
    }

    [Theory]
    [InlineData("br", "gzip, deflate, br, zstd")]
    [InlineData("gzip", "gzip, deflate")]
    [InlineData("gzip", "gzip, br;q=0")]
    public async Task The_first_get_what_came_and_the_later_ones_less(string coding, string accept)
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, On);
        HttpResponseMessage first = await edge.GetAsync("/x", ("Accept-Encoding", accept));
        Assert.Equal(Text, await first.Content.ReadAsStringAsync());
        Assert.Equal(("Accept-Encoding", "\"v1\""), (first.Headers.Vary.ToString(), first.Headers.ETag!.ToString()));

        HttpResponseMessage coded = await CodedAsync(edge, coding, accept);
        Assert.Equal(("Accept-Encoding", "W/\"v1\""), (coded.Headers.Vary.ToString(), coded.Headers.ETag!.ToString()));
        Assert.True(coded.Content.Headers.ContentLength < Text.Length / 5);
        Assert.Contains("; hit", coded.CacheStatus(), StringComparison.Ordinal);
        Assert.Equal(Text, await DecodedAsync(coded));

        // Whoever asks for none gets none.
        HttpResponseMessage plain = await edge.GetAsync("/x");
        Assert.Equal(Text, await plain.Content.ReadAsStringAsync());
        Assert.Equal("Accept-Encoding", plain.Headers.Vary.ToString());
        Assert.Single(origin.Requests);
    }

    [Fact]
    public async Task Its_tag_confirms_it_and_parts_of_it_are_not_given()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, On);
        HttpResponseMessage coded = await CodedAsync(edge, "br", "br");
        string tag = coded.Headers.ETag!.ToString();
        HttpResponseMessage same = await edge.GetAsync("/x", ("Accept-Encoding", "br"), ("If-None-Match", tag));
        Assert.Equal((HttpStatusCode.NotModified, tag), (same.StatusCode, same.Headers.ETag!.ToString()));
        HttpResponseMessage part = await edge.GetAsync("/x", ("Accept-Encoding", "br"), ("Range", "bytes=0-9"));
        Assert.Equal((HttpStatusCode.OK, coded.Content.Headers.ContentLength), (part.StatusCode, part.Content.Headers.ContentLength));
        HttpResponseMessage plainPart = await edge.GetAsync("/x", ("Range", "bytes=0-3"));
        Assert.Equal((HttpStatusCode.PartialContent, "line"), (plainPart.StatusCode, await plainPart.Content.ReadAsStringAsync()));
        HttpResponseMessage head = await edge.SendAsync(HttpMethod.Head, "/x", ("Accept-Encoding", "br"));
        Assert.Equal(coded.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task It_is_kept_when_the_origin_confirms_and_goes_with_a_purge()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, On);
        await CodedAsync(edge, "br", "br");
        edge.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Contains("fwd-status=304", (await edge.GetAsync("/x", ("Accept-Encoding", "br"))).CacheStatus(), StringComparison.Ordinal);
        Assert.Contains("br", (await edge.GetAsync("/x", ("Accept-Encoding", "br"))).Content.Headers.ContentEncoding);
        edge.Purge(PurgeKind.Url, $"http://{TestEdge.Host}/x");
        HttpResponseMessage anew = await edge.GetAsync("/x", ("Accept-Encoding", "br"));
        Assert.Empty(anew.Content.Headers.ContentEncoding);
        Assert.Equal(3, origin.Requests.Count);
    }

    [Theory]
    [InlineData("image/png", "/x", null, null)]
    [InlineData("text/html", "/small", null, null)]
    [InlineData("text/html", "/x", "Cache-Control", "max-age=60, no-transform")]
    [InlineData("text/html", "/x", "Content-Encoding", "gzip")]
    public async Task What_is_not_to_be_compressed_is_not(string type, string target, string? name, string? value)
    {
        await using TestOrigin origin = await OriginAsync(type, name is null ? [] : [(name, value!)]);
        await using TestEdge edge = await TestEdge.StartAsync(origin, On);
        for (int i = 0; i < 3; i++)
        {
            await edge.GetAsync(target, ("Accept-Encoding", "br")).TextAsync();
        }

        // When its worker has ended, whatever it would have made is there.
        Assert.True(edge.Plane.Store.TryGet(new CacheKey("www", false, TestEdge.Host, target), out CachedResource? resource));
        edge.Plane.Compressor.Dispose();
        await edge.Plane.Compressor.Worker;
        Assert.Null(Assert.Single(resource.Variants).Codings[ContentCoding.Brotli]);
    }

    [Fact]
    public async Task A_site_that_does_not_ask_for_it_sends_what_came()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await edge.GetAsync("/x", ("Accept-Encoding", "br")).TextAsync();
        HttpResponseMessage hit = await edge.GetAsync("/x", ("Accept-Encoding", "br"));
        Assert.Empty(hit.Headers.Vary);
        Assert.Equal("\"v1\"", hit.Headers.ETag!.ToString());
    }

    [Fact]
    public async Task Its_memory_is_the_stores()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, On);
        await edge.GetAsync("/x").TextAsync();
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Store.InFlightBytes == 0));
        long before = edge.Plane.Store.Bytes;
        HttpResponseMessage coded = await CodedAsync(edge, "gzip", "gzip");
        Assert.True(edge.Plane.Store.Bytes >= before + coded.Content.Headers.ContentLength);
        Assert.Equal(0, edge.Plane.Store.InFlightBytes);
        edge.Plane.Store.Remove(edge.Plane.Store.Enumerate().Single());
        Assert.Equal(0, edge.Plane.Store.Bytes);
    }
}
