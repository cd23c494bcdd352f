using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Dns.Tests.FromConfig;

/// <summary>Two PoPs that differ in all that steered records are made of.</summary>
internal static class ConfigSample
{
    public const string Yaml = """
        cluster: { name: sample }
        pops:
          one:
            location: { latitude: 52.23, longitude: 21.01, country: PL, continent: EU }
            edges:
              - { name: one1, http: "[::]:80", https: "[::]:443", dns: "[::]:53", addresses: [192.0.2.10, "2001:db8::10"] }
              - { name: one2, https: "[::]:443", addresses: [192.0.2.9] }
              - { name: one3, dns: "[::]:53", addresses: [192.0.2.8] }
          two:
            location: { latitude: -33.9, longitude: 151.2, country: AU, continent: OC }
            id-prefix: "2001:db8:2::/64"
            edges: [{ name: two1, http: "[::]:80", https: "[::]:8443", addresses: [198.51.100.10] }]
        sites:
          safe:
            hosts: [www.cdn.example, "*.wild.cdn.example"]
            origins: [{ url: "https://origin.example.net" }]
            tls: { certificate: /a.pem, key: /a.key }
          plain:
            hosts: [plain.cdn.example]
            origins: [{ url: "https://origin.example.net" }]
        dns:
          overrides: [{ prefix: "2001:db8:77::/48", pops: [two] }]
          zones:
            - name: cdn.example
              nameservers: [ns.example.net]
              steered: ["@", www, plain, { name: visit, random-id: true }, "*.wild"]
              records: "alias CNAME www\naway CNAME www.example.org.\nmail A 192.0.2.99\nbelow NS ns.example.org.\n"

        """;

    public static CdnConfig Config => Read(Yaml);

    public static CdnConfig Read(string yaml)
    {
        ConfigReadResult read = ConfigReader.Read(yaml);
        Assert.Equal("", ConfigErrorText.Format("f", read.Errors));
        return read.Config!;
    }
}
