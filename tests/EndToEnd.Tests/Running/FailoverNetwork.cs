namespace OrleansCdn.EndToEnd.Tests.Running;

/// <summary>Three PoPs that announce one prefix and answer DNS. The times of failover are short, and changes are not damped, so that one lab can go through many faults.</summary>
internal static class FailoverNetwork
{
    public const string Name = "www.cdn.test";

    private const string Cluster = """
        cluster:
          name: test
          asn: 64500
          prefixes: ["2001:db8:1000::/48"]
          failover: { rise: 3, drain: 3s, connections: 5s, voluntary-gap: 10s, damping: { per-withdrawal: 1, per-change: 1 } }
        """;

    public static readonly string Yaml = With(With(With(
        DnsNetwork.Yaml
        .Replace("cluster: { name: test }", Cluster, StringComparison.Ordinal)
        .Replace("- name: cdn.test", "- name: cdn.test\n      ttl: 1s", StringComparison.Ordinal), "waw1", "arelion", 1299), "lax1", "level3", 3356), "grr1", "hurricane", 6939);

    private static string With(string yaml, string edge, string upstream, int asn)
    {
        string edges = $"edges: [ {{ name: {edge},";
        string upstreams = $"upstreams: {{ {upstream}: {{ kind: transit, asn: {asn}, neighbors: [192.0.2.100], hold-time: 3s }} }}\n    ";
        return yaml.Replace(edges, upstreams + edges, StringComparison.Ordinal);
    }
}
