using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.FromConfig;
using OrleansCdn.Dns.Steering;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Tests.FromConfig;

public sealed class DnsExplainerTests
{
    private static readonly Eligibility Drained = new()
    {
        Epoch = 7,
        Pops = [new PopEligibility("one", EligibilityState.Draining, DateTimeOffset.UnixEpoch, "new disks")],
    };

    [Theory]
    [InlineData("mail.cdn.example", DnsNameKind.Static, "192.0.2.99")]
    [InlineData("away.cdn.example", DnsNameKind.Static, "")]
    [InlineData("x.below.cdn.example", DnsNameKind.Delegated, "")]
    [InlineData("none.cdn.example", DnsNameKind.NoName, "")]
    [InlineData("www.example.org", DnsNameKind.NoZone, "")]
    [InlineData("WWW.cdn.example.", DnsNameKind.Steered, "192.0.2.9 192.0.2.10 2001:db8::10")]
    [InlineData("alias.cdn.example", DnsNameKind.Steered, "192.0.2.9 192.0.2.10 2001:db8::10")]
    [InlineData("a.b.wild.cdn.example", DnsNameKind.Steered, "192.0.2.9 192.0.2.10 2001:db8::10")]
    public void Every_kind_of_name_is_what_it_is(string name, DnsNameKind kind, string addresses)
    {
        DnsExplanation answer = Explain(name, "192.0.2.1", null, Eligibility.None);

        Assert.Equal((kind, addresses), (answer.Kind, string.Join(' ', answer.Addresses)));
    }

    [Fact]
    public void An_override_decides_by_the_clients_network_and_is_named()
    {
        DnsExplanation answer = Explain("www.cdn.example", "192.0.2.1", "2001:db8:77:1::/56", Eligibility.None);

        Assert.Equal((SteeringStep.PrefixOverride, "2001:db8:77::/48", false), (answer.Steering!.Step, answer.Steering.Rule, answer.ByResolver));

        // The PoP has no IPv6 address, so that AAAA answers are the next one's.
        Assert.Equal(["two", "one"], answer.Chosen.AsEnumerable());
        Assert.Equal(["198.51.100.10", "2001:db8::10"], answer.Addresses.AsEnumerable());
    }

    [Fact]
    public void A_drained_pop_is_passed_over_and_says_why()
    {
        DnsExplanation answer = Explain("www.cdn.example", "192.0.2.1", null, Drained);

        Assert.Equal(EligibilityState.Draining, answer.Pops.Single(pop => pop.Pop == "one").State);
        Assert.Equal("new disks", answer.Pops.Single(pop => pop.Pop == "one").Detail);
        Assert.Equal("198.51.100.10", answer.Addresses[0]);

        // No other PoP has an IPv6 address: as if all were eligible.
        Assert.Equal("2001:db8::10", answer.Addresses[1]);
    }

    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("10.0.0.0/8")]
    public void A_network_that_says_nothing_leaves_it_to_the_resolver(string subnet)
    {
        DnsExplanation answer = Explain("www.cdn.example", "2001:db8:77::1", subnet, Eligibility.None);

        Assert.True(answer.ByResolver);
        Assert.Equal("2001:db8:77::1/128", answer.Steering!.Network);
        Assert.Equal("two", answer.Chosen[0]);
    }

    /// <summary>The config's <c>client-subnet: { ipv6: 0 }</c>.</summary>
    [Fact]
    public void A_limit_of_0_leaves_it_to_the_resolver()
    {
        CdnConfig config = ConfigSample.Read(ConfigSample.Yaml.Replace("  zones:", "  client-subnet: { ipv6: 0 }\n  zones:", StringComparison.Ordinal));

        Assert.True(Explain("www.cdn.example", "192.0.2.1", "2001:db8:77::/48", Eligibility.None, config).ByResolver);
    }

    [Theory]
    [InlineData("192.0.2", "a.example", null)]
    [InlineData("fe80::1%eth0", "a.example", null)]
    [InlineData("192.0.2.1", "", null)]
    [InlineData("192.0.2.1", "a..example", null)]
    [InlineData("192.0.2.1", "a b.example", null)]
    [InlineData("192.0.2.1", "a.example", "192.0.2.0")]
    [InlineData("192.0.2.1", "a.example", "192.0.2.0/33")]
    [InlineData("192.0.2.1", "a.example", "x/24")]
    public void What_is_no_question_is_refused_with_the_way_out(string address, string name, string? subnet)
    {
        (DnsAsked? asked, string? error) = DnsAsked.Read(address, name, subnet);

        Assert.Null(asked);
        Assert.Contains("such as", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Configs_that_steer_alike_are_told_from_those_that_do_not()
    {
        SteeringPolicy policy = ConfiguredSteering.Policy(ConfigSample.Config);

        Assert.True(ConfiguredSteering.AreAlike(policy, ConfiguredSteering.Policy(ConfigSample.Read(ConfigSample.Yaml.Replace("192.0.2.99", "192.0.2.98", StringComparison.Ordinal)))));
        Assert.All(
            new (string Old, string New)[] { ("  two:", "  zwei:"), ("52.23", "52.24"), ("2001:db8:77::/48", "2001:db8:78::/48"), ("  zones:", "  default: [two]\n  zones:"), ("  zones:", "  rules: [{ name: all, result: one }]\n  zones:") },
            edit => Assert.False(ConfiguredSteering.AreAlike(policy, ConfiguredSteering.Policy(ConfigSample.Read(
                ConfigSample.Yaml.Replace(edit.Old, edit.New, StringComparison.Ordinal).Replace("pops: [two]", edit.Old == "  two:" ? "pops: [zwei]" : "pops: [two]", StringComparison.Ordinal))))));
    }

    private static DnsExplanation Explain(string name, string address, string? subnet, Eligibility eligibility, CdnConfig? other = null)
    {
        CdnConfig config = other ?? ConfigSample.Config;
        var data = new DnsData
        {
            Zones = new ZoneTable(ConfiguredZones.Compile(config, 1, SteeredMakers.None).Select(zone => new ServedZone(zone.Zone!))),
            Steering = SteeringCompiler.Compile(new SteeringInputs { Policy = ConfiguredSteering.Policy(config), Now = DateTimeOffset.UnixEpoch }).Table,
            DefaultOrder = ConfiguredSteering.DefaultOrder(config),
            Eligible = [.. config.Pops.Select(pop => eligibility.IsEligible(pop.Id))],
            SubnetLimits = new ClientSubnetLimits(config.Dns!.ClientSubnet.Ipv4Bits, config.Dns.ClientSubnet.Ipv6Bits),
        };
        DnsAsked asked = DnsAsked.Read(address, name, subnet).Asked!;
        return DnsExplainer.Explain(data, [.. config.Pops.Select(pop => pop.Id)], eligibility, asked);
    }
}
