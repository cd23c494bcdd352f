using System.Net;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Tests.Http;

public sealed class CachingTests
{
    private static RequestDelegate Text(string text, string cacheControl, params (string Name, string Value)[] headers) => async context =>
    {
        context.Response.Headers.CacheControl = cacheControl;
        foreach ((string name, string value) in headers)
        {
            context.Response.Headers.Append(name, value);
        }

        await context.Response.WriteAsync(text);
    };

    [Fact]
    public async Task A_fresh_object_is_served_from_memory_and_says_so()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Text("hello", "max-age=60", ("Surrogate-Key", "a b"), ("ETag", "\"1\"")));
        await using TestEdge edge = await TestEdge.StartAsync(origin);

        HttpResponseMessage miss = await edge.GetAsync("/x?q=1");
        Assert.Equal("hello", await miss.Content.ReadAsStringAsync());
        Assert.Equal("waw; fwd=uri-miss; fwd-status=200; stored; ttl=60", miss.CacheStatus());
        Assert.False(miss.Headers.Contains("Surrogate-Key"));
        Assert.Equal("1.1 testcdn", miss.Headers.Via.ToString());

        edge.Time.Advance(TimeSpan.FromSeconds(2.5));
        HttpResponseMessage hit = await edge.GetAsync("/x?q=1");
        Assert.Equal("hello", await hit.Content.ReadAsStringAsync());
        Assert.Equal("waw; hit; ttl=57", hit.CacheStatus());
        Assert.Equal(TimeSpan.FromSeconds(2), hit.Headers.Age);
        Assert.False(hit.Headers.Contains("Surrogate-Key"));
        Assert.Single(origin.Requests);
    }

    [Fact]
    public async Task A_stale_object_is_confirmed_with_its_validators_and_fresh_again()
    {
        int version = 1;
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=10";
            context.Response.Headers.ETag = $"\"v{version}\"";
            context.Response.Headers["X-Version"] = version.ToString();
            if (context.Request.Headers.IfNoneMatch == $"\"v{version}\"")
            {
                context.Response.Headers["X-Version"] = "confirmed";
                context.Response.StatusCode = 304;
                return;
            }

            await context.Response.WriteAsync($"version {version}");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);

        Assert.Equal("version 1", await edge.GetAsync("/x").TextAsync());
        edge.Time.Advance(TimeSpan.FromSeconds(11));
        HttpResponseMessage confirmed = await edge.GetAsync("/x");
        Assert.Equal("version 1", await confirmed.Content.ReadAsStringAsync());
        Assert.Equal("waw; fwd=stale; fwd-status=304; stored; ttl=10", confirmed.CacheStatus());
        Assert.Equal("confirmed", confirmed.Headers.GetValues("X-Version").Single());
        HttpResponseMessage hit = await edge.GetAsync("/x");
        Assert.StartsWith("waw; hit", hit.CacheStatus(), StringComparison.Ordinal);

        version = 2;
        edge.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("version 2", await edge.GetAsync("/x").TextAsync());
        Assert.Equal("version 2", await edge.GetAsync("/x").TextAsync());
        Assert.Equal(3, origin.Requests.Count);
    }

    [Fact]
    public async Task Variants_are_kept_apart_by_the_fields_that_Vary_names()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            context.Response.Headers.Vary = "Accept-Language";
            await context.Response.WriteAsync($"in {context.Request.Headers.AcceptLanguage}");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);

        for (int round = 0; round < 2; round++)
        {
            foreach (string language in new[] { "pl", "en", "de" })
            {
                Assert.Equal($"in {language}", await edge.GetAsync("/x", ("Accept-Language", language)).TextAsync());
            }
        }

        Assert.Equal("in ", await edge.GetAsync("/x").TextAsync());
        Assert.Equal(4, origin.Requests.Count);
    }

    [Fact]
    public async Task The_many_spellings_of_Accept_Encoding_are_few_variants_and_the_origin_sees_the_same()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Text("x", "max-age=60", ("Vary", "Accept-Encoding")));
        await using TestEdge edge = await TestEdge.StartAsync(origin);

        foreach (string spelling in new[] { "gzip, deflate, br", "br;q=1.0, gzip;q=0.8, *;q=0.1", "BR, x-gzip", "gzip,br, zstd;q=0" })
        {
            await edge.GetAsync("/x", ("Accept-Encoding", spelling)).TextAsync();
        }

        Assert.Equal("br, gzip", Assert.Single(origin.Requests)["Accept-Encoding"]);
        await edge.GetAsync("/x", ("Accept-Encoding", "gzip")).TextAsync();
        Assert.Equal(2, origin.Requests.Count);
    }

    [Theory]
    [InlineData("no-store", null, null)]
    [InlineData("private, max-age=60", null, null)]
    [InlineData("max-age=60", "Set-Cookie", "a=b")]
    [InlineData("max-age=60", "Vary", "Accept, *")]
    [InlineData("", null, null)]
    public async Task What_may_not_be_shared_is_not_stored(string cacheControl, string? header, string? value)
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(
            Text("x", cacheControl, header is null ? [] : [(header, value!)]));
        await using TestEdge edge = await TestEdge.StartAsync(origin);

        for (int i = 1; i <= 3; i++)
        {
            HttpResponseMessage answer = await edge.GetAsync("/x");
            Assert.Equal("x", await answer.Content.ReadAsStringAsync());
            Assert.Contains("detail=not-stored", answer.CacheStatus(), StringComparison.Ordinal);
            Assert.Equal(i, origin.Requests.Count);
        }

        Assert.Equal(0, edge.Plane.Store.Count);
    }

    [Fact]
    public async Task Answers_to_authorized_requests_are_shared_only_when_the_origin_says_so()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = context.Request.Path == "/public" ? "public, max-age=60" : "max-age=60";
            await context.Response.WriteAsync(context.Request.Headers.Authorization.ToString());
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);

        Assert.Equal("alice", await edge.GetAsync("/own", ("Authorization", "alice")).TextAsync());
        Assert.Equal("bob", await edge.GetAsync("/own", ("Authorization", "bob")).TextAsync());
        Assert.Equal("alice", await edge.GetAsync("/public", ("Authorization", "alice")).TextAsync());
        Assert.Equal("alice", await edge.GetAsync("/public").TextAsync());
    }

    [Fact]
    public async Task Stale_while_revalidate_serves_at_once_and_refreshes_once()
    {
        int version = 0;
        var gate = new TaskCompletionSource();
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            int own = Interlocked.Increment(ref version);
            if (own > 1)
            {
                await gate.Task;
            }

            context.Response.Headers.CacheControl = "max-age=10, stale-while-revalidate=60";
            await context.Response.WriteAsync($"{own}");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);

        await edge.GetAsync("/x").TextAsync();
        edge.Time.Advance(TimeSpan.FromSeconds(20));
        for (int i = 0; i < 10; i++)
        {
            HttpResponseMessage stale = await edge.GetAsync("/x");
            Assert.Equal("1", await stale.Content.ReadAsStringAsync());
            Assert.Equal("waw; hit; ttl=-10", stale.CacheStatus());
        }

        gate.SetResult();
        await Eventually.TrueAsync(async () => await edge.GetAsync("/x").TextAsync() == "2");
        Assert.Equal(2, origin.Requests.Count);
    }

    [Fact]
    public async Task A_stale_object_stands_in_for_an_origin_that_fails_within_grace_and_not_against_must_revalidate()
    {
        bool fails = false;
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            if (fails)
            {
                context.Response.StatusCode = 503;
                return;
            }

            context.Response.Headers.CacheControl = context.Request.Path == "/strict" ? "max-age=10, must-revalidate" : "max-age=10";
            await context.Response.WriteAsync("good");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin, "cache: { grace: 60s }");

        await edge.GetAsync("/x").TextAsync();
        await edge.GetAsync("/strict").TextAsync();
        fails = true;
        edge.Time.Advance(TimeSpan.FromSeconds(30));
        HttpResponseMessage stale = await edge.GetAsync("/x");
        Assert.Equal(HttpStatusCode.OK, stale.StatusCode);
        Assert.Equal("waw; hit; ttl=-20; detail=origin-error-status", stale.CacheStatus());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await edge.GetAsync("/strict")).StatusCode);

        edge.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await edge.GetAsync("/x")).StatusCode);
        fails = false;
        Assert.Equal("good", await edge.GetAsync("/x").TextAsync());
    }

    [Fact]
    public async Task Conditions_of_the_visitor_are_answered_from_the_cache()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(
            Text("hello", "max-age=60", ("ETag", "W/\"a,b\""), ("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")));
        await using TestEdge edge = await TestEdge.StartAsync(origin);

        // Also on the miss: the fill is not conditional, the answer to the visitor is.
        Assert.Equal(HttpStatusCode.NotModified, (await edge.GetAsync("/x", ("If-None-Match", "\"z\", \"a,b\""))).StatusCode);
        Assert.Null(origin.Requests.Single()["If-None-Match"]);
        Assert.Equal(HttpStatusCode.NotModified, (await edge.GetAsync("/x", ("If-None-Match", "*"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await edge.GetAsync("/x", ("If-None-Match", "\"a\", \"b\""))).StatusCode);
        Assert.Equal(HttpStatusCode.NotModified, (await edge.GetAsync("/x", ("If-Modified-Since", "Thu, 01 Jan 2026 00:00:00 GMT"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await edge.GetAsync("/x", ("If-Modified-Since", "Wed, 31 Dec 2025 00:00:00 GMT"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await edge.GetAsync("/x", ("If-None-Match", "\"z\""), ("If-Modified-Since", "Thu, 01 Jan 2026 00:00:00 GMT"))).StatusCode);
        Assert.Single(origin.Requests);
    }

    [Fact]
    public async Task Ranges_of_a_stored_object_are_cut_exactly()
    {
        byte[] bytes = new byte[300_000];
        new Random(1).NextBytes(bytes);
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            context.Response.Headers.ETag = "\"e\"";
            await context.Response.Body.WriteAsync(bytes);
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Assert.Equal(bytes, await (await edge.GetAsync("/x")).Content.ReadAsByteArrayAsync());

        foreach ((string range, int first, int last) in new[] { ("bytes=0-0", 0, 0), ("bytes=65530-65545", 65530, 65545), ("bytes=299990-", 299990, 299999), ("bytes=-5", 299995, 299999), ("bytes=100-999999", 100, 299999) })
        {
            HttpResponseMessage part = await edge.GetAsync("/x", ("Range", range));
            Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
            Assert.Equal($"bytes {first}-{last}/300000", part.Content.Headers.ContentRange!.ToString());
            Assert.Equal(bytes[first..(last + 1)], await part.Content.ReadAsByteArrayAsync());
        }

        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, (await edge.GetAsync("/x", ("Range", "bytes=300000-"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await edge.GetAsync("/x", ("Range", "bytes=0-1"), ("If-Range", "\"other\""))).StatusCode);
        Assert.Equal(HttpStatusCode.PartialContent, (await edge.GetAsync("/x", ("Range", "bytes=0-1"), ("If-Range", "\"e\""))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await edge.GetAsync("/x", ("Range", "lines=1-2"))).StatusCode);
        Assert.Single(origin.Requests);
    }

    [Fact]
    public async Task Head_is_answered_from_a_stored_Get()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Text("hello", "max-age=60"));
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await edge.GetAsync("/x").TextAsync();

        HttpResponseMessage head = await edge.SendAsync(HttpMethod.Head, "/x");
        Assert.Equal(5, head.Content.Headers.ContentLength);
        Assert.Equal("waw; hit; ttl=60", head.CacheStatus());
        Assert.Single(origin.Requests);
    }

    [Fact]
    public async Task An_unsafe_method_passes_with_its_body_and_invalidates_the_url()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Text("hello", "max-age=60"));
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await edge.GetAsync("/x").TextAsync();

        using var post = new HttpRequestMessage(HttpMethod.Post, edge.PublicUrl + "/x") { Content = new StringContent("payload") };
        post.Headers.Host = TestEdge.Host;
        HttpResponseMessage answer = await edge.Client.SendAsync(post);
        Assert.Equal("waw; fwd=method; fwd-status=200; detail=not-stored-method", answer.CacheStatus());
        Assert.Equal("payload"u8.ToArray(), origin.Requests.Last().Body);
        await edge.GetAsync("/x").TextAsync();
        Assert.Equal(3, origin.Requests.Count);
    }

    [Fact]
    public async Task Purges_by_url_tag_and_site_hold_and_reach_nobody_else()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=600";
            context.Response.Headers["Surrogate-Key"] = context.Request.Path.Value!.Trim('/');
            await context.Response.WriteAsync("x");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        async Task<string[]> Statuses()
        {
            var statuses = new List<string>();
            foreach ((string path, string host) in new[] { ("/a", TestEdge.Host), ("/b", TestEdge.Host), ("/c", TestEdge.Host), ("/a", "other.example.net") })
            {
                HttpResponseMessage answer = await edge.GetAsync(path, ("Host", host));
                statuses.Add(answer.CacheStatus().Contains("hit", StringComparison.Ordinal) ? "hit" : "miss");
                await answer.Content.ReadAsStringAsync();
            }

            return [.. statuses];
        }

        await Statuses();
        Assert.Equal(["hit", "hit", "hit", "hit"], await Statuses());
        edge.Purge(PurgeKind.Tag, "a");
        Assert.Equal(["miss", "hit", "hit", "hit"], await Statuses());
        edge.Purge(PurgeKind.Url, $"http://{TestEdge.Host}/b");
        Assert.Equal(["hit", "miss", "hit", "hit"], await Statuses());
        edge.Purge(PurgeKind.Site, "");
        Assert.Equal(["miss", "miss", "miss", "hit"], await Statuses());
        edge.Purge(PurgeKind.Tag, "a", site: "other");
        Assert.Equal(["hit", "hit", "hit", "miss"], await Statuses());
        edge.State.Purges.ApplyGap(new PurgeCursor("another log", 0));
        Assert.Equal(["miss", "miss", "miss", "miss"], await Statuses());
        Assert.Equal(["hit", "hit", "hit", "hit"], await Statuses());
    }

    [Fact]
    public async Task Purges_by_prefix_and_host_cover_both_schemes_and_all_ports_of_the_host_alone()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=600";
            await context.Response.WriteAsync("x");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        async Task<string[]> Statuses()
        {
            var statuses = new List<string>();
            foreach ((string path, string host) in new[]
            {
                ("/img/a", TestEdge.Host), ("/img/a?v=2", TestEdge.Host), ("/imgs", TestEdge.Host), ("/img/a", TestEdge.Host + ":8080"), ("/img/a", "x.wild.example.net"),
            })
            {
                HttpResponseMessage answer = await edge.GetAsync(path, ("Host", host));
                statuses.Add(answer.CacheStatus().Contains("hit", StringComparison.Ordinal) ? "hit" : "miss");
                await answer.Content.ReadAsStringAsync();
            }

            return [.. statuses];
        }

        await Statuses();
        Assert.Equal(["hit", "hit", "hit", "hit", "hit"], await Statuses());
        edge.Purge(PurgeKind.Prefix, $"{TestEdge.Host}/img/");
        Assert.Equal(["miss", "miss", "hit", "hit", "hit"], await Statuses());
        edge.Purge(PurgeKind.Prefix, $"{TestEdge.Host}:8080/");
        Assert.Equal(["hit", "hit", "hit", "miss", "hit"], await Statuses());
        edge.Purge(PurgeKind.Host, TestEdge.Host);
        Assert.Equal(["miss", "miss", "miss", "miss", "hit"], await Statuses());
        edge.Purge(PurgeKind.Host, "x.wild.example.net", site: "other");
        Assert.Equal(["hit", "hit", "hit", "hit", "hit"], await Statuses());
        edge.Plane.Sweeper.Sweep();
        Assert.Equal(["hit", "hit", "hit", "hit", "hit"], await Statuses());
    }

    [Fact]
    public async Task A_soft_purge_ends_the_lifetime_and_keeps_the_validators()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=600";
            context.Response.Headers.ETag = "\"e\"";
            if (context.Request.Headers.IfNoneMatch == "\"e\"")
            {
                context.Response.StatusCode = 304;
                return;
            }

            await context.Response.WriteAsync("x");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        await edge.GetAsync("/x").TextAsync();
        edge.Purge(PurgeKind.Site, "", soft: true);
        Assert.Equal("waw; fwd=stale; fwd-status=304; stored; ttl=600", (await edge.GetAsync("/x")).CacheStatus());
        Assert.Equal("waw; hit; ttl=600", (await edge.GetAsync("/x")).CacheStatus());
    }

    [Fact]
    public async Task A_purge_during_a_fill_covers_what_the_fill_brings()
    {
        var gate = new TaskCompletionSource();
        int asked = 0;
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            int own = Interlocked.Increment(ref asked);
            context.Response.Headers.CacheControl = "max-age=600";
            if (own == 1)
            {
                await gate.Task;
            }

            await context.Response.WriteAsync($"{own}");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        Task<HttpResponseMessage> before = edge.GetAsync("/x");
        await Eventually.TrueAsync(() => Task.FromResult(asked == 1));
        edge.Purge(PurgeKind.Url, $"http://{TestEdge.Host}/x");

        // A request after the purge does not join the fill from before it.
        Assert.Equal("2", await edge.GetAsync("/x").TextAsync());
        gate.SetResult();
        Assert.Equal("1", await before.TextAsync());
        await Eventually.TrueAsync(() => Task.FromResult(edge.Plane.Fills.Count == 0));
        Assert.Equal("2", await edge.GetAsync("/x").TextAsync());
    }

    [Fact]
    public async Task Rules_bypass_and_set_lifetimes()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(Text("x", "max-age=5", ("Content-Type", "text/css")));
        await using TestEdge edge = await TestEdge.StartAsync(origin, """
            cache:
              rules:
                - { path: "/api/*", bypass: true }
                - { extensions: [css], ttl: 1h }
            """);
        Assert.Equal("waw; fwd=bypass; fwd-status=200; detail=not-stored-rule", (await edge.GetAsync("/api/x")).CacheStatus());
        Assert.Equal("waw; fwd=uri-miss; fwd-status=200; stored; ttl=3600", (await edge.GetAsync("/a/b.css?v=1")).CacheStatus());
        Assert.Equal("waw; fwd=uri-miss; fwd-status=200; stored; ttl=5", (await edge.GetAsync("/x")).CacheStatus());
    }

    [Fact]
    public async Task Schemes_hosts_and_exact_bytes_are_keys_of_their_own()
    {
        await using TestOrigin origin = await TestOrigin.StartAsync(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            await context.Response.WriteAsync("x");
        });
        await using TestEdge edge = await TestEdge.StartAsync(origin);
        string[] targets = ["/a", "/a?", "/a/../a", "/%61", "/a?x=1&y=2", "/a?y=2&x=1", "/A", "//a"];
        foreach (string target in targets)
        {
            await edge.GetAsync(target).TextAsync();
        }

        Assert.Equal(targets, origin.Requests.Select(r => r.Target));
        foreach (string spelling in new[] { "WWW.EXAMPLE.net:80", "www.example.net:080", "www.example.net:" })
        {
            string answer = await edge.RawAsync($"GET /a HTTP/1.1\r\nHost: {spelling}\r\nConnection: close\r\n\r\n");
            Assert.True(answer.Contains("waw; hit", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal), answer);
        }

        Assert.Equal(targets.Length, origin.Requests.Count);
        await edge.GetAsync("/a", ("Host", "x.wild.example.net")).TextAsync();
        await edge.GetAsync("/a", ("Host", "y.wild.example.net")).TextAsync();
        Assert.Equal(targets.Length + 2, origin.Requests.Count);
    }

    [Theory]
    [InlineData("http", "WWW.example.net:8080", "/x?Y")]
    [InlineData("http", "www.example.net:080", "/x")]
    [InlineData("https", "www.example.net:443", "/%41")]
    [InlineData("https", "www.example.net:80", "/")]
    public void The_key_has_the_url_that_purges_name(string scheme, string authority, string target)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Host = authority;
        context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget = target;
        Assert.True(Edge.Http.RequestTarget.TryParse(context, scheme == "https", out Edge.Http.RequestTarget parsed));
        Assert.Equal(PurgeUrl.Of(scheme, authority, target), new Edge.Cache.CacheKey("s", scheme == "https", parsed.Authority, parsed.PathAndQuery).Url);
    }
}
