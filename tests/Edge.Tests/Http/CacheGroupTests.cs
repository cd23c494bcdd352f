using System.Net;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Tests.Control;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>RFC 9875: what is stored under a group, and what an answer to an unsafe method does to it.</summary>
public sealed class CacheGroupTests : IDisposable
{
    private readonly TempDirectory _files = new();

    public void Dispose() => _files.Dispose();

    /// <summary>The path tells the groups: <c>/one+two/name</c>. <c>POST /do?groups</c> invalidates those; <c>code</c> is its status.</summary>
    private static Task<TestOrigin> OriginAsync() => TestOrigin.StartAsync(async context =>
    {
        string? groups = context.Request.Query["groups"];
        if (groups is not null)
        {
            context.Response.StatusCode = int.Parse(context.Request.Query["code"].FirstOrDefault() ?? "200");
            context.Response.Headers["Cache-Group-Invalidation"] = groups;
            return;
        }

        context.Response.Headers.CacheControl = "max-age=600";
        context.Response.Headers["Surrogate-Key"] = "news";
        context.Response.Headers["Cache-Groups"] = string.Join(", ", context.Request.Path.Value!.Split('/')[1].Split('+').Select(g => $"\"{g}\";p=1"));
        await context.Response.WriteAsync("x");
    });

