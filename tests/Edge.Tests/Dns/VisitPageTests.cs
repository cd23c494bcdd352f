using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Dns.Visits;
using OrleansCdn.Edge.Http;
using OrleansCdn.Edge.Tests.Http;

namespace OrleansCdn.Edge.Tests.Dns;

/// <summary>The page that shows visitors which answer brought them, through the pipeline of real edges.</summary>
public sealed class VisitPageTests : IAsyncLifetime
{
    private const string Where = "where.cdn.example.net";
    private const string Resolver = "198.51.100.53";

    private TestOrigin _origin = null!;
    private TestEdge _waw = null!;
    private TestEdge _lax = null!;
    private VisitTable _wawTable = null!;
    private VisitTable _laxTable = null!;

    public async Task InitializeAsync()
    {
        _origin = await TestOrigin.StartAsync(context => context.Response.WriteAsync("the site's own"));
        (_waw, _wawTable) = await StartAsync("waw");
        (_lax, _laxTable) = await StartAsync("lax");
        PeerEdge[] all = [new PeerEdge("waw", "waw1", _waw.PeerUrl), new PeerEdge("lax", "lax1", _lax.PeerUrl)];
        _waw.State.Replace(new PeerTable(all));
        _lax.State.Replace(new PeerTable(all));
    }

    public async Task DisposeAsync()
    {
        await _waw.DisposeAsync();
        await _lax.DisposeAsync();
        await _origin.DisposeAsync();
    }

    [Fact]
    public async Task A_visitor_sees_which_answer_brought_them()
    {
        uint id = _wawTable.Issue(Facts("192.0.2.0", 24));
        (int status, IHeaderDictionary headers, JsonElement page) = await JsonAsync(_waw, Numbered("waw", id));
        Assert.Equal(200, status);
        Assert.Equal(("no-store", "waw; detail=visit", "Accept"), (headers.CacheControl.ToString(), headers["Cache-Status"].ToString(), headers.Vary.ToString()));
        Assert.Equal("application/json", headers.ContentType.ToString());
        Assert.Equal(("Found", "2001:db8:ffff::1", "waw/waw1"), (Text(page, "outcome"), Text(page, "client"), Text(page, "edge")));
        JsonElement visit = page.GetProperty("visit");
        Assert.Equal((id.ToString("x8"), Where, "europe", "waw", "waw/waw1"),
            (Text(visit, "id"), Text(visit, "name"), Text(visit, "rule"), Text(visit, "pop"), Text(visit, "nameserver")));
        JsonElement resolver = visit.GetProperty("resolver");
        Assert.Equal((Resolver, "EU", "DE", "US", 3320), (Text(resolver, "address"), Text(resolver, "continent"), Text(resolver, "country"), Text(resolver, "registeredCountry"), resolver.GetProperty("asn").GetInt32()));
        JsonElement subnet = visit.GetProperty("clientSubnet");
        Assert.Equal(("192.0.2.0/24", "PL"), (Text(subnet, "address"), Text(subnet, "country")));
        Assert.False(subnet.TryGetProperty("asn", out _)); // not known
        Assert.Empty(_origin.Requests);
    }

    [Fact]
    public async Task Subnets_of_both_families_and_none_are_told_apart()
    {
        foreach ((string address, int bits, string? shown) in ((string, int, string?)[])
            [("2001:db8:77::", 56, "2001:db8:77::/56"), ("0.0.0.0", 0, "0.0.0.0/0"), ("::", 0, "::/0"), ("::", -1, null)])
        {
            (_, _, JsonElement page) = await JsonAsync(_waw, Numbered("waw", _wawTable.Issue(Facts(address, bits))));
            Assert.Equal(shown, page.GetProperty("visit").TryGetProperty("clientSubnet", out JsonElement subnet) ? Text(subnet, "address") : null);
        }
    }

