using System.Net;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Tests.Control;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>What an edge makes of what it has stored while it hears from no silo.</summary>
public sealed class CutOffTests
{
    private const string Revalidate = "when-cut-off: { after: 60s, policy: revalidate }";

    private readonly SiloContact _contact = new();
    private string _cacheControl = "max-age=3600";
    private string _body = "one";
    private int _status = 200;

    /// <summary>Its validator is its body.</summary>
    private Task<TestOrigin> OriginAsync() => TestOrigin.StartAsync(async context =>
    {
        context.Response.Headers.CacheControl = _cacheControl;
        context.Response.Headers.ETag = $"\"{_body}\"";
        context.Response.StatusCode = _status;
        if (_status == 200 && context.Request.Headers.IfNoneMatch == $"\"{_body}\"")
        {
            context.Response.StatusCode = 304;
            return;
        }

        await context.Response.WriteAsync(_body);
    });

    private Task<TestEdge> EdgeAsync(TestOrigin origin, string site, TestDisk? disk = null) => TestEdge.StartAsync(origin, site, disk: disk, contact: _contact);

    private void Hear(TestEdge edge) => _contact.Knew(edge.Time.MonotonicSeconds());

    [Fact]
    public async Task What_is_older_than_the_site_allows_is_confirmed_and_then_used_again()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await EdgeAsync(origin, Revalidate);
        Hear(edge);
        await edge.GetAsync("/x").TextAsync();
        edge.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.StartsWith("waw; hit", (await edge.GetAsync("/x")).CacheStatus(), StringComparison.Ordinal);
        Assert.Single(origin.Requests);

        edge.Time.Advance(TimeSpan.FromSeconds(1));
        HttpResponseMessage confirmed = await edge.GetAsync("/x");
        Assert.Equal("one", await confirmed.Content.ReadAsStringAsync());
        Assert.Contains("fwd=stale; fwd-status=304", confirmed.CacheStatus(), StringComparison.Ordinal);
        Assert.Equal("\"one\"", origin.Requests.Last()["If-None-Match"]);
        Assert.Equal(2, origin.Requests.Count);

        // Confirmed a moment ago: a purge that is missed now was missed for less than the site allows.
        edge.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.StartsWith("waw; hit", (await edge.GetAsync("/x")).CacheStatus(), StringComparison.Ordinal);
        Assert.Equal(2, origin.Requests.Count);