    private static async Task<bool> IsHitAsync(TestEdge edge, string target, string host = TestEdge.Host)
    {
        using HttpResponseMessage response = await edge.GetAsync(target, ("Host", host));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await response.Content.ReadAsStringAsync();

        // The last byte may be here before the store has it.
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Fills.Count == 0));
        return response.CacheStatus().Contains("hit", StringComparison.Ordinal);
    }

    private static async Task InvalidateAsync(TestEdge edge, HttpMethod method, string groups, string host = TestEdge.Host, int code = 200)
    {
        using HttpResponseMessage response = await edge.SendAsync(method, $"/do?code={code}&groups={Uri.EscapeDataString(groups)}", ("Host", host));
        Assert.Equal(code, (int)response.StatusCode);
        Assert.Equal(groups, response.Headers.GetValues("Cache-Group-Invalidation").Single());
        await response.Content.ReadAsStringAsync();
    }

    [Fact]
    public async Task An_answer_to_an_unsafe_method_takes_the_groups_of_its_origin_and_nothing_else()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        (string Target, string Host)[] all =
        [
            ("/news/a", TestEdge.Host), ("/sport+news/b", TestEdge.Host), ("/sport/c", TestEdge.Host), ("/News/d", TestEdge.Host),
            ("/news/a", "a.wild.example.net"), ("/news/a", "other.example.net"),
        ];
        foreach ((string target, string host) in all)
        {
            Assert.False(await IsHitAsync(edge, target, host));
            Assert.True(await IsHitAsync(edge, target, host));
        }

        await InvalidateAsync(edge, HttpMethod.Post, "\"nothing\", \"news\"");
        bool[] hits = await Task.WhenAll(all.Select(o => IsHitAsync(edge, o.Target, o.Host)));
        Assert.Equal([false, false, true, true, true, true], hits);
        Assert.True(await IsHitAsync(edge, "/news/a"));

        // Of the other host of the same site.
        await InvalidateAsync(edge, HttpMethod.Delete, "\"news\"", "a.wild.example.net");
        Assert.True(await IsHitAsync(edge, "/news/a"));
        Assert.False(await IsHitAsync(edge, "/news/a", "a.wild.example.net"));
    }

    [Fact]
    public async Task Safe_methods_errors_and_what_is_no_list_of_strings_invalidate_nothing()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await IsHitAsync(edge, "/news/a");
        await InvalidateAsync(edge, HttpMethod.Get, "\"news\"");
        await InvalidateAsync(edge, HttpMethod.Options, "\"news\"");
        await InvalidateAsync(edge, new HttpMethod("PROPFIND"), "\"news\"");
        await InvalidateAsync(edge, HttpMethod.Post, "\"news\"", code: 404);
        await InvalidateAsync(edge, HttpMethod.Post, "news");
        await InvalidateAsync(edge, HttpMethod.Post, "\"news\", 1");
        await InvalidateAsync(edge, HttpMethod.Post, "(\"news\")");
        await InvalidateAsync(edge, HttpMethod.Post, "\"news\",");
        Assert.True(await IsHitAsync(edge, "/news/a"));
        await InvalidateAsync(edge, HttpMethod.Post, "\"news\"", code: 303);
        Assert.False(await IsHitAsync(edge, "/news/a"));
    }

    [Fact]
    public async Task A_tag_and_a_group_of_one_name_are_two_things()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await IsHitAsync(edge, "/sport/a");
        await InvalidateAsync(edge, HttpMethod.Post, "\"news\"");
        Assert.True(await IsHitAsync(edge, "/sport/a"));
        edge.Purge(PurgeKind.Tag, "sport");
        Assert.True(await IsHitAsync(edge, "/sport/a"));
        edge.Purge(PurgeKind.Tag, "news");
        Assert.False(await IsHitAsync(edge, "/sport/a"));
    }

    [Fact]
    public async Task What_was_on_its_way_when_its_group_was_invalidated_is_not_kept()
    {
        var held = new TaskCompletionSource();
        await using TestOrigin origin = await OriginAsync();
        RequestDelegate answer = origin.Answer;
        origin.Answer = async context =>
        {
            if (HttpMethods.IsGet(context.Request.Method))
            {
                await held.Task;
            }

            await answer(context);
        };
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Task<bool> first = IsHitAsync(edge, "/news/a");
        await Eventually.TrueAsync(() => Task.FromResult(origin.Requests.Count == 1));
        await InvalidateAsync(edge, HttpMethod.Post, "\"news\"");
        held.SetResult();
        Assert.False(await first);
        Assert.False(await IsHitAsync(edge, "/news/a"));
        Assert.True(await IsHitAsync(edge, "/news/a"));
    }

    [Fact]
    public async Task More_or_longer_groups_than_are_kept_are_a_loud_failure()
    {
        string groups = "";
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=600";
            context.Response.Headers["Cache-Groups"] = groups;
            await context.Response.WriteAsync("x");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        foreach ((string field, bool isStored) in new[]
        {
            (Many(1000), true), (Many(1001), false), (Many(1100), false), ($"\"{new string('g', 1024)}\"", true), ($"\"{new string('g', 1025)}\"", false),
            ("no, list", true),
        })
        {
            groups = field;
            using HttpResponseMessage response = await edge.GetAsync($"/{field.Length}");
            await response.Content.ReadAsStringAsync();
            Assert.Equal(isStored, response.CacheStatus().Contains("stored; ttl", StringComparison.Ordinal));
            Assert.Equal(!isStored, response.CacheStatus().Contains("too-many-tags", StringComparison.Ordinal));
        }

        static string Many(int count) => string.Join(',', Enumerable.Range(0, count).Select(n => $"\"{n}\""));
    }

    [Fact]
    public async Task Groups_reach_visitors_and_are_explained()
    {
        await using TestOrigin origin = await OriginAsync();
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        using HttpResponseMessage response = await edge.GetAsync("/sport+news/a");
        Assert.Equal("\"sport\";p=1, \"news\";p=1", response.Headers.GetValues("Cache-Groups").Single());
        await response.Content.ReadAsStringAsync();
        ExplainedVariant Explained() => edge.Plane.Explainer.ExplainAsync(
            new ExplainQuestion { Id = "q", Method = "GET", Url = $"http://{TestEdge.Host}/sport+news/a", Headers = [] }).GetAwaiter().GetResult().Variants.Single();
        Assert.Equal(["news"], Explained().Tags.Order());
        Assert.Equal(["news", "sport"], Explained().Groups.Order());
        Assert.Equal((1, 2, null), (Explained().TagCount, Explained().GroupCount, Explained().Purge));
        await InvalidateAsync(edge, HttpMethod.Post, "\"sport\"");
        Assert.Equal(new ExplainedPurge("group sport", Soft: false, 0, PurgeKind.Tag), Explained().Purge);
    }

    [Fact]
    public async Task An_invalidated_group_stays_so_over_a_restart_with_a_disk()
    {
        await using TestOrigin origin = await OriginAsync();
        var disk = new TestDisk(_files.File("disk"));
        await using (TestEdge edge = await TestEdge.StartAsync(origin, disk: disk))
        {
            await IsHitAsync(edge, "/news/a");
            await IsHitAsync(edge, "/sport/b");
            await Control.Eventually.IsTrueAsync(() => edge.Disk!.PendingBytes == 0 && edge.Disk.Count == 2, () => $"{edge.Disk!.Count} objects");
            await InvalidateAsync(edge, HttpMethod.Post, "\"news\"");
        }

        await using TestEdge again = await TestEdge.StartAsync(origin, disk: disk);
        Assert.True(await IsHitAsync(again, "/sport/b"));
        Assert.False(await IsHitAsync(again, "/news/a"));
    }

    [Fact]
    public void Groups_without_end_purge_their_site_and_no_other()
    {
        const string Url = "http://www.example.net/x";
        var index = new PurgeIndex();
        index.ApplyGap(new PurgeCursor("e", 0));
        long stamp = index.Applied;
        foreach (int[] some in Enumerable.Range(0, PurgeIndex.MaxGroupsPerSite).Chunk(1000))
        {
            index.InvalidateGroups("www", [.. some.Select(n => $"\nhttp://www.example.net\n{n}")]);
        }

        Assert.Equal(PurgeVerdict.Clear, index.Check("www", Url, [], stamp));
        Assert.True(index.IsCrowded);
        index.InvalidateGroups("www", ["\nhttp://www.example.net\none more"]);
        Assert.Equal(PurgeVerdict.Hard, index.Check("www", Url, [], stamp));
        Assert.Equal(PurgeVerdict.Clear, index.Check("other", Url, [], stamp));
        Assert.Equal(PurgeIndex.MaxGroupsPerSite + 1, index.Count);
        index.Forget(index.Applied);
        Assert.Equal((0, false), (index.Count, index.IsCrowded));
        Assert.Equal(new PurgeCursor("e", 0), index.Cursor);
    }
}
