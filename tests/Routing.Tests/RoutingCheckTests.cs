using OrleansCdn.Contracts.Config;
using OrleansCdn.Routing.Intent;

namespace OrleansCdn.Routing.Tests;

public sealed class RoutingCheckTests
{
    [Theory]
    [InlineData("ntt: { asn: 2914, prepend: 1, withdraw: true }", "ntt: { asn: 2914, prepend: §4 }", "pops.lax.upstreams.vultr.carriers.ntt.prepend: 'prepend 4' for carrier ntt (AS2914) cannot be said: provider 'vultr' (Vultr)")]
    [InlineData("hurricane-electric: { asn: 6939,", "hurricane-electric: { provider: ntt, carriers: { big: { asn: 400000, prepend: 1, withdraw: §true } }, asn: 6939,", "pops.grr.upstreams.hurricane-electric.carriers.big.withdraw: 'withdraw, which wins over prepend 1' for carrier big (AS400000) cannot be said")]
    [InlineData("hurricane-electric: { asn: 6939,", "hurricane-electric: { ixp-only: §true, asn: 6939,", "pops.grr.upstreams.hurricane-electric.ixp-only: 'ixp-only' cannot be said: provider 'hurricane-electric'")]
    [InlineData("hurricane-electric: { asn: 6939,", "hurricane-electric: { provider: §he, asn: 6939,", "pops.grr.upstreams.hurricane-electric.provider: 'he' is not a known provider")]
    [InlineData("edges: [lax2]", "announce: false\n        communities: §[\"64600:174\"]", "pops.lax.upstreams.vultr.communities: the community 64600:174 means 'withdraw' for carrier cogent (AS174) at 'vultr'")]
    public void What_a_provider_cannot_be_told_is_a_mistake_of_the_file(string old, string @new, string expected)
    {
        string yaml = FoundingNetwork.Yaml.Replace(old, @new, StringComparison.Ordinal);
        Assert.NotEqual(FoundingNetwork.Yaml, yaml);
        ConfigReadResult read = RoutingCheck.Read(yaml.Replace("§", "", StringComparison.Ordinal));

        Assert.Null(read.Config);
        string text = ConfigErrorText.Format("f", Assert.Single(read.Errors));
        Assert.Contains(expected, text, StringComparison.Ordinal);
        int mark = yaml.IndexOf('§', StringComparison.Ordinal);
        if (mark >= 0 && yaml[mark + 1] != '[')
        {
            ReadOnlySpan<char> before = yaml.AsSpan(0, mark);
            Assert.StartsWith($"f:{before.Count('\n') + 1}:{mark - before.LastIndexOf('\n')}: ", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_provider_of_the_configs_own_is_used()
    {
        string yaml = FoundingNetwork.Yaml.Replace("hurricane-electric: { asn: 6939,", "hurricane-electric: { provider: he, ixp-only: true, asn: 6939,", StringComparison.Ordinal)
            + "\nproviders: { he: { name: HE, source: its engineers, date: 2026-01-31, ixp-only: [\"6939:1\"] } }\n";

        ConfigReadResult read = RoutingCheck.Read(yaml);

        Assert.True(read.Config is not null, ConfigErrorText.Format("f", read.Errors));
        UpstreamConfig upstream = read.Config.FindPop("grr")!.Upstreams[0];
        Assert.Equal(
            ["2001:db8:1000::/48 1 6939:1"], // Its session has no IPv4.
            FoundingNetwork.Lines(RouteCompiler.ToDesired(read.Config, upstream, Contracts.Routing.RouteIntent.Empty, 1).Desired.Routes));
    }

    [Fact]
    public void The_founding_networks_file_and_the_examples_pass()
    {
        Assert.Empty(RoutingCheck.Read(FoundingNetwork.Yaml).Errors);
        string[] examples = Directory.GetFiles(Path.Combine(Repository.Root, "examples"), "*.yaml");
        Assert.NotEmpty(examples);
        Assert.All(examples, file => Assert.Empty(RoutingCheck.Read(File.ReadAllText(file)).Errors));
    }
}