        // Changed and purged, and the purge did not come here.
        _body = "two";
        edge.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("two", await edge.GetAsync("/x").TextAsync());
    }

    [Fact]
    public async Task When_contact_is_back_what_was_stored_is_used_as_before()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await EdgeAsync(origin, Revalidate);
        Hear(edge);
        await edge.GetAsync("/kept").TextAsync();
        await edge.GetAsync("/purged").TextAsync();
        edge.Time.Advance(TimeSpan.FromSeconds(600));
        Assert.Equal(ExplainVerdict.Stale, (await Explain(edge, "/kept")).Verdict);

        edge.Purge(PurgeKind.Url, $"http://{TestEdge.Host}/purged");
        Hear(edge);
        Assert.StartsWith("waw; hit", (await edge.GetAsync("/kept")).CacheStatus(), StringComparison.Ordinal);
        Assert.Contains("fwd=uri-miss", (await edge.GetAsync("/purged")).CacheStatus(), StringComparison.Ordinal);
        Assert.Null((await Explain(edge, "/kept")).CutOff);
    }

    [Theory]
    [InlineData("")]
    [InlineData("when-cut-off: { after: 60s, policy: serve }")]
    [InlineData("when-cut-off: { after: 60s, policy: drain }")]
    public async Task Other_policies_serve_on(string site)
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await EdgeAsync(origin, site);
        Hear(edge);
        await edge.GetAsync("/x").TextAsync();
        edge.Time.Advance(TimeSpan.FromSeconds(3000));
        Assert.StartsWith("waw; hit", (await edge.GetAsync("/x")).CacheStatus(), StringComparison.Ordinal);
        Assert.Single(origin.Requests);
        Assert.Equal(site.Contains("drain", StringComparison.Ordinal) ? 1 : 0, edge.Metrics.Condition().CutOff!.Draining);
    }

    [Fact]
    public async Task Nothing_is_served_ahead_of_its_confirmation_where_the_origin_allows_that_for_what_is_stale()
    {
        _cacheControl = "max-age=10, stale-while-revalidate=3600";
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await EdgeAsync(origin, Revalidate);
        await edge.GetAsync("/x").TextAsync();
        _body = "two";
        edge.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("two", await edge.GetAsync("/x").TextAsync());
    }

    [Theory]
    [InlineData("max-age=3600", HttpStatusCode.OK)]
    [InlineData("max-age=30, stale-if-error=3600", HttpStatusCode.OK)]
    [InlineData("max-age=30, stale-if-error=0", HttpStatusCode.ServiceUnavailable)]
    [InlineData("max-age=3600, must-revalidate", HttpStatusCode.ServiceUnavailable)]
    public async Task An_origin_that_fails_as_well_leaves_what_lifetime_and_grace_allow(string cacheControl, HttpStatusCode expected)
    {
        _cacheControl = cacheControl;
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await EdgeAsync(origin, Revalidate);
        await edge.GetAsync("/x").TextAsync();
        _status = 503;
        edge.Time.Advance(TimeSpan.FromSeconds(61));
        HttpResponseMessage answer = await edge.GetAsync("/x");
        Assert.Equal(expected, answer.StatusCode);
        if (expected == HttpStatusCode.OK)
        {
            Assert.Equal("one", await answer.Content.ReadAsStringAsync());
            Assert.Contains("; detail=", answer.CacheStatus(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_origin_behind_a_cache_of_its_own_is_not_asked_again_and_again()
    {
        await using TestOrigin origin = await OriginAsync();
        RequestDelegate plain = origin.Answer;
        origin.Answer = context =>
        {
            context.Response.Headers.Age = "900";
            return plain(context);
        };
        await using TestEdge edge = await EdgeAsync(origin, Revalidate);
        for (int i = 0; i < 5; i++)
        {
            await edge.GetAsync("/x").TextAsync();
        }

        Assert.Single(origin.Requests);
    }

    /// <summary>Small ones move to memory, large ones are read from disk: neither without having been confirmed.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4_000_000)]
    public async Task After_a_restart_without_silo_what_is_on_disk_is_confirmed_first(int size)
    {
        using var files = new TempDirectory();
        var disk = new TestDisk(files.File("disk"));
        _body = new string('a', size);
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = _cacheControl;
            context.Response.Headers.ETag = $"\"{_body[0]}\"";
            if (context.Request.Headers.IfNoneMatch == $"\"{_body[0]}\"")
            {
                context.Response.StatusCode = 304;
                return;
            }

            context.Response.ContentLength = size;
            await context.Response.WriteAsync(_body);
        });
        await using (TestEdge edge = await EdgeAsync(origin, Revalidate, disk))
        {
            await edge.GetAsync("/x").TextAsync();
            await Control.Eventually.IsTrueAsync(() => edge.Disk!.PendingBytes == 0 && edge.Disk.Count == 1, () => $"{edge.Disk!.Count} objects");
        }

        disk.Now = disk.Now.AddSeconds(100);
        await using TestEdge again = await EdgeAsync(origin, Revalidate, disk);
        Assert.Equal(_body, await again.GetAsync("/x").TextAsync());
        Assert.Equal(2, origin.Requests.Count);
        Assert.NotNull(origin.Requests.Last()["If-None-Match"]);

        _body = new string('b', size);
        again.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(_body, await again.GetAsync("/x").TextAsync());
    }

    [Fact]
    public async Task Explanations_say_it()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await EdgeAsync(origin, Revalidate + "\ndebug-key: 0123456789abcdef");
        await edge.GetAsync("/x").TextAsync();
        Assert.Equal(new ExplainedCutOff(CutOffPolicy.Revalidate, 60, null), (await Explain(edge, "/x")).CutOff);
        Assert.Equal(ExplainVerdict.Fresh, (await Explain(edge, "/x")).Verdict);

        Hear(edge);
        edge.Time.Advance(TimeSpan.FromSeconds(61));
        Explanation stale = await Explain(edge, "/x");
        Assert.Equal((ExplainVerdict.Stale, new ExplainedCutOff(CutOffPolicy.Revalidate, 60, 61)), (stale.Verdict, stale.CutOff));
        Assert.Contains("cut off", stale.Detail, StringComparison.Ordinal);
        using HttpResponseMessage told = await edge.GetAsync("/x", ("Cdn-Debug", "0123456789abcdef"));
        Assert.Contains("verdict=stale", told.Headers.GetValues("Cdn-Explain").Single(), StringComparison.Ordinal);
        Assert.Contains("cut-off=revalidate; cut-off-for=61", told.Headers.GetValues("Cdn-Explain").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Contact_is_never_lost_by_an_older_word_and_never_had_before_the_first()
    {
        var contact = new SiloContact();
        Assert.True(contact.IsCutOff(60, 0));
        Assert.False(contact.IsCutOff(double.PositiveInfinity, 0));
        Assert.Null(contact.Silence(5));
        contact.Knew(100);
        contact.Knew(90);
        Assert.False(contact.IsCutOff(60, 160));
        Assert.True(contact.IsCutOff(60, 160.5));
        Assert.Equal(TimeSpan.FromSeconds(70), contact.Silence(170));
        Assert.False(SiloContact.NotNeeded.IsCutOff(60, 1e12));
        Assert.Equal(TimeSpan.Zero, SiloContact.NotNeeded.Silence(1e12));
    }

    private static Task<Explanation> Explain(TestEdge edge, string target) => edge.Plane.Explainer.ExplainAsync(
        new ExplainQuestion { Id = "q", Method = "GET", Url = $"http://{TestEdge.Host}{target}", Headers = [] });
}
