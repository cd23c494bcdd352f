using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Contracts.Tests.Config;

public sealed class SevenMistakesTests
{
    private const string Yaml = """
        cluster: { name: founding, asn: 64500, prefixes: [2001:db8:1000::/64] }
        pops:
          waw:
            name: Warsaw
            location: { latitude: 52.23, longitude: 21.01, country: UK, continent: EU }
            edges:
              - { name: waw1, http: "[::]:80", memory: 1024 }
            upstream:
              vultr: { asn: 64515, neighbors: [169.254.169.254] }
        sites:
          www:
            hosts: [www.example.net]
            origins:
              - url: ftp://origin.example.net
            cache:
              grace: 10
            shield: wav
        """;

    private static readonly string[] Expected =
    [
        "cdn.yaml:1:51: cluster.prefixes[0]: '2001:db8:1000::/64' is longer than the Internet carries, which is /48; allowed: address/length, IPv4 /8 to /24, IPv6 /16 to /48",
        "cdn.yaml:5:61: pops.waw.location.country: 'UK' is not a country code: write GB; allowed: two upper-case letters (ISO 3166-1 alpha-2) such as PL",
        "cdn.yaml:7:48: pops.waw.edges[0].memory: '1024' has no unit: write 1024MiB, or B, KiB, GiB, TiB, KB, MB, GB, TB; allowed: a size from 16MiB to 16TiB",
        "cdn.yaml:8:5: pops.waw.upstream: is not a known key; did you mean upstreams?; allowed: name, location, id-prefix, edges, upstreams",
        "cdn.yaml:14:14: sites.www.origins[0].url: 'ftp://origin.example.net' is neither http nor https; allowed: http:// or https://, a host, and a port if need be, such as https://origin.example.net",
        "cdn.yaml:16:14: sites.www.cache.grace: '10' has no unit: write 10s, or ms, m, h, d; allowed: a duration from 0s to 30d",
        "cdn.yaml:17:13: sites.www.shield: 'wav' is not a PoP of this file; allowed: waw, or none",
    ];

    [Fact]
    public void A_file_with_seven_mistakes_lists_seven_errors_each_with_its_place()
    {
        ConfigReadResult result = ConfigReader.Read(Yaml.ReplaceLineEndings("\n"));

        Assert.Null(result.Config);
        Assert.Equal(Expected, ConfigErrorText.Format("cdn.yaml", result.Errors).Split('\n'));
    }

    [Fact]
    public void Windows_line_ends_and_a_byte_order_mark_change_no_position()
    {
        ConfigReadResult result = ConfigReader.Read("\uFEFF" + Yaml.ReplaceLineEndings("\r\n"));

        Assert.Equal(Expected, ConfigErrorText.Format("cdn.yaml", result.Errors).Split('\n'));
    }
}
