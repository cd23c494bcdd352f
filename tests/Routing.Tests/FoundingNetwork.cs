using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Routing.Catalogue;
using OrleansCdn.Routing.Intent;

namespace OrleansCdn.Routing.Tests;

/// <summary>The network that this CDN is made for, with documentation numbers.</summary>
internal static class FoundingNetwork
{
    public const uint Asn = 64500;

    public const string Yaml = """
        cluster: { name: test, asn: 64500, prefixes: ["2001:db8:1000::/48", "192.0.2.0/24"] }
        pops:
          waw:
            location: { latitude: 52.23, longitude: 21.01, country: PL, continent: EU }
            edges: [ { name: waw1, http: "127.0.0.1:8001" } ]
            upstreams:
              vultr: { asn: 64515, neighbors: ["2001:db8::ffff"], multihop: 2, carriers: { arelion: { asn: 1299 }, cogent: { asn: 174 } } }
          lax:
            location: { latitude: 34.05, longitude: -118.24, country: US, continent: NA }
            edges: [ { name: lax1, http: "127.0.0.1:8002" }, { name: lax2, http: "127.0.0.1:8004" } ]
            upstreams:
              vultr:
                asn: 64515
                neighbors: ["169.254.169.254:1179"]
                edges: [lax2]
                carriers:
                  cogent: { asn: 174, prepend: 1 }
                  level3: { asn: 3356, prepend: 1 }
                  ntt: { asn: 2914, prepend: 1, withdraw: true }
                  att: { asn: 7018, prepend: 1 }
                  arelion: { asn: 1299 }
          grr:
            location: { latitude: 42.96, longitude: -85.67, country: US, continent: NA }
            edges: [ { name: grr1, http: "127.0.0.1:8003" } ]
            upstreams:
              hurricane-electric: { asn: 6939, neighbors: ["2001:db8:6939::1"], prepend: 1 }
              123net: { asn: 12129, neighbors: ["2001:db8:12::1"] }
        sites:
          www:
            hosts: [www.example.net]
            origins: [ { url: "https://origin.example.net" } ]
        """;

    public static readonly CdnConfig Config = Read(Yaml);

    public static CdnConfig Read(string yaml)
    {
        ConfigReadResult read = ConfigReader.Read(yaml);
        Assert.True(read.Config is not null, ConfigErrorText.Format("f", read.Errors));
        return read.Config;
    }

    public static UpstreamConfig Upstream(string pop, string id) => Config.FindPop(pop)!.Upstreams.Single(u => u.Id == id);

    public static CompiledPolicy Compile(UpstreamConfig upstream, RouteIntent? intent = null, ProviderCatalogue? catalogue = null) =>
        RouteCompiler.Compile(Asn, Config.Cluster.Prefixes, RoutePolicy.Merge(upstream, intent ?? RouteIntent.Empty), catalogue ?? ProviderCatalogue.Shipped);

    /// <summary>As one line each: <c>prefix prepend communities</c>.</summary>
    public static string[] Lines(ImmutableArray<DesiredRoute> routes) =>
        [.. routes.Select(r => $"{r.Prefix} {r.Prepend} {string.Join(' ', r.Communities)}".TrimEnd())];
}
