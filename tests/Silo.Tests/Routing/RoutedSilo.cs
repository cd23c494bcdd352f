namespace OrleansCdn.Silo.Tests.Routing;

/// <summary>The founding network's upstreams on documentation addresses.</summary>
internal static class RoutedSilo
{
    public const string Yaml = """
        cluster: { name: test, asn: 64500, prefixes: ["2001:db8:1000::/48"] }
        pops:
          waw:
            location: { latitude: 52.23, longitude: 21.01, country: PL, continent: EU }
            edges: [ { name: waw1, http: "127.0.0.1:8001" } ]
            upstreams:
              vultr:
                kind: transit
                provider: vultr
                asn: 64515
                neighbors: ["2001:19f0:ffff::1"]
                carriers: { arelion: { asn: 1299 }, cogent: { asn: 174 } }
          lax:
            location: { latitude: 34.05, longitude: -118.24, country: US, continent: NA }
            edges: [ { name: lax1, http: "127.0.0.1:8002" } ]
            upstreams:
              vultr:
                kind: transit
                provider: vultr
                asn: 64515
                neighbors: ["2001:19f0:ffff::1"]
                carriers: { cogent: { asn: 174, prepend: 1 }, ntt: { asn: 2914 }, arelion: { asn: 1299 } }
          grr:
            location: { latitude: 42.96, longitude: -85.67, country: US, continent: NA }
            edges: [ { name: grr1, http: "127.0.0.1:8003" } ]
            upstreams:
              hurricane-electric: { kind: transit, asn: 6939, neighbors: ["2001:db8:6939::1"], prepend: 1 }
              123net: { kind: transit, asn: 12129, neighbors: ["2001:db8:12::1"] }
        sites:
          www:
            hosts: [www.example.net]
            origins: [ { url: "https://origin.example.net" } ]
        """;

    public static async Task<RunningSilo> StartAsync(TestData? data = null, TimeProvider? time = null)
    {
        RunningSilo silo = await RunningSilo.StartAsync(data, time);
        await silo.Admin.AppliedAsync(Yaml);
        return silo;
    }
}