    /// <summary>The resolver asked the nameserver in Los Angeles, which sent the visitor to Warsaw.</summary>
    [Fact]
    public async Task An_answer_of_another_nameserver_is_found_there()
    {
        uint id = _laxTable.Issue(Facts("192.0.2.0", 24));
        _lax.Time.Advance(TimeSpan.FromSeconds(7));
        (int status, _, JsonElement page) = await JsonAsync(_waw, Numbered("waw", id));
        Assert.Equal((200, "waw/waw1"), (status, Text(page, "edge")));
        Assert.Equal(("lax/lax1", 7), (Text(page.GetProperty("visit"), "nameserver"), page.GetProperty("visit").GetProperty("ageSeconds").GetDouble()));
        Assert.Equal("192.0.2.0/24", Text(page.GetProperty("visit").GetProperty("clientSubnet"), "address"));
    }

    [Fact]
    public async Task What_is_too_old_and_what_nobody_knows_is_said_clearly()
    {
        uint own = _wawTable.Issue(Facts("192.0.2.0", 24));
        uint others = _laxTable.Issue(Facts("192.0.2.0", 24));
        _waw.Time.Advance(VisitTable.MaxAge + TimeSpan.FromSeconds(1));
        _lax.Time.Advance(VisitTable.MaxAge + TimeSpan.FromSeconds(1));
        foreach (uint id in (uint[])[own, others])
        {
            (int status, IHeaderDictionary headers, JsonElement page) = await JsonAsync(_waw, Numbered("waw", id));
            Assert.Equal((410, "TooOld", "no-store"), (status, Text(page, "outcome"), headers.CacheControl.ToString()));
            Assert.False(page.TryGetProperty("visit", out _));
        }

        (int unknown, _, JsonElement nobody) = await JsonAsync(_waw, Numbered("waw", own ^ 0x4000_0000));
        Assert.Equal((404, "Unknown"), (unknown, Text(nobody, "outcome")));
        Assert.DoesNotContain("could not be asked", Text(nobody, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_nameserver_that_cannot_be_asked_is_mentioned_and_holds_nobody_up()
    {
        _waw.State.Replace(new PeerTable([new PeerEdge("lax", "lax1", _lax.PeerUrl), new PeerEdge("grr", "grr1", "http://127.0.0.1:1")]));
        (int status, _, JsonElement page) = await JsonAsync(_waw, Numbered("waw", 0x1234_5678));
        Assert.Equal((404, "Unknown"), (status, Text(page, "outcome")));
        Assert.Contains("1 could not be asked", Text(page, "detail"), StringComparison.Ordinal);
        uint id = _laxTable.Issue(Facts("192.0.2.0", 24));
        Assert.Equal(200, (await JsonAsync(_waw, Numbered("waw", id))).Status);
    }

    /// <summary>Guesses are what others are asked about, and that is bounded; what is known here is shown all the same.</summary>
    [Fact]
    public async Task Guesses_do_not_become_a_flood_between_edges()
    {
        var outcomes = new List<string?>();
        for (uint i = 0; i < VisitPeers.PerSecond + 10; i++)
        {
            outcomes.Add(Text((await JsonAsync(_waw, Numbered("waw", 0x4000_0000 + i))).Page, "outcome"));
        }

        Assert.Equal(VisitPeers.PerSecond, outcomes.Count(outcome => outcome == "Unknown"));
        Assert.Equal(10, outcomes.Count(outcome => outcome == "Busy"));
        (int status, IHeaderDictionary headers, _) = await JsonAsync(_waw, Numbered("waw", 0x4000_0000));
        Assert.Equal((503, "1"), (status, headers.RetryAfter.ToString()));
        Assert.Equal(200, (await JsonAsync(_waw, Numbered("waw", _wawTable.Issue(Facts("192.0.2.0", 24))))).Status);
        _waw.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(404, (await JsonAsync(_waw, Numbered("waw", 0x4000_0000))).Status);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::ffff:192.0.2.10")]
    [InlineData("2001:db8:9999::5a5a:5a5a")]
    [InlineData("2001:db8:1000:a::10")]
    [InlineData(null)]
    public async Task An_address_without_a_number_is_said_to_have_none(string? address)
    {
        (int status, _, JsonElement page) = await JsonAsync(_waw, address is null ? null : IPAddress.Parse(address));
        Assert.Equal((404, "NotNumbered"), (status, Text(page, "outcome")));
    }

    [Fact]
    public async Task Browsers_get_a_page_in_which_every_text_is_escaped()
    {
        uint id = _wawTable.Issue(Facts("192.0.2.0", 24) with { Rule = "<script>alert('1')</script>&" });
        (int status, IHeaderDictionary headers, string body) = await AskAsync(
            _waw, Where, VisitPage.Path, Numbered("waw", id), accept: "text/html,application/xhtml+xml,*/*;q=0.8");
        Assert.Equal((200, "text/html; charset=utf-8", "no-store"), (status, headers.ContentType.ToString(), headers.CacheControl.ToString()));
        Assert.Contains("default-src 'none'", headers.ContentSecurityPolicy.ToString(), StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(", body, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", body, StringComparison.Ordinal);
        Assert.Contains("192.0.2.0/24", body, StringComparison.Ordinal);
        Assert.Contains("country DE, registered in US, continent EU, AS3320", body, StringComparison.Ordinal);
        Assert.EndsWith("</html>\n", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_hosts_with_random_ids_have_the_page_and_only_at_its_path()
    {
        uint id = _wawTable.Issue(Facts("192.0.2.0", 24));
        foreach ((string host, string target, int expected) in ((string, string, int)[])
            [
                ("WHERE.cdn.example.net", VisitPage.Path + "?x=1", 200),
                ("where.cdn.example.net:80", VisitPage.Path, 200),
                ("a.b.any.cdn.example.net", VisitPage.Path, 200),
                ("any.cdn.example.net", VisitPage.Path, 421),
                ("plain.cdn.example.net", VisitPage.Path, 421),
                ("cdn.example.net", VisitPage.Path, 421),
                (Where, VisitPage.Path + "/", 421),
                (Where, "/", 421),
                (Where, "/.well-known/cdn/Visit", 421),
            ])
        {
            (int status, _, _) = await AskAsync(_waw, host, target, Numbered("waw", id));
            Assert.True(expected == status, $"{host}{target}: {status}");
        }

        // A site's own path of that name goes to its origin.
        using HttpResponseMessage own = await _waw.GetAsync(VisitPage.Path);
        Assert.Equal("the site's own", await own.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task It_is_read_and_nothing_else()
    {
        uint id = _wawTable.Issue(Facts("192.0.2.0", 24));
        (int status, IHeaderDictionary headers, string body) = await AskAsync(_waw, Where, VisitPage.Path, Numbered("waw", id), method: "HEAD");
        Assert.Equal((200, ""), (status, body));
        Assert.True(headers.ContentLength > 0);
        (int post, IHeaderDictionary allowed, _) = await AskAsync(_waw, Where, VisitPage.Path, Numbered("waw", id), method: "POST");
        Assert.Equal((405, "GET, HEAD"), (post, allowed.Allow.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("123")]
    [InlineData("123456789")]
    [InlineData("zzzzzzzz")]
    [InlineData("+1234567")]
    public async Task Questions_of_other_edges_that_are_none_are_refused(string id)
    {
        using var client = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using HttpResponseMessage answer = await client.GetAsync(_lax.PeerUrl + VisitPeers.Path + id);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    /// <summary>Visitors cannot ask by a number, only by coming to its address.</summary>
    [Fact]
    public async Task The_question_of_edges_is_not_answered_to_visitors()
    {
        uint id = _wawTable.Issue(Facts("192.0.2.0", 24));
        (int status, _, _) = await AskAsync(_waw, Where, VisitPeers.Path + id.ToString("x8"), IPAddress.Loopback);
        Assert.Equal(421, status);
    }

    [Fact]
    public async Task Before_the_nameserver_runs_the_host_is_like_any_other()
    {
        await using TestEdge edge = await TestEdge.StartAsync(_origin);
        edge.Apply(Config());
        Assert.Equal(421, (await AskAsync(edge, Where, VisitPage.Path, IPAddress.Loopback)).Status);
    }

    [Fact]
    public async Task It_goes_over_sockets()
    {
        using HttpResponseMessage answer = await _waw.GetAsync(VisitPage.Path, ("Host", Where));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("NotNumbered", Text(JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement, "outcome"));
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
    }

    private async Task<(TestEdge Edge, VisitTable Table)> StartAsync(string pop)
    {
        TestEdge edge = await TestEdge.StartAsync(_origin, pop: pop);
        edge.Apply(Config());
        var table = new VisitTable(edge.Time);
        edge.Plane.ServeVisits(() => table);
        return (edge, table);
    }

    private CdnConfig Config()
    {
        ConfigReadResult read = ConfigReader.Read($$"""
            cluster: { name: testcdn }
            pops:
              waw:
                name: Warsaw
                location: { latitude: 52, longitude: 21, country: PL, continent: EU }
                id-prefix: "2001:db8:1000:a::/64"
                edges: [ { name: waw1, http: "127.0.0.1:1", dns: "127.0.0.1:2", addresses: [203.0.113.10] } ]
              lax:
                name: Los Angeles
                location: { latitude: 34, longitude: -118, country: US, continent: NA }
                id-prefix: "2001:db8:1000:b::/64"
                edges: [ { name: lax1, http: "127.0.0.1:1", dns: "127.0.0.1:2", addresses: [203.0.113.11] } ]
            dns:
              zones:
                - name: cdn.example.net
                  nameservers: [ns1.example.org]
                  ttl: 60s
                  steered: [plain, { name: where, random-id: true }, { name: "*.any", random-id: true }]
            sites:
              www:
                hosts: [{{TestEdge.Host}}]
                origins: [ { url: {{_origin.Url}}, allow-private: true } ]
            """);
        Assert.True(read.Config is not null, string.Join("\n", read.Errors));
        return read.Config;
    }

    private static IPAddress Numbered(string pop, uint id)
    {
        byte[] octets = IPAddress.Parse(pop == "waw" ? "2001:db8:1000:a::" : "2001:db8:1000:b::").GetAddressBytes();
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(octets.AsSpan(12), id);
        return new IPAddress(octets);
    }

    private static async Task<(int Status, IHeaderDictionary Headers, JsonElement Page)> JsonAsync(TestEdge edge, IPAddress? local)
    {
        (int status, IHeaderDictionary headers, string body) = await AskAsync(edge, Where, VisitPage.Path, local, accept: "*/*");
        return (status, headers, JsonDocument.Parse(body).RootElement);
    }

    /// <summary>The pipeline as the server calls it, with an address that a loopback socket cannot have.</summary>
    private static async Task<(int Status, IHeaderDictionary Headers, string Body)> AskAsync(
        TestEdge edge, string host, string target, IPAddress? local, string? accept = null, string method = "GET")
    {
        var context = new DefaultHttpContext();
        using var body = new MemoryStream();
        context.Response.Body = body;
        context.Connection.LocalIpAddress = local;
        context.Connection.RemoteIpAddress = IPAddress.Parse("2001:db8:ffff::1");
        context.Request.Method = method;
        context.Request.Scheme = "http";
        context.Request.Protocol = "HTTP/1.1";
        context.Request.Headers.Host = host;
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = target;
        if (accept is not null)
        {
            context.Request.Headers.Accept = accept;
        }

        await edge.Plane.Pipeline.HandleAsync(context, ListenerRole.Public);
        return (context.Response.StatusCode, context.Response.Headers, Encoding.UTF8.GetString(body.ToArray()));
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static VisitFacts Facts(string subnet, int bits) => new()
    {
        Name = Where,
        Resolver = Number(Resolver),
        ResolverPlace = new VisitPlace("EU", "DE", "US", 3320),
        Subnet = bits < 0 ? 0 : Number(subnet),
        SubnetBits = bits,
        SubnetPlace = new VisitPlace("EU", "PL", null, 0),
        Rule = "europe",
        Pop = "waw",
    };

    private static UInt128 Number(string address) => OrleansCdn.Dns.Server.MappedAddress.Of(IPAddress.Parse(address), out _);
}
