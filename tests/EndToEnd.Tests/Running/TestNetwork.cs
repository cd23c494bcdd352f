namespace OrleansCdn.EndToEnd.Tests.Running;

/// <summary>Three PoPs, and a site for each coalescing scope.</summary>
internal static class TestNetwork
{
    public const string PopHost = "pop.test";
    public const string ClusterHost = "cluster.test";
    public const string ShieldHost = "shield.test";

    public static readonly string[] Pops = ["waw", "lax", "grr"];

    public const string Yaml = """
        cluster: { name: test }
        pops:
          waw:
            name: Warsaw
            location: { latitude: 52.23, longitude: 21.01, country: PL, continent: EU }
            edges: [ { name: waw1, http: "192.0.2.1:80" } ]
          lax:
            name: Los Angeles
            location: { latitude: 34.05, longitude: -118.24, country: US, continent: NA }
            edges: [ { name: lax1, http: "192.0.2.2:80" } ]
          grr:
            name: Grand Rapids
            location: { latitude: 42.96, longitude: -85.67, country: US, continent: NA }
            edges: [ { name: grr1, http: "192.0.2.3:80" } ]
        sites:
          pop:
            hosts: [pop.test]
            origins: [ { url: "https://origin.test" } ]
            coalescing: pop
          cluster:
            hosts: [cluster.test]
            origins: [ { url: "https://origin.test" } ]
            coalescing: cluster
          shield:
            hosts: [shield.test]
            origins: [ { url: "https://origin.test" } ]
            coalescing: pop
            shield: waw

        """;
}
