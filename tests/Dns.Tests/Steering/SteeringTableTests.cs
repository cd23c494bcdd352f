using System.Net;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Geo.Mmdb;
using OrleansCdn.Dns.Steering;
using OrleansCdn.Dns.Tests.Geo;

namespace OrleansCdn.Dns.Tests.Steering;

public sealed class SteeringTableTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 0, 0, 0, TimeSpan.Zero);

    private static readonly SteeringPolicy Policy = new()
    {
        Pops = [new SteeringPop("waw", 52.2, 21.0), new SteeringPop("lax", 34.0, -118.2), new SteeringPop("grr", 42.9, -85.7)],
        Prefixes = [new PrefixOverride(IPNetwork.Parse("2001:db8:77::/48"), ["grr", "lax"]), new PrefixOverride(IPNetwork.Parse("9.9.9.9/32"), ["lax"])],
        Asns = [new AsnOverride(64500, ["waw"])],
        Rules =
        [
            new SteeringRule { Name = "us-isp", Countries = [GeoCode.Parse("US")], Asns = [7922], Pops = ["grr"] },
            new SteeringRule { Name = "asia", Continent = GeoCode.Parse("AS"), Pops = ["lax"] },
            new SteeringRule { Name = "holder", RegisteredCountries = [GeoCode.Parse("BR")], Pops = ["waw", "grr"] },
        ],
        Default = ["waw", "lax"],
    };

    private static readonly GeoDatabases Databases = Known();

    [Theory]
    [InlineData("2001:db8:77:1::", 56, "grr lax waw", SteeringStep.PrefixOverride, "2001:db8:77::/48")]
    [InlineData("9.9.9.9", 32, "lax waw grr", SteeringStep.PrefixOverride, "9.9.9.9/32")]
    [InlineData("9.9.9.8", 32, "waw lax grr", SteeringStep.Default, "default")]
    [InlineData("20.0.1.0", 24, "waw lax grr", SteeringStep.AsnOverride, "AS64500")]
    [InlineData("20.1.0.0", 24, "grr waw lax", SteeringStep.Rule, "us-isp")]
    [InlineData("20.2.0.0", 24, "grr lax waw", SteeringStep.Distance, "distance")]
    [InlineData("30.0.0.0", 24, "lax waw grr", SteeringStep.Rule, "asia")]
    [InlineData("40.0.0.0", 24, "waw grr lax", SteeringStep.Rule, "holder")]
    [InlineData("50.0.0.0", 24, "waw grr lax", SteeringStep.Distance, "distance")]
    [InlineData("10.0.0.0", 24, "waw lax grr", SteeringStep.Default, "default")]
    [InlineData("2a00:1::", 56, "waw grr lax", SteeringStep.Distance, "distance")]
    public void Each_step_of_the_chain_has_its_turn(string address, int bits, string pops, SteeringStep step, string rule)
    {
        SteeringTable table = Compiled(new SteeringInputs { Policy = Policy, Databases = Databases, Now = Now });
        bool isIpv4 = !address.Contains(':', StringComparison.Ordinal);
        SteeringExplanation why = table.Explain(isIpv4, MmdbReaderTests.Bits(address), bits);
        Assert.Equal((pops, step, rule), (Chosen(table, isIpv4, address, bits, out _), why.Step, why.Rule));
        Assert.Equal(pops, string.Join(' ', why.Pops));
    }

    [Fact]
    public void Measured_times_move_visitors_only_for_a_gain_that_is_worth_it()
    {
        RttRow Row(string network, double waw, double grr, int samples = 20, int days = 0) => new(
            IPNetwork.Parse(network), [new RttMedian("waw", waw, samples, Now.AddDays(-days)), new RttMedian("grr", grr, 500, Now)]);
        SteeringTable table = Compiled(new SteeringInputs
        {
            Policy = Policy,
            Databases = Databases,
            Now = Now,
            Rtt = new RttTable(
            [
                Row("50.0.1.0/24", 40, 30), Row("50.0.2.0/24", 40, 30.5), Row("50.0.3.0/24", 300, 271), Row("50.0.4.0/24", 300, 270),
                Row("50.0.5.0/24", 400, 30, samples: 19), Row("50.0.6.0/24", 400, 30, days: 8), Row("20.1.5.0/24", 10, 300),
            ]),
        });
        string[] first = [.. Enumerable.Range(1, 6).Select(i => Chosen(table, true, $"50.0.{i}.0", 24, out _).Split(' ')[0])];
        Assert.Equal(["grr", "waw", "waw", "grr", "waw", "waw"], first);
        Assert.Equal(SteeringStep.MeasuredRtt, table.Explain(true, MmdbReaderTests.Bits("50.0.1.0"), 24).Step);
        Assert.Equal(SteeringStep.Rule, table.Explain(true, MmdbReaderTests.Bits("20.1.5.0"), 24).Step);
    }

    [Theory]
    [InlineData("10.1.2.0", 24, false)]
    [InlineData("100.64.0.0", 10, false)]
    [InlineData("0.0.0.0", 1, true)]
    [InlineData("9.9.9.0", 24, true)]
    [InlineData("2002:a00::", 48, false)]
    [InlineData("fe80::", 56, false)]
    [InlineData("2001:db8:1::", 48, false)]
    [InlineData("2001:db8:77:1::", 56, true)]
    public void Subnets_that_say_nothing_are_told_from_others(string subnet, int bits, bool says)
    {
        SteeringTable table = Compiled(new SteeringInputs { Policy = Policy, Databases = Databases, Now = Now });
        Assert.Equal(says, table.Knows(!subnet.Contains(':', StringComparison.Ordinal), MmdbReaderTests.Bits(subnet), bits));
    }

    [Fact]
    public void Nothing_known_is_one_leaf_for_everybody()
    {
        SteeringTable table = Compiled(new SteeringInputs { Policy = Policy with { Prefixes = [], Asns = [], Rules = [] }, Now = Now });
        Assert.Equal("waw lax grr", Chosen(table, true, "203.0.113.7", 32, out int scope));
        Assert.Equal(0, scope);
        Assert.Equal("waw lax grr", Chosen(table, false, "2001:db8::1", 128, out scope));
        Assert.Equal(0, scope);
        Assert.Single(table.Lists);
    }

    internal static SteeringTable Compiled(SteeringInputs inputs)
    {
        SteeringCompilation compilation = SteeringCompiler.Compile(inputs);
        Assert.Null(compilation.Error);
        return compilation.Table!;
    }

    internal static string Chosen(SteeringTable table, bool isIpv4, string address, int bits, out int scope)
    {
        int list = table.Choose(isIpv4, MmdbReaderTests.Bits(address), bits, out scope).List;
        return string.Join(' ', table.Lists[list].Pops.Select(p => table.Pops[p]));
    }

    private static GeoDatabases Known()
    {
        var countries = new MmdbWriter { DatabaseType = "Test", Built = Now };
        countries.Add(IPNetwork.Parse("20.0.0.0/8"), MmdbReaderTests.Country("US"));
        countries.Add(IPNetwork.Parse("30.0.0.0/8"), MmdbReaderTests.Country("JP"));
        countries.Add(IPNetwork.Parse("40.0.0.0/8"), new MmdbValue.Map(
            ("country", new MmdbValue.Map(("iso_code", "AR"))), ("registered_country", new MmdbValue.Map(("iso_code", "BR")))));
        countries.Add(IPNetwork.Parse("50.0.0.0/8"), MmdbReaderTests.Country("DE"));
        countries.Add(IPNetwork.Parse("10.0.0.0/8"), MmdbReaderTests.Country("JP"));
        countries.Add(IPNetwork.Parse("2a00::/12"), MmdbReaderTests.Country("PL"));
        var networks = new MmdbWriter { DatabaseType = "Test", Built = Now };
        networks.Add(IPNetwork.Parse("20.0.0.0/16"), MmdbReaderTests.As(64500, "Example"));
        networks.Add(IPNetwork.Parse("20.1.0.0/16"), MmdbReaderTests.As(7922, "Cable"));
        return new GeoDatabases(MmdbReaderTests.Opened(countries.ToArray()), MmdbReaderTests.Opened(networks.ToArray()));
    }
}
