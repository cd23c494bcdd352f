using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Grains.Failover;

namespace OrleansCdn.Grains.Tests.Failover;

public sealed class FailoverPlannerTests
{
    private const string Yaml = """
        cluster: { name: test, asn: 64500, prefixes: ["2001:db8:1000::/48"], failover: { drain: 10s, rise: 5, damping: { half-life: 1m } } }
        pops:
          waw:
            location: { latitude: 52.23, longitude: 21.01, country: PL, continent: EU }
            edges: [ { name: waw1, http: "127.0.0.1:8001", dns: "127.0.0.1:8053" }, { name: waw2, http: "127.0.0.1:8002" }, { name: waw3, http: "127.0.0.1:8003" } ]
            upstreams: { a: { asn: 64510, neighbors: ["2001:db8::1"], edges: [waw1] }, b: { asn: 64511, neighbors: ["2001:db8::2"], edges: [waw3] } }
          off:
            location: { latitude: 0, longitude: 0, country: GH, continent: AF }
            edges: [ { name: off1, http: "127.0.0.1:8004" } ]
          lax:
            location: { latitude: 34.05, longitude: -118.24, country: US, continent: NA }
            edges: [ { name: lax1, http: "127.0.0.1:8005" } ]
            upstreams: { a: { asn: 64510, neighbors: ["2001:db8::1"] } }
        sites:
          www: { hosts: [www.example.net], origins: [{ url: "https://origin.example.net" }] }
        dns:
          zones:
            - { name: cdn.example.net, nameservers: [ns1.example.net], ttl: 20s, steered: [www] }
            - { name: example.org, nameservers: [ns1.example.net], ttl: 1h }
        """;

    private static FailoverPlan Plan(string yaml)
    {
        ConfigReadResult read = ConfigReader.Read(yaml);
        Assert.Empty(read.Errors);
        return FailoverPlanner.Of(read.Config!);
    }

    [Fact]
    public void Who_holds_sessions_announces() =>
        Assert.Equal([new("waw1", "waw"), new("waw3", "waw"), new("lax1", "lax")], Plan(Yaml).Servers.AsEnumerable());

    [Fact]
    public void A_drain_lasts_for_twice_the_longest_answer_that_steers_at_least()
    {
        Assert.Equal(TimeSpan.FromSeconds(40), Plan(Yaml).Policy.DepreferFor);
        Assert.Equal(TimeSpan.FromSeconds(10), Plan(Yaml.Replace("ttl: 20s", "ttl: 2s", StringComparison.Ordinal)).Policy.DepreferFor);
        Assert.Equal(TimeSpan.FromSeconds(10), Plan(Yaml.Replace(", steered: [www]", "", StringComparison.Ordinal)).Policy.DepreferFor);
    }

    [Fact]
    public void Other_figures_are_the_configs_or_the_usual_ones()
    {
        FailoverPolicy policy = Plan(Yaml).Policy;
        Assert.Equal(
            FailoverPolicy.Default with { DepreferFor = policy.DepreferFor, Rise = 5, Damping = FailoverPolicy.Default.Damping with { HalfLife = TimeSpan.FromMinutes(1) } },
            policy);
    }
}
