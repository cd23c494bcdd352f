using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Contracts.Tests.Config;

public sealed class JsonTests
{
    private static string Json => JsonSerializer.Serialize(SampleFile.Config, ContractsJson.Default.CdnConfig);

    public static CdnConfig RoundTrip(CdnConfig config) =>
        JsonSerializer.Deserialize(JsonSerializer.Serialize(config, ContractsJson.Default.CdnConfig), ContractsJson.Default.CdnConfig)!;

    [Fact]
    public void A_config_comes_back_as_it_was()
    {
        CdnConfig config = SampleFile.Config;
        CdnConfig back = RoundTrip(config);

        Assert.Empty(ConfigDiff.Between(config, back));
        Assert.Equal(Json, JsonSerializer.Serialize(back, ContractsJson.Default.CdnConfig));
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Any, 80), back.Pops[0].Edges[0].Http);
        Assert.Equal(IPNetwork.Parse("2001:db8:1000::/48"), back.Cluster.Prefixes[0]);
        Assert.Equal(IPEndPoint.Parse("169.254.169.254:179"), back.Pops[0].Upstreams[1].Neighbors[0]);
        Assert.Equal(TimeSpan.FromMinutes(10), back.Sites[0].Cache.Grace);
        Assert.Equal(["css", "js"], back.Sites[0].Cache.Rules[0].Extensions.ToArray());
        Assert.Equal(OriginProtocol.Http2, back.Sites[0].Origins[0].Protocol);
        Assert.Null(back.Pops[1].Edges[0].Https);
    }

    /// <summary>The wire form, written down: an encoder and decoder that err together would pass a round trip.</summary>
    [Fact]
    public void The_json_of_the_minimal_example_is_as_written_here()
    {
        CdnConfig config = ConfigReader.Read(Files.Read("examples/minimal.yaml")).Config!;
        const string Expected = """
            {"cluster":{"name":"example-cdn","prefixes":[],"failover":{"floor":1,"fall":3,"firstRise":3,"rise":30,"drain":"00:02:00","connections":"00:05:00",
            "warmUp":"00:02:00","rescueAfter":"00:00:15","suspectWithin":"00:01:00","voluntaryGap":"00:01:00",
            "damping":{"perWithdrawal":1000,"perAttributeChange":500,"halfLife":"00:15:00","holdFrom":1500,"releaseBelow":750,"maxHold":"01:00:00"}}},
            "pops":[{"id":"home","name":"home","location":{"latitude":52.23,"longitude":21.01,"country":"PL","continent":"EU"},
            "edges":[{"name":"home1","http":"[::]:80","addresses":[],"memoryBytes":268435456}],"upstreams":[]}],
            "sites":[{"id":"www","hosts":["www.example.net"],"origins":[{"url":"https://origin.example.net","protocol":"Auto","allowPrivate":false,
            "connectTimeout":"00:00:05","firstByteTimeout":"00:01:00","betweenBytesTimeout":"00:01:00","maxConnections":256,"weight":1}],
            "cache":{"defaultTtl":"00:00:00","grace":"00:00:10","healthyGrace":"00:00:00","maxObjectBytes":67108864,"setCookie":"Refuse","noVarySearch":false,"rules":[]},"coalescing":"Pop",
            "failover":{"attempts":3,"totalTimeout":"00:01:30","tripAfter":5,"backOff":"00:00:01","maxBackOff":"00:00:30"},
            "whenCutOff":{"after":"00:05:00","policy":"Serve"},
            "httpsRedirect":false,"redirects":[],"requestHeaders":[],"responseHeaders":[],"errorPages":[]}],"providers":[],"notifications":[]}
            """;

        Assert.Equal(Expected.ReplaceLineEndings(""), JsonSerializer.Serialize(config, ContractsJson.Default.CdnConfig));
    }

    /// <summary>An edge that was updated while no silo can be reached serves from the snapshot that is on its disk.</summary>
    [Fact]
    public void A_snapshot_from_before_failover_and_limits_is_read_with_defaults()
    {
        CdnConfig config = ConfigReader.Read(Files.Read("examples/minimal.yaml")).Config!;
        JsonNode old = JsonSerializer.SerializeToNode(config, ContractsJson.Default.CdnConfig)!;
        JsonObject site = old["sites"]![0]!.AsObject();
        Assert.True(old["cluster"]!.AsObject().Remove("failover") && site.Remove("failover") && site.Remove("whenCutOff") && site["origins"]![0]!.AsObject().Remove("weight") && site["cache"]!.AsObject().Remove("healthyGrace"));

        Assert.Empty(ConfigDiff.Between(config, JsonSerializer.Deserialize(old, ContractsJson.Default.CdnConfig)!));
    }

    [Fact]
    public void A_snapshot_carries_the_config_through_the_feed()
    {
        SiloMessage sent = new ConfigSnapshot { Epoch = "e", Version = 7, Config = SampleFile.Config };
        string line = JsonSerializer.Serialize(sent, ContractsJson.Default.SiloMessage);

        Assert.DoesNotContain('\n', line);
        ConfigSnapshot back = Assert.IsType<ConfigSnapshot>(JsonSerializer.Deserialize(line, ContractsJson.Default.SiloMessage));
        Assert.Empty(ConfigDiff.Between(SampleFile.Config, back.Config));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("\"x\"")]
    [InlineData("{\"cluster\":{\"name\":\"a\",\"prefixes\":[]},\"pops\":[],\"sites\":null}")]
    [InlineData("{\"cluster\":null,\"pops\":[],\"sites\":[]}")]
    public void What_is_no_config_is_a_json_error(string json)
    {
        CdnConfig? config = null;
        if (json == "null")
        {
            Assert.Null(JsonSerializer.Deserialize(json, ContractsJson.Default.CdnConfig));
            return;
        }

        Assert.Throws<JsonException>(() => config = JsonSerializer.Deserialize(json, ContractsJson.Default.CdnConfig));
        Assert.Null(config);
    }

    /// <summary>Each member of a good snapshot in turn is taken out or replaced: a config that can be used or a JsonException, never a crash later.</summary>
    [Fact]
    public void A_snapshot_with_any_member_damaged_is_whole_or_a_json_error()
    {
        int tried = 0;
        int refused = 0;
        foreach (string json in JsonMutations.TextsOf(Json))
        {
            tried++;
            if (JsonMutations.TryRead(json) is CdnConfig config)
            {
                Use(config);
            }
            else
            {
                refused++;
            }
        }

        Assert.True(tried > 2_000, $"{tried}");
        Assert.InRange(refused, tried / 2, tried - 300);
    }

    [Fact]
    public void Numbers_that_code_relies_on_are_checked()
    {
        Assert.Throws<JsonException>(() => RoundTrip(SampleFile.Config with { Sites = [.. SampleFile.Config.Sites, SampleFile.Config.Sites[0]] }));
        PopConfig pop = SampleFile.Config.Pops[0];
        UpstreamConfig upstream = pop.Upstreams[0] with { Prepend = 6 };
        JsonException error = Assert.Throws<JsonException>(() => RoundTrip(SampleFile.Config with { Pops = [pop with { Upstreams = [upstream] }] }));
        Assert.Contains("pops[0].upstreams[0].prepend", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Everything is looked at once, as an edge would.</summary>
    private static void Use(CdnConfig config)
    {
        Assert.NotEmpty(ConfigDiff.Between(null, config));
        foreach (SiteConfig site in config.Sites)
        {
            Assert.All(site.Origins, origin => Assert.NotEmpty(origin.Url.Host));
        }
    }

    /// <summary>An edge may have such a one on disk.</summary>
    [Fact]
    public void A_config_of_before_upstreams_had_sessions_is_read()
    {
        string before = Json;
        foreach (string member in (string[])["edges", "families", "holdTime", "hops", "ttlSecurity", "passwordFile", "noExport", "ixpOnly", "communities"])
        {
            before = System.Text.RegularExpressions.Regex.Replace(before, $"(\"neighbors\":\\[[^]]*\\][^\\n]*?),\"{member}\":(\\[[^]]*\\]|\"[^\"]*\"|[a-z0-9]+)", "$1");
        }

        before = before.Replace("169.254.169.254:179", "169.254.169.254", StringComparison.Ordinal);
        Assert.DoesNotContain("\"hops\"", before, StringComparison.Ordinal);
        UpstreamConfig upstream = JsonSerializer.Deserialize(before, ContractsJson.Default.CdnConfig)!.Pops[0].Upstreams[1];

        Assert.Equal((ConfigDefaults.HoldTime, 1, true, true), (upstream.HoldTime, upstream.Hops, upstream.Edges.IsEmpty, upstream.Communities.IsEmpty));
        Assert.Equal(IPEndPoint.Parse("169.254.169.254:179"), upstream.Neighbors[0]);
    }

    /// <summary>Configs of before named steered names alone, and knew of nothing else in DNS.</summary>
    [Fact]
    public void A_snapshot_from_before_the_dns_server_is_read_with_defaults()
    {
        const string Old = """{"zones":[{"name":"cdn.example.net","nameservers":["ns1.example.net"],"ttl":"00:01:00","steered":["@","www"]}]}""";
        JsonNode config = JsonNode.Parse(Json)!;
        config["dns"] = JsonNode.Parse(Old);
        DnsConfig dns = config.Deserialize(ContractsJson.Default.CdnConfig)!.Dns!;

        Assert.Equal((24, 56, 50, 2), (dns.ClientSubnet.Ipv4Bits, dns.ClientSubnet.Ipv6Bits, dns.RateLimit.ResponsesPerSecond, dns.RateLimit.Slip));
        Assert.True(dns is { Geo: null, Overrides.IsEmpty: true, Rules.IsEmpty: true, Default.IsEmpty: true });
        DnsZoneConfig zone = Assert.Single(dns.Zones);
        Assert.Equal(("hostmaster.cdn.example.net", TimeSpan.FromMinutes(1), false), (zone.Mailbox, zone.NegativeTtl, zone.Dnssec));
        Assert.Equal([new SteeredNameConfig { Name = "@" }, new SteeredNameConfig { Name = "www" }], zone.Steered.AsEnumerable());
    }
}
