using System.Text.Json;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Contracts.Tests.Config;

public sealed class DiffTests
{
    private static string[] Between(CdnConfig? before, CdnConfig after) =>
        [.. ConfigDiff.Between(before, after).Select(change => $"{change.Path}: {change.Before ?? "-"} -> {change.After ?? "-"}")];

    private static string[] AfterEdit(string old, string @new) => Between(SampleFile.Config, Read(SampleFile.After(old, @new)));

    private static CdnConfig Read(string yaml)
    {
        ConfigReadResult result = ConfigReader.Read(yaml);
        Assert.Equal("", ConfigErrorText.Format("f", result.Errors));
        return result.Config!;
    }

    [Fact]
    public void Nothing_lies_between_a_config_and_itself() => Assert.Empty(Between(SampleFile.Config, SampleFile.Config));

    [Theory]
    [InlineData("memory: 1GiB", "memory: 512MiB", "pops.one.edges.one1.memory: 1GiB -> 512MiB")]
    [InlineData("asn: 64500", "asn: 64501", "cluster.asn: 64500 -> 64501")]
    [InlineData("default-ttl: 1m", "default-ttl: 90s", "sites.www.cache.default-ttl: 1m -> 90s")]
    [InlineData("https: \"[::]:443\", ", "", "pops.one.edges.one1.https: [::]:443 -> -")]
    [InlineData("hosts: [www", "hosts: [new.example.net, www", "sites.www.hosts: - -> new.example.net")]
    [InlineData("[www.example.net, \"*.static.example.net\"]", "[\"*.static.example.net\", www.example.net]", "sites.www.hosts: www.example.net, *.static.example.net -> *.static.example.net, www.example.net")]
    [InlineData("cogent: { asn: 174, prepend: 1", "cogent: { asn: 174, prepend: 2", "pops.one.upstreams.up.carriers.cogent.prepend: 1 -> 2")]
    [InlineData("shield: one", "shield: none", "sites.www.shield: one -> none")]
    [InlineData("http://origin.example.org:8080", "http://origin.example.org:8081", "sites.other.origins[0].url: http://origin.example.org:8080 -> http://origin.example.org:8081")]
    [InlineData("path: \"/api/*\", bypass: true", "path: \"/api/*\", ttl: 0s", "sites.www.cache.rules[1].bypass: true -> false", "sites.www.cache.rules[1].ttl: - -> 0s")]
    [InlineData("tls: { certificate: /etc/cdn/www.pem, key: /etc/cdn/www.key }\n    https-redirect: true", "", "sites.www.tls.certificate: /etc/cdn/www.pem -> -", "sites.www.tls.key: /etc/cdn/www.key -> -", "sites.www.https-redirect: true -> false")]
    public void An_edit_shows_as_it_would_be_typed(string old, string @new, params string[] expected) =>
        Assert.Equal(expected, AfterEdit(old, @new));

    [Fact]
    public void A_renamed_pop_is_one_that_went_and_one_that_came()
    {
        Assert.Equal(
            [
                "pops.two.name: two -> -", "pops.two.location.latitude: -33.9 -> -", "pops.two.location.longitude: 151.2 -> -",
                "pops.two.location.country: AU -> -", "pops.two.location.continent: OC -> -",
                "pops.two.edges.two1.http: [::]:80 -> -", "pops.two.edges.two1.memory: 256MiB -> -",
                "pops.three.name: - -> three", "pops.three.location.latitude: - -> -33.9", "pops.three.location.longitude: - -> 151.2",
                "pops.three.location.country: - -> AU", "pops.three.location.continent: - -> OC",
                "pops.three.edges.two1.http: - -> [::]:80", "pops.three.edges.two1.memory: - -> 256MiB",
            ],
            AfterEdit("  two:", "  three:").Where(change => !change.StartsWith("pops.two.upstreams", StringComparison.Ordinal)
                && !change.StartsWith("pops.three.upstreams", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_first_config_is_all_new()
    {
        string[] changes = Between(null, SampleFile.Config);

        Assert.Equal("cluster.name: - -> sample", changes[0]);
        Assert.All(changes, change => Assert.Contains(": - -> ", change, StringComparison.Ordinal));
    }

    [Fact]
    public void The_order_of_pops_is_a_difference()
    {
        CdnConfig config = SampleFile.Config;

        Assert.Equal(["pops: one, two, far -> two, one, far"], Between(config, config with { Pops = [config.Pops[1], config.Pops[0], config.Pops[2]] }));
    }

    /// <summary>The difference is empty exactly when both configs are the same, whatever single thing was changed.</summary>
    [Fact]
    public void Every_single_change_of_the_json_shows()
    {
        CdnConfig before = SampleFile.Config;
        string beforeJson = JsonSerializer.Serialize(before, ContractsJson.Default.CdnConfig);
        int seen = 0;
        foreach (CdnConfig after in JsonMutations.Of(before))
        {
            string afterJson = JsonSerializer.Serialize(after, ContractsJson.Default.CdnConfig);
            seen += afterJson == beforeJson ? 0 : 1;
            Assert.True((afterJson == beforeJson) == ConfigDiff.Between(before, after).IsEmpty, afterJson);
        }

        Assert.True(seen > 300, $"only {seen} changes were tried");
    }

    /// <summary>What one config says, changed as the difference says, is what the other says.</summary>
    [Fact]
    public void The_difference_applied_to_the_one_gives_the_other()
    {
        CdnConfig[] configs =
        [
            SampleFile.Config, Read(Files.Read("examples/minimal.yaml")), Read(Files.Read("examples/three-pops.yaml")),
            .. JsonMutations.Of(SampleFile.Config).Where((_, index) => index % 25 == 0),
        ];
        foreach (CdnConfig before in configs)
        {
            foreach (CdnConfig after in configs)
            {
                List<(string, string)> said = Said(before);
                foreach (ConfigChange change in ConfigDiff.Between(before, after))
                {
                    // A change of order moves nothing in or out; it is the only one whose "before" is no single value.
                    if (change.Before is not null && !said.Remove((change.Path, change.Before)))
                    {
                        Assert.NotNull(change.After);
                        continue;
                    }

                    if (change.After is not null)
                    {
                        said.Add((change.Path, change.After));
                    }
                }

                Assert.Equal(Said(after).Order(), said.Order());
            }
        }
    }

    private static List<(string Path, string Value)> Said(CdnConfig config) =>
        [.. ConfigDiff.Between(null, config).Select(change => (change.Path, change.After!))];
}
