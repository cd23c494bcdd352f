using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using OrleansCdn.Cli.LabOrigin;

namespace OrleansCdn.Cli.Tests.LabOrigin;

public sealed class SampleOriginTests : IAsyncLifetime, IDisposable
{
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _app = OriginServer.Create(new IPEndPoint(IPAddress.Loopback, 0), new SampleOrigin(TimeProvider.System));
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task A_file_has_its_size_bytes_and_validators()
    {
        using HttpResponseMessage answer = await _http.GetAsync("/assets/3k.bin");
        byte[] body = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(Expected("/assets/3k.bin", 0, 3072), body);
        Assert.False(answer.Headers.ETag!.IsWeak);
        Assert.NotNull(answer.Content.Headers.LastModified);
        Assert.Equal(TimeSpan.FromHours(1), answer.Headers.CacheControl!.MaxAge);
        Assert.Equal("assets assets-3k", answer.Headers.GetValues("Surrogate-Key").Single());
    }

    [Fact]
    public async Task A_validator_that_matches_gets_304_without_body()
    {
        using HttpResponseMessage first = await _http.GetAsync("/assets/1k.bin");
        using var byTag = new HttpRequestMessage(HttpMethod.Get, "/assets/1k.bin");
        byTag.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using HttpResponseMessage notModified = await _http.SendAsync(byTag);
        Assert.Equal(HttpStatusCode.NotModified, notModified.StatusCode);
        Assert.Equal(first.Headers.ETag, notModified.Headers.ETag);

        using var byDate = new HttpRequestMessage(HttpMethod.Get, "/assets/1k.bin");
        byDate.Headers.IfModifiedSince = first.Content.Headers.LastModified;
        Assert.Equal(HttpStatusCode.NotModified, (await _http.SendAsync(byDate)).StatusCode);

        using var other = new HttpRequestMessage(HttpMethod.Get, "/assets/1k.bin");
        other.Headers.IfNoneMatch.Add(new EntityTagHeaderValue("\"other\""));
        Assert.Equal(HttpStatusCode.OK, (await _http.SendAsync(other)).StatusCode);
    }

    [Fact]
    public async Task A_range_far_inside_the_large_file_is_exact()
    {
        const long From = (1L << 31) - 1000;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/large/2g.bin");
        request.Headers.Range = new RangeHeaderValue(From, null);
        using HttpResponseMessage answer = await _http.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal($"bytes {From}-{(1L << 31) - 1}/{1L << 31}", answer.Content.Headers.ContentRange!.ToString());
        Assert.Equal(Expected("/large/2g.bin", From, 1000), await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_range_past_the_end_is_416()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/assets/1k.bin");
        request.Headers.Range = new RangeHeaderValue(1024, null);
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, (await _http.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Requests_are_counted_by_path_but_not_the_counting()
    {
        await _http.GetAsync("/assets/1k.bin?a");
        using HttpResponseMessage second = await _http.GetAsync("/assets/1k.bin?b");
        Assert.Equal("2", second.Headers.GetValues(SampleOrigin.RequestNumberField).Single());
        await _http.GetAsync("/nothing");
        await _http.GetAsync(RequestCounts.Path);
        Assert.Equal("""{"/assets/1k.bin":2,"/nothing":1}""", await _http.GetStringAsync(RequestCounts.Path));
        Assert.Equal(HttpStatusCode.NoContent, (await _http.DeleteAsync(RequestCounts.Path)).StatusCode);
        Assert.Equal("{}", await _http.GetStringAsync(RequestCounts.Path));
    }

    [Fact]
    public async Task Every_asset_that_a_page_names_exists()
    {
        string page = await _http.GetStringAsync("/pages/7");
        string[] paths = [.. page.Split('"').Where(p => p.StartsWith("/assets/", StringComparison.Ordinal) || p.StartsWith("/pages/", StringComparison.Ordinal))];
        Assert.Contains("/pages/8", paths);
        Assert.True(paths.Length >= 5);
        foreach (string path in paths)
        {
            Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(path)).StatusCode);
        }
    }

    [Theory]
    [InlineData("/fail", HttpStatusCode.InternalServerError)]
    [InlineData("/fail?status=503", HttpStatusCode.ServiceUnavailable)]
    [InlineData("/fail?status=700", HttpStatusCode.BadRequest)]
    [InlineData("/slow?ms=-1", HttpStatusCode.BadRequest)]
    [InlineData("/drip?bytes=99999999999", HttpStatusCode.BadRequest)]
    [InlineData("/assets/17g.bin", HttpStatusCode.NotFound)]
    [InlineData("/pages/0", HttpStatusCode.NotFound)]
    [InlineData("/slow?ms=0", HttpStatusCode.OK)]
    public async Task Statuses(string target, HttpStatusCode status) =>
        Assert.Equal(status, (await _http.GetAsync(target)).StatusCode);

    [Fact]
    public async Task Cacheability_is_as_the_path_says()
    {
        Assert.True((await _http.GetAsync("/uncacheable")).Headers.CacheControl!.NoStore);
        Assert.True((await _http.GetAsync("/cacheable-after?n=1")).Headers.CacheControl!.NoStore);
        Assert.False((await _http.GetAsync("/cacheable-after?n=1")).Headers.CacheControl!.NoStore);
        using HttpResponseMessage cached = await _http.GetAsync("/cached?max-age=5&tags=a,b");
        Assert.Equal(TimeSpan.FromSeconds(5), cached.Headers.CacheControl!.MaxAge);
        Assert.Equal("a b", cached.Headers.GetValues("Surrogate-Key").Single());
    }

    [Fact]
    public async Task Drip_gives_all_its_bytes() =>
        Assert.Equal("abcdefghijklmnopqrstuvwxyzab", await _http.GetStringAsync("/drip?bytes=28&ms=0"));

    [Fact]
    public async Task Echo_shows_what_came()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/echo?x=%2F");
        request.Headers.Add("X-Probe", "here");
        string text = await (await _http.SendAsync(request)).Content.ReadAsStringAsync();
        Assert.StartsWith("GET /echo?x=%2F HTTP/1.1\n", text, StringComparison.Ordinal);
        Assert.Contains("X-Probe: here\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Counting_is_bounded()
    {
        var counts = new RequestCounts();
        for (int i = 0; i < 20_000; i++)
        {
            counts.Add("/" + i);
        }

        SortedDictionary<string, long> all = counts.Snapshot();
        Assert.InRange(all.Count, 10_000, 10_001);
        Assert.Equal(10_000, all[RequestCounts.Others]);
        Assert.NotEmpty(JsonSerializer.Serialize(all));
    }

    private static byte[] Expected(string path, long from, int length)
    {
        var bytes = new byte[length];
        DeterministicBytes.Fill(DeterministicBytes.Seed(path), from, bytes);
        return bytes;
    }
}
