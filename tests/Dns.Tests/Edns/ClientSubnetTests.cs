using System.Net;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Steering;
using OrleansCdn.Dns.Tests.Kit;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Tests.Edns;

/// <summary>RFC 7871: what is repeated, what counts, what is refused.</summary>
public sealed class ClientSubnetTests
{
    private const int Subnet = 8;

    /// <summary>Everybody is sent to 192.0.2.1, but for 198.51.0.0/16 and 2001:db8:5000::/36, who are sent to 192.0.2.2.</summary>
    private readonly TestServer _server = Steered();

    [Theory]
    [InlineData("0001 18 00 c63307", "192.0.2.2", 16)]
    [InlineData("0001 08 00 09", "192.0.2.1", 1)]
    [InlineData("0001 20 00 c6330709", "192.0.2.2", 16)]
    [InlineData("0002 38 00 20010db8500000", "192.0.2.2", 36)]
    [InlineData("0002 80 00 20010db8500000010000000000000001", "192.0.2.2", 36)]
    public void The_client_counts_and_the_scope_says_how_far(string option, string address, int scope)
    {
        SeenMessage seen = _server.Answer(Ask.For("www.cdn.example.net", 1).WithOption(Subnet, Hex(option)), TestServer.From("203.0.113.5"));

        Assert.Equal(address, Assert.Single(seen.Answer).Data);
        byte[] repeated = Hex(option);
        repeated[3] = (byte)scope;
        Assert.Equal(repeated, seen.Options[Subnet]);
        Assert.Equal(1, _server.Counters[DnsCount.Scoped]);
    }

    [Theory]
    [InlineData("0001 00 00")]
    [InlineData("0002 00 00")]
    [InlineData("0000 00 00")]
    public void Who_opts_out_is_steered_by_the_resolver(string option)
    {
        SeenMessage near = _server.Answer(Ask.For("www.cdn.example.net", 1).WithOption(Subnet, Hex(option)), TestServer.From("198.51.100.1"));
        SeenMessage far = _server.Answer(Ask.For("www.cdn.example.net", 1).WithOption(Subnet, Hex(option)), TestServer.From("203.0.113.5"));

        Assert.Equal(("192.0.2.2", "192.0.2.1"), (Assert.Single(near.Answer).Data, Assert.Single(far.Answer).Data));
        Assert.Equal(Hex(option), near.Options[Subnet]);
        Assert.Equal(0, _server.Counters[DnsCount.Scoped]);
    }

    [Theory]
    [InlineData("mail", 1)]
    [InlineData("www", 15)]
    [InlineData("gone", 1)]
    public void What_is_the_same_for_all_has_scope_0(string name, int type)
    {
        SeenMessage seen = _server.Answer(Ask.For($"{name}.cdn.example.net", type).WithSubnet("198.51.100.0/24"));

        Assert.Equal(Hex("0001 18 00 c63364"), seen.Options[Subnet]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0001")]
    [InlineData("0001 18")]
    [InlineData("0001 18 00")]
    [InlineData("0001 18 00 c633")]
    [InlineData("0001 18 00 c6336400")]
    [InlineData("0001 21 00 c633640000")]
    [InlineData("0002 81 00 2001000000000000000000000000000000")]
    [InlineData("0001 18 10 c63364")]
    [InlineData("0001 17 00 c63365")]
    [InlineData("0001 01 00 40")]
    [InlineData("0003 00 00")]
    [InlineData("0000 08 00 01")]
    [InlineData("0001 00 00 00")]
    public void What_is_malformed_is_a_format_error(string option)
    {
        SeenMessage seen = _server.Answer(Ask.For("www.cdn.example.net", 1).WithOption(Subnet, Hex(option)));

        Assert.Equal((1, 0, 0), (seen.Rcode, seen.Answer.Count, seen.Options.Count));
        Assert.NotNull(seen.Opt);
    }

    [Fact]
    public void Two_of_them_are_a_format_error() => Assert.Equal(
        1, _server.Answer(Ask.For("www.cdn.example.net", 1).WithSubnet("198.51.100.0/24").WithSubnet("192.0.2.0/24")).Rcode);

    [Fact]
    public void Without_option_none_is_in_the_answer() => Assert.Empty(_server.Answer(Ask.For("www.cdn.example.net", 1).WithEdns()).Options);

    private static TestServer Steered()
    {
        SteeredName www = TestServer.Pops(TestServer.Pop("192.0.2.1", "2001:db8::1"), TestServer.Pop("192.0.2.2", "2001:db8::2"));
        SteeringTable table = SteeringCompiler.Compile(new SteeringInputs
        {
            Policy = new SteeringPolicy
            {
                Pops = [new SteeringPop("waw", 52.2, 21.0), new SteeringPop("lax", 34.0, -118.2)],
                Prefixes = [new PrefixOverride(IPNetwork.Parse("198.51.0.0/16"), ["lax"]), new PrefixOverride(IPNetwork.Parse("2001:db8:5000::/36"), ["lax"])],
                Default = ["waw", "lax"],
            },
            Now = DateTimeOffset.UnixEpoch,
        }).Table!;
        return new TestServer(new DnsData
        {
            Zones = new ZoneTable(new ServedZone(TestServer.Compile("mail A 192.0.2.25", new SteeredSource("www", www)))),
            Steering = table,
        });
    }

    private static byte[] Hex(string text) => Answering.GoldenTests.Octets(text);
}
