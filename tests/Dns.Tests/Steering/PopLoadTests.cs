using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Steering;

namespace OrleansCdn.Dns.Tests.Steering;

public sealed class PopLoadTests
{
    private static readonly SteeringPolicy Policy = new()
    {
        Pops = [new SteeringPop("waw", 52, 21), new SteeringPop("fra", 50, 8.7), new SteeringPop("lax", 34, -118)],
    };

    [Theory]
    [InlineData(0, 0)]
    [InlineData(70, 0)]
    [InlineData(71, 3)]
    [InlineData(100, 76)]
    [InlineData(140, 128)]
    public void What_is_above_seventy_percent_is_given_away(int load, int parts) => Assert.Equal(parts, PopLoad.ShedParts(load));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 5)]
    [InlineData(70, 70)]
    [InlineData(71, 75)]
    [InlineData(100_000, 200)]
    [InlineData(-3, 0)]
    public void Loads_are_rounded_so_that_tables_stay(int load, int rounded) => Assert.Equal(rounded, PopLoad.Rounded(load));

    [Fact]
    public void The_same_share_of_clients_goes_to_the_next_pop_with_room_every_time()
    {
        SteeringTable busy = Compiled(100, 90, 20);
        SteeringTable busier = Compiled(140, 90, 20);
        int given = 0;
        int givenMore = 0;
        const int Clients = 20_000;
        for (uint client = 0; client < Clients; client++)
        {
            UInt128 network = (0x14000000u + (client << 8)) & 0xFFFFFFFF;
            string first = First(busy, true, network, 24, out int scope);
            Assert.Contains(first, new[] { "waw", "lax" }); // Frankfurt has no room either.
            Assert.Equal(24, scope);
            Assert.Equal(first, First(busy, true, network + 77, 32, out _));
            given += first == "lax" ? 1 : 0;
            string later = First(busier, true, network, 24, out _);
            givenMore += later == "lax" ? 1 : 0;
            Assert.True(first == "waw" || later == "lax", "who was sent elsewhere comes back while the load goes up");
            SteeringExplanation why = busy.Explain(true, network, 24);
            Assert.Equal(first == "lax" ? "waw" : null, why.ShedFrom);
        }

        Assert.InRange(given, Clients * 0.28, Clients * 0.32);
        Assert.InRange(givenMore, Clients * 0.48, Clients * 0.52);
    }

    [Fact]
    public void Nobody_is_given_away_when_no_pop_has_room_or_the_load_is_comfortable()
    {
        foreach (SteeringTable table in new[] { Compiled(100, 90, 80), Compiled(70, 0, 0), Compiled() })
        {
            for (uint client = 0; client < 2_000; client++)
            {
                Assert.Equal("waw", First(table, true, client << 16, 24, out int scope));
                Assert.Equal(0, scope);
            }
        }
    }

    [Fact]
    public void Clients_of_ipv6_are_told_apart_by_their_48()
    {
        SteeringTable busy = Compiled(100, 0, 0);
        var firsts = new HashSet<string>();
        for (uint client = 0; client < 200; client++)
        {
            UInt128 network = (UInt128)((0x2a00UL << 48) | ((ulong)client << 16)) << 64;
            string first = First(busy, false, network, 56, out int scope);
            Assert.Equal(48, scope);
            Assert.Equal(first, First(busy, false, network | ((UInt128)0xFF << 64), 64, out _));
            firsts.Add(first);
        }

        Assert.Equal(["fra", "waw"], firsts.Order());
    }

    private static SteeringTable Compiled(params int[] loads) =>
        SteeringTableTests.Compiled(new SteeringInputs { Policy = Policy, Loads = [.. loads], Now = DateTimeOffset.UnixEpoch });

    private static string First(SteeringTable table, bool isIpv4, UInt128 address, int bits, out int scope) =>
        table.Pops[table.Lists[table.Choose(isIpv4, address, bits, out scope).List].Pops[0]];
}
