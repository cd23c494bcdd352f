using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Tests.Control;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>A URL is purged as a visitor types it, whatever the site's key rules make of its query.</summary>
public sealed class PurgeByUrlTests : IDisposable
{
    private const string Keep = "cache: { default-ttl: 1h }";
    private const string Drop = "cache: { default-ttl: 1h, key: { query: drop, query-names: [\"utm_*\"] } }";
    private const string Ignore = "cache: { default-ttl: 1h, key: { query: ignore } }";

    private readonly TempDirectory _files = new();

    public void Dispose() => _files.Dispose();

    private static Task<TestOrigin> OriginAsync() => TestOrigin.StartAsync(async context =>
    {
        context.Response.Headers.ETag = "\"e\"";
        await context.Response.WriteAsync("body");
    });

    private static string Url(string target) => $"http://{TestEdge.Host}{target}";

    /// <summary>Stores it, unless it is stored.</summary>
    private static async Task<bool> IsStoredAsync(TestEdge edge, TestOrigin origin, string target)
    {
        int before = origin.Requests.Count;
        await edge.GetAsync(target).TextAsync();
        await Http.Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Fills.Count == 0));
        return origin.Requests.Count == before;
    }

    private static void Apply(TestEdge edge, TestOrigin origin, string siteYaml) => edge.Apply(TestEdge.Config($"url: {origin.Url}, allow-private: true", siteYaml));

    [Theory]
    [InlineData(Drop, "/a?x=1", "/a?utm_source=n&x=1")]
    [InlineData(Drop, "/a?utm_medium=m&x=1", "/a?utm_source=n&x=1")]
    [InlineData(Drop, "/a?utm_medium=m", "/a")]
    [InlineData(Drop, "/a", "/a?utm_medium=m")]
    [InlineData("cache: { default-ttl: 1h, key: { sort-query: true } }", "/a?b=2&a=1", "/a?a=1&b=2")]
    [InlineData("cache: { default-ttl: 1h, key: { sort-query: true } }", "/a?a=1&b=2", "/a?b=2&a=1")]
    [InlineData("cache: { default-ttl: 1h, key: { query: drop, query-names: [\"utm_*\"], sort-query: true } }", "/a?b=2&utm_x=3&a=1", "/a?utm_y=1&b=2&a=1")]
    [InlineData("cache: { default-ttl: 1h, key: { query: only, query-names: [page] } }", "/a?page=2&q=1", "/a?z=9&page=2")]
    [InlineData(Ignore, "/a?x=1", "/a?y=2")]
    [InlineData(Ignore, "/a?x=1", "/a")]
    [InlineData("cache: { default-ttl: 1h, rules: [ { path: \"/a\", key: { query: ignore } } ] }", "/a?x=1", "/a?y=2")]
    public async Task Every_url_that_leads_to_an_object_purges_it(string siteYaml, string asked, string purged)
    {
        await using TestOrigin origin = await OriginAsync();
        foreach (bool soft in new[] { false, true })
        {
            await using TestEdge edge = await TestEdge.StartAsync(origin, siteYaml);
            Assert.False(await IsStoredAsync(edge, origin, asked));
            Assert.False(await IsStoredAsync(edge, origin, "/other?x=1"));
            Assert.True(await IsStoredAsync(edge, origin, asked));
            edge.Purge(PurgeKind.Url, Url(purged), soft, site: "other");
            Assert.True(await IsStoredAsync(edge, origin, asked), "a purge of another site reached this one");
            edge.Purge(PurgeKind.Url, Url(purged), soft);
            Assert.False(await IsStoredAsync(edge, origin, asked));
            Assert.True(await IsStoredAsync(edge, origin, asked));
            Assert.True(await IsStoredAsync(edge, origin, "/other?x=1"));
        }
    }

    [Fact]
    public async Task What_was_stored_under_the_url_as_it_stands_is_purged_under_rules_that_came_later()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, Keep);
        await IsStoredAsync(edge, origin, "/a?x=1");
        await IsStoredAsync(edge, origin, "/a");
        Apply(edge, origin, Ignore);
        edge.Purge(PurgeKind.Url, Url("/a?x=1"));
        Assert.False(await IsStoredAsync(edge, origin, "/a"));
        Apply(edge, origin, Keep);
        Assert.False(await IsStoredAsync(edge, origin, "/a?x=1"));
    }

    [Fact]
    public async Task A_purge_that_came_before_the_config_that_it_was_meant_for_holds_under_it()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin, Keep);
        await IsStoredAsync(edge, origin, "/a");
        await IsStoredAsync(edge, origin, "/new");
        edge.Purge(PurgeKind.Url, Url("/a?x=1"));
        edge.Purge(PurgeKind.Url, Url("/new"));
        edge.Purge(PurgeKind.Url, Url("/new?x=1"));
        Assert.True(await IsStoredAsync(edge, origin, "/a"));
        Assert.False(await IsStoredAsync(edge, origin, "/new"));
        Apply(edge, origin, Ignore);
        Assert.False(await IsStoredAsync(edge, origin, "/a?x=1"));
        Assert.True(await IsStoredAsync(edge, origin, "/new"), "what was stored after the purge went with it");
        long applied = edge.State.Purges.Applied;
        Apply(edge, origin, Ignore);
        Assert.Equal(applied, edge.State.Purges.Applied);
    }

    [Fact]
    public async Task It_holds_across_a_restart_under_other_rules()
    {
        await using TestOrigin origin = await OriginAsync();
        var disk = new TestDisk(_files.File("disk"));
        await using (TestEdge edge = await TestEdge.StartAsync(origin, Ignore, disk: disk))
        {
            await IsStoredAsync(edge, origin, "/a?x=1");
            await IsStoredAsync(edge, origin, "/b");
            await Control.Eventually.IsTrueAsync(() => edge.Disk!.PendingBytes == 0 && edge.Disk.Count == 2);
            edge.Purge(PurgeKind.Url, Url("/a?y=2"));
            disk.Saved = edge.State.Purges.Cursor;
        }

        await using TestEdge again = await TestEdge.StartAsync(origin, Keep, disk: disk);
        Assert.True(await IsStoredAsync(again, origin, "/b"));
        Assert.False(await IsStoredAsync(again, origin, "/a"));
    }

    /// <summary>The purge is in the journal under its URL as it stands; the next config sends the URL elsewhere.</summary>
    [Fact]
    public async Task A_config_that_comes_later_is_in_the_journal_too()
    {
        await using TestOrigin origin = await OriginAsync();
        var disk = new TestDisk(_files.File("disk"));
        await using (TestEdge edge = await TestEdge.StartAsync(origin, Keep, disk: disk))
        {
            await IsStoredAsync(edge, origin, "/a");
            await Control.Eventually.IsTrueAsync(() => edge.Disk!.PendingBytes == 0 && edge.Disk.Count == 1);
            edge.Purge(PurgeKind.Url, Url("/a?y=2"));
            disk.Saved = edge.State.Purges.Cursor;
            Apply(edge, origin, Ignore);
        }

        await using TestEdge again = await TestEdge.StartAsync(origin, Ignore, disk: disk);
        Assert.Equal(disk.Saved, again.State.Purges.Cursor);
        Assert.False(await IsStoredAsync(again, origin, "/a?y=2"));
    }
}
