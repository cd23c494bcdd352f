using System.Net;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Http;
using OrleansCdn.Edge.Tests.Http;

namespace OrleansCdn.Edge.Tests.Attacks;

/// <summary>Many variants, many parts and requests that go round in a circle cost no more than their limits.</summary>
public sealed class ExhaustionTests
{
    private const int MiB = 1 << 20;

    [Fact]
    public async Task Variants_of_one_url_are_capped_and_the_site_goes_on()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(VaryingAsync("User-Agent"));
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        for (int i = 0; i < CachedResource.MaxVariants + 20; i++)
        {
            await edge.GetAsync("/x", ("User-Agent", $"bot/{i}")).TextAsync();
        }

        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Fills.Count == 0));
        Assert.Equal(CachedResource.MaxVariants, edge.Plane.Store.Count);
        string last = $"bot/{CachedResource.MaxVariants + 19}";
        Assert.Contains("; hit;", (await edge.GetAsync("/x", ("User-Agent", last))).CacheStatus(), StringComparison.Ordinal);
        Assert.Equal("bot/0", await edge.GetAsync("/x", ("User-Agent", "bot/0")).TextAsync());
    }

    [Fact]
    public async Task Long_values_that_a_response_varies_by_are_within_the_stores_memory()
    {
        const int memory = 2 * MiB;
        await using TestOrigin origin = await TestOrigin.StartAsync(VaryingAsync("X-Choice"));
        await using TestEdge edge = await TestEdge.StartAsync(origin, memoryBytes: memory);
        for (int i = 0; i < 200; i++)
        {
            await edge.GetAsync($"/{i % 10}", ("X-Choice", new string('x', 20_000) + i)).TextAsync();
            Assert.InRange(edge.Plane.Store.Bytes + edge.Plane.Store.InFlightBytes, 0, memory);
        }

        // Each counts with what it is selected by: 40,000 bytes of text.
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Fills.Count == 0));
        Assert.InRange(edge.Plane.Store.Count, 1, memory / 40_000);
    }

    [Fact]
    public async Task All_spellings_of_Accept_Encoding_are_the_eight_variants_there_are()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(VaryingAsync("Accept-Encoding"));
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string[] codings = ["gzip", "br", "zstd", "GZIP", "x-gzip", "deflate", "identity", "*", "gzip;q=0", "br;q=0.000", "zstd;q=1", "nonsense", " ", "gzip ; q=0.5"];
        var random = new Random(1);
        for (int i = 0; i < 300; i++)
        {
            string value = string.Join(random.Next(2) == 0 ? "," : " , ", Enumerable.Range(0, random.Next(1, 6)).Select(_ => codings[random.Next(codings.Length)]));
            await edge.GetAsync("/x", ("Accept-Encoding", value)).TextAsync();
        }

        Assert.InRange(origin.Requests.Count, 2, 8);
        Assert.InRange(edge.Plane.Store.Count, 2, 8);
    }

    [Theory]
    [InlineData("bytes=0-0", true)]
    [InlineData("bytes=-1", true)]
    [InlineData("bytes=0-0", false)]
    [InlineData("bytes=-1", false)]
    public async Task One_byte_of_each_of_many_objects_costs_the_origin_no_more_than_a_visitors_budget(string range, bool doesRanges)
    {
        var film = new SyntheticObject(6 * MiB) { DoesRanges = doesRanges };
        await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        const int asked = 120;
        byte[] expected = range == "bytes=-1" ? film.Bytes(film.Length - 1, film.Length - 1) : film.Bytes(0, 0);
        for (int i = 0; i < asked; i++)
        {
            using HttpResponseMessage answer = await edge.GetAsync($"/film?{i}", ("Range", range));
            if (answer.StatusCode == HttpStatusCode.PartialContent)
            {
                Assert.Equal(expected, await answer.Content.ReadAsByteArrayAsync());
            }
            else
            {
                // What is passed on as it is costs the visitor as much as the origin.
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                Assert.Equal(film.Length, (await answer.Content.ReadAsByteArrayAsync()).Length);
            }
        }

        long sentOn = edge.Metrics.Read(Counter.BytesSent);
        Assert.InRange(film.Sent, 0, sentOn + RangeBudget.CapacityBytes + (2 * film.Length));
    }

    [Fact]
    public async Task Many_overlapping_parts_are_the_whole_and_are_fetched_once()
    {
        var film = new SyntheticObject(3 * MiB);
        await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string[] ranges =
        [
            "bytes=" + string.Join(',', Enumerable.Repeat("0-", 1000)),
            "bytes=" + string.Join(',', Enumerable.Range(0, 1000).Select(i => $"{i}-")),
            "bytes=" + string.Join(',', Enumerable.Range(0, 60).Select(i => $"{i * 5}-{(i * 5) + 1}")),
            "bytes=0-,0-,0-",
            "bytes=-1,-2,-3,-4",
        ];
        foreach (string range in ranges)
        {
            using HttpResponseMessage answer = await edge.GetAsync("/film", ("Range", range));
            byte[] body = await answer.Content.ReadAsByteArrayAsync();
            Assert.InRange(body.Length, 1, film.Length);
            Assert.InRange(film.Sent, 0, film.Length);
        }

        Assert.DoesNotContain(origin.Requests, request => (request["Range"] ?? "").Contains(','));
    }

    [Fact]
    public async Task Nor_do_they_reach_an_origin_whose_answers_are_not_stored()
    {
        var film = new SyntheticObject(MiB) { CacheControl = "no-store" };
        await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string[] hostile = ["bytes=" + string.Join(',', Enumerable.Repeat("0-", 1000)), "bytes=0-,0-", "bytes=0-9,5-", "bytes=-1,-2", "bytes=x", "bytes=5-1"];
        await edge.GetAsync("/film", ("Range", "bytes=0-0")).TextAsync();
        foreach (string range in hostile)
        {
            using HttpResponseMessage answer = await edge.GetAsync("/film", ("Range", range));
            Assert.Equal(film.Length, (await answer.Content.ReadAsByteArrayAsync()).Length);
            Assert.Null(origin.Requests.Last()["Range"]);
        }

        // What is asked for in good order goes on.
        foreach (string range in new[] { "bytes=5-9", "bytes=0-1,500000-500001", "bytes=-5" })
        {
            using HttpResponseMessage answer = await edge.SendAsync(HttpMethod.Head, "/film", ("Range", range));
            Assert.Equal(range, origin.Requests.Last()["Range"]);
        }
    }

    [Theory]
    [InlineData("CDN-Loop: testcdn\r\n")]
    [InlineData("CDN-Loop: TestCDN\r\n")]
    [InlineData("cdn-loop: testcdn; v=1; a=\"b\"\r\n")]
    [InlineData("CDN-Loop: other.example, testcdn\r\n")]
    [InlineData("CDN-Loop: other.example\r\nCDN-Loop: testcdn\r\n")]
    [InlineData("CDN-Loop: a;x=\"1,2\" ,\ttestcdn ;v=2, b\r\n")]
    [InlineData("CDN-Loop: testcdn\r\nConnection: CDN-Loop\r\n")]
    public async Task A_request_that_has_been_here_goes_round_no_more(string fields)
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(VaryingAsync("X-Choice"));
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        foreach (string method in new[] { "GET", "POST" })
        {
            using RawConnection connection = await RawConnection.OpenAsync(edge);
            await connection.SendAsync($"{method} /x HTTP/1.1\r\nHost: {TestEdge.Host}\r\nContent-Length: 0\r\n{fields}\r\n");
            Assert.StartsWith("HTTP/1.1 508 ", (await connection.ReadAsync()).Head, StringComparison.Ordinal);
        }

        Assert.Empty(origin.Requests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("CDN-Loop: other.example\r\n")]
    [InlineData("CDN-Loop: testcdn2, nottestcdn\r\n")]
    [InlineData("CDN-Loop: other.example\r\nConnection: CDN-Loop, close\r\n")]
    public async Task A_request_that_goes_on_says_that_it_was_here_and_where_it_was_before(string fields)
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(VaryingAsync("X-Choice"));
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        using RawConnection connection = await RawConnection.OpenAsync(edge);
        await connection.SendAsync($"POST /x HTTP/1.1\r\nHost: {TestEdge.Host}\r\nContent-Length: 0\r\n{fields}\r\n");
        await connection.ReadAsync();
        string loop = Assert.Single(origin.Requests)["CDN-Loop"]!;
        string before = fields.Length == 0 ? "" : fields["CDN-Loop: ".Length..].Split("\r\n")[0];
        Assert.Equal([.. before.Split(", ", StringSplitOptions.RemoveEmptyEntries), "testcdn"], loop.Split([", ", ","], StringSplitOptions.RemoveEmptyEntries));
    }

    private static RequestDelegate VaryingAsync(string name) => async context =>
    {
        string value = context.Request.Headers[name].ToString();
        string text = value.Length > 100 ? "long" : value;
        context.Response.Headers.CacheControl = "max-age=60";
        context.Response.Headers.Vary = name;
        context.Response.ContentLength = text.Length;
        await context.Response.WriteAsync(text);
    };
}
