using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Contracts.Tests.Config;

public sealed class ExamplesTests
{
    [Fact]
    public void Every_example_is_valid()
    {
        string[] examples = Directory.GetFiles(Path.Combine(Files.Root, "examples"), "*.yaml");
        Assert.True(examples.Length >= 2);
        foreach (string example in examples)
        {
            ConfigReadResult result = ConfigReader.Read(File.ReadAllText(example));
            Assert.Equal("", ConfigErrorText.Format(example, result.Errors));
            Assert.NotNull(result.Config);
        }
    }

    [Fact]
    public void The_minimal_example_holds_every_default()
    {
        CdnConfig config = ConfigReader.Read(Files.Read("examples/minimal.yaml")).Config!;

        Assert.Null(config.Cluster.Asn);
        Assert.Empty(config.Cluster.Prefixes);
        Assert.Null(config.Dns);
        PopConfig pop = Assert.Single(config.Pops);
        Assert.Equal("home", pop.Name);
        Assert.Empty(pop.Upstreams);
        EdgeConfig edge = Assert.Single(pop.Edges);
        Assert.Equal(256 * 1024 * 1024, edge.MemoryBytes);
        Assert.Null(edge.Https);
        SiteConfig site = Assert.Single(config.Sites);
        Assert.Null(site.Shield);
        Assert.Null(site.Tls);
        Assert.Equal(CoalescingScope.Pop, site.Coalescing);
        Assert.Equal(TimeSpan.Zero, site.Cache.DefaultTtl);
        Assert.Equal(TimeSpan.FromSeconds(10), site.Cache.Grace);
        Assert.Equal(64 * 1024 * 1024, site.Cache.MaxObjectBytes);
        Assert.Empty(site.Cache.Rules);
        OriginConfig origin = Assert.Single(site.Origins);
        Assert.Equal(new Uri("https://origin.example.net"), origin.Url);
        Assert.Null(origin.HostHeader);
        Assert.Equal(OriginProtocol.Auto, origin.Protocol);
        Assert.False(origin.AllowPrivate);
        Assert.Equal(TimeSpan.FromSeconds(5), origin.ConnectTimeout);
        Assert.Equal(TimeSpan.FromSeconds(60), origin.FirstByteTimeout);
        Assert.Equal(TimeSpan.FromSeconds(60), origin.BetweenBytesTimeout);
        Assert.Equal(256, origin.MaxConnections);
        Assert.Null(origin.Priority);
        Assert.Equal(1, origin.Weight);
        Assert.Null(origin.Health);
        Assert.Equal(TimeSpan.Zero, site.Cache.HealthyGrace);
        Assert.Equal(FailoverConfig.Default, site.Failover);
        Assert.Equal(CutOffConfig.Default, site.WhenCutOff);
        Assert.Null(site.Limits);
    }

    /// <summary>The founding network's table: who is behind which PoP, and what each of them is to see.</summary>
    [Fact]
    public void The_founding_network_has_its_carriers_and_its_policy()
    {
        CdnConfig config = ConfigReader.Read(Files.Read("examples/three-pops.yaml")).Config!;

        Assert.Equal(64500u, config.Cluster.Asn);
        Assert.Equal("2001:db8:1000::/48", Assert.Single(config.Cluster.Prefixes).ToString());
        Assert.Equal(["waw", "lax", "grr"], config.Pops.Select(pop => pop.Id));
        Assert.Equal(
            [
                "waw vultr/vultr AS64515 prepend 0 -> arelion AS1299 prepend 0 False, cogent AS174 prepend 0 False",
                "lax vultr/vultr AS64515 prepend 0 -> cogent AS174 prepend 1 False, level3 AS3356 prepend 1 False, "
                    + "ntt AS2914 prepend 1 True, att AS7018 prepend 1 False, arelion AS1299 prepend 0 False",
                "grr hurricane-electric/hurricane-electric AS6939 prepend 1 -> ",
                "grr 123net/123net AS12129 prepend 0 -> ",
            ],
            config.Pops.SelectMany(pop => pop.Upstreams.Select(upstream =>
                $"{pop.Id} {upstream.Id}/{upstream.Provider} AS{upstream.Asn} prepend {upstream.Prepend} -> "
                + string.Join(", ", upstream.Carriers.Select(carrier => $"{carrier.Name} AS{carrier.Asn} prepend {carrier.Prepend} {carrier.Withdraw}")))));
        Assert.All(config.Pops.SelectMany(pop => pop.Upstreams), upstream => Assert.True(upstream.Announce));

        SiteConfig site = config.FindSite("www")!;
        Assert.Equal("waw", site.Shield);
        Assert.Equal(CoalescingScope.Cluster, site.Coalescing);
        Assert.Equal(TimeSpan.FromDays(1), site.Cache.Rules[1].Ttl);
        Assert.Equal(["@", "www", "where", "visit"], config.Dns!.Zones[0].Steered.Select(steered => steered.Name));
    }
}
