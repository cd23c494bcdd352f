namespace OrleansCdn.EndToEnd.Tests.Running;

/// <summary>Three PoPs that are nameservers, with names of every kind, and no limit on how fast a test asks.</summary>
internal static class DnsNetwork
{
    public const string Zone = "cdn.test";

    public static readonly IReadOnlyDictionary<string, string> Ipv4 = new Dictionary<string, string>
    {
        ["waw"] = "192.0.2.10", ["lax"] = "198.51.100.10", ["grr"] = "203.0.113.10",
    };

    public const string Yaml = """
        cluster: { name: test }
        pops:
          waw:
            name: Warsaw
            location: { latitude: 52.23, longitude: 21.01, country: PL, continent: EU }
            id-prefix: "2001:db8:a:1::/64"
            edges: [ { name: waw1, http: "192.0.2.1:80", https: "192.0.2.1:443", dns: "192.0.2.1:53", addresses: [192.0.2.10, "2001:db8:a::10"] } ]
          lax:
            name: Los Angeles
            location: { latitude: 34.05, longitude: -118.24, country: US, continent: NA }
            id-prefix: "2001:db8:b:1::/64"
            edges: [ { name: lax1, http: "192.0.2.2:80", https: "192.0.2.2:443", dns: "192.0.2.2:53", addresses: [198.51.100.10, "2001:db8:b::10"] } ]
          grr:
            name: Grand Rapids
            location: { latitude: 42.96, longitude: -85.67, country: US, continent: NA }
            id-prefix: "2001:db8:c:1::/64"
            edges: [ { name: grr1, http: "192.0.2.3:80", https: "192.0.2.3:443", dns: "192.0.2.3:53", addresses: [203.0.113.10, "2001:db8:c::10"] } ]
        sites:
          pop:
            hosts: [pop.test]
            origins: [ { url: "https://origin.test" } ]
            tls: { certificate: /etc/pop.pem, key: /etc/pop.key }
        dns:
          geo: { country: /var/lib/orleanscdn/geo/country.mmdb }
          rate-limit: { responses: 0 }
          overrides: [ { prefix: "198.18.7.0/24", pops: [grr, lax] }, { prefix: "2001:db8:77::/48", pops: [lax] } ]
          rules:
            - { name: europe, cont: EU, result: waw }
            - { name: asia, cont: AS, result: "2001:db8:b:1::/64" }
          default: [waw, lax, grr]
          zones:
            - name: cdn.test
              nameservers: [ns1.cdn.test, ns2.cdn.test]
              steered: ["@", www, "*.wild", { name: where, explain: true }, { name: visit, random-id: true }]
              records: |
                ns1 A 192.0.2.1
                ns2 A 192.0.2.2
                @ MX 10 mail
                mail A 192.0.2.99
                alias CNAME www
                change TXT "before"
                below NS ns.below
                ns.below A 192.0.2.77

        """;
}
