using System.Net;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Http;

namespace OrleansCdn.Edge.Tests.Http;

public sealed class RangeDeliveryTests
{
    private const string Film = "/film.mp4";
    private const int MiB = 1024 * 1024;

    [Theory]
    [InlineData(50_000, true)]
    [InlineData(50_000, false)]
    [InlineData(5 * MiB, true)]
    [InlineData(5 * MiB, false)]
    public async Task Several_parts_come_as_multipart(int length, bool isStoredBefore)
    {
        var film = new SyntheticObject(length);
        await using TestOrigin origin = await TestOrigin.StartAsync(context =>
        {
            context.Response.ContentType = "video/mp4";
            return film.AnswerAsync(context);
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        if (isStoredBefore)
        {
            await (await edge.GetAsync(Film)).Content.ReadAsByteArrayAsync();
            await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Fills.Count == 0));
        }

        using HttpResponseMessage several = await edge.GetAsync(Film, ("Range", $"bytes={length - 2000}-{length - 1000},100-199,-5"));
        Assert.Equal(HttpStatusCode.PartialContent, several.StatusCode);
        Assert.Null(several.Content.Headers.ContentRange);
        var parts = MultipartBody.Read(several.Content.Headers, await several.Content.ReadAsByteArrayAsync());
        Assert.Equal([(length - 2000, length - 1000), (100, 199), (length - 5, length - 1)], parts.Select(p => (p.First, p.Last)));
        Assert.All(parts, p => Assert.Equal(length, p.Total));
        Assert.All(parts, p => Assert.Equal(film.Bytes(p.First, p.Last), p.Bytes));

        // Overlapping or too many: the whole.
        foreach (string range in new[] { "bytes=0-100,50-200", "bytes=" + string.Join(',', Enumerable.Range(0, 11).Select(i => $"{i * 1000}-{i * 1000}")) })
        {
            using HttpResponseMessage whole = await edge.GetAsync(Film, ("Range", range));
            Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
            Assert.True((await whole.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(film.Bytes(0, length - 1)));
        }
    }

    [Theory]
    [InlineData(50_000)]
    [InlineData(5 * MiB)]
    public async Task If_range_gives_the_part_of_the_same_and_the_whole_of_another(int length)
    {
        var film = new SyntheticObject(length);
        string modified = "Sat, 01 Jan 2000 00:00:00 GMT";
        await using TestOrigin origin = await TestOrigin.StartAsync(context =>
        {
            context.Response.Headers.LastModified = modified;
            return film.AnswerAsync(context);
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        foreach ((string validator, HttpStatusCode expected) in new[]
        {
            ("\"v1\"", HttpStatusCode.PartialContent), ("W/\"v1\"", HttpStatusCode.OK), ("\"v0\"", HttpStatusCode.OK),
            (modified, HttpStatusCode.PartialContent), ("Sun, 02 Jan 2000 00:00:00 GMT", HttpStatusCode.OK), ("rubbish", HttpStatusCode.OK),
        })
        {
            using HttpResponseMessage answer = await edge.GetAsync(Film, ("Range", "bytes=1000-1009"), ("If-Range", validator));
            Assert.Equal(expected, answer.StatusCode);
            byte[] body = await answer.Content.ReadAsByteArrayAsync();
            Assert.True(body.AsSpan().SequenceEqual(expected == HttpStatusCode.OK ? film.Bytes(0, length - 1) : film.Bytes(1000, 1009)));
        }

        // Of a cold object too, where only the origin knows, and past its end.
        using HttpResponseMessage past = await edge.GetAsync("/cold.mp4", ("Range", $"bytes={length + MiB}-"), ("If-Range", "\"v0\""));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, past.StatusCode); // this origin looks at the range alone
    }

    [Fact]
    public async Task A_date_in_the_same_second_as_the_response_is_no_strong_validator()
    {
        var film = new SyntheticObject(50_000) { ETag = null };
        await using TestOrigin origin = await TestOrigin.StartAsync(context =>
        {
            context.Response.Headers.Date = context.Response.Headers.LastModified = "Sat, 01 Jan 2000 00:00:00 GMT";
            return film.AnswerAsync(context);
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin, "cache: { rules: [ { ttl: 1h } ] }");
        await (await edge.GetAsync(Film)).Content.ReadAsByteArrayAsync();
        using HttpResponseMessage answer = await edge.GetAsync(Film, ("Range", "bytes=0-9"), ("If-Range", "Sat, 01 Jan 2000 00:00:00 GMT"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_part_near_to_what_a_fill_has_read_joins_it_and_one_far_away_goes_by_blocks()
    {
        var film = new SyntheticObject(20 * MiB);
        var gate = new TaskCompletionSource();
        film.BeforeBody = context => context.Response.StatusCode == StatusCodes.Status200OK ? gate.Task : Task.CompletedTask;
        await using TestOrigin origin = await TestOrigin.StartAsync(film.AnswerAsync);
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Task<byte[]> whole = WholeAsync();
        await Eventually.TrueAsync(() => Task.FromResult(film.Asked.Count == 1));
        Task<HttpResponseMessage> near = edge.GetAsync(Film, ("Range", "bytes=10-19"));
        await Eventually.TrueAsync(() => Task.FromResult(edge.Metrics.Read(Counter.Coalesced) == 1));
        using HttpResponseMessage far = await edge.GetAsync(Film, ("Range", $"bytes={15 * MiB}-{(15 * MiB) + 9}"));
        Assert.Equal(film.Bytes(15 * MiB, (15 * MiB) + 9), await far.Content.ReadAsByteArrayAsync());
        Assert.Equal(2, film.Asked.Count);
        gate.SetResult();
        Assert.Equal(film.Bytes(10, 19), await (await near).Content.ReadAsByteArrayAsync());
        Assert.True((await whole).AsSpan().SequenceEqual(film.Bytes(0, film.Length - 1)));
        Assert.Equal(2, film.Asked.Count);

        async Task<byte[]> WholeAsync() => await (await edge.GetAsync(Film)).Content.ReadAsByteArrayAsync();
    }

    [Fact]
    public void A_visitors_account_is_that_of_its_network_and_refills()
    {
        var time = new OrleansCdn.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch);
        var budget = new RangeBudget(time);
        Assert.Same(budget.Of(IPAddress.Parse("2001:db8::1")), budget.Of(IPAddress.Parse("2001:db8::ffff:1")));
        Assert.NotSame(budget.Of(IPAddress.Parse("2001:db8::1")), budget.Of(IPAddress.Parse("2001:db8:0:1::1")));
        Assert.Same(budget.Of(IPAddress.Parse("192.0.2.1")), budget.Of(IPAddress.Parse("::ffff:192.0.2.1")));
        Assert.NotSame(budget.Of(IPAddress.Parse("192.0.2.1")), budget.Of(IPAddress.Parse("192.0.2.2")));

        RangeAccount account = budget.Of(IPAddress.Parse("192.0.2.1"));
        Assert.True(account.TryTake(RangeBudget.CapacityBytes, 0));
        Assert.False(account.TryTake(1, 0));
        account.Give(5);
        Assert.True(account.TryTake(5, 0));
        Assert.True(account.TryTake(RangeBudget.RefillBytesPerSecond, 1));
        Assert.False(account.TryTake(1, 1));
        Assert.False(account.TryTake(RangeBudget.CapacityBytes + 1, 1_000_000));

        for (int i = 0; i < 100_000; i++)
        {
            budget.Of(new IPAddress(i + 1L));
        }

        Assert.InRange(budget.Count, 1, 65_536);
    }
}
