using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Internet.Catchments;
using OrleansCdn.Internet.Graph;
using OrleansCdn.Internet.Routes;
using OrleansCdn.Routing.Catalogue;
using Xunit.Abstractions;

namespace OrleansCdn.Internet.Tests;

/// <summary>A graph as large as CAIDA's: 80,000 networks, 500,000 links.</summary>
public sealed class ScaleTests(ITestOutputHelper output)
{
    private const int NetworkCount = 80_000;
    private const int PeerLinks = 340_000;

    [Fact]
    public async Task The_whole_Internet_is_read_and_every_network_of_it_reached()
    {
        TimeProvider time = TimeProvider.System;
        byte[] text = Generate(new Random(1));
        long begin = time.GetTimestamp();
        GraphFile file = (await CaidaReader.ReadAsync(new MemoryStream(text), "generated", default)).Graph!;
        TimeSpan read = time.GetElapsedTime(begin);
        Assert.Equal(NetworkCount, file.Networks.Length);
        Assert.InRange(file.Links.Length, 490_000, 510_000);

        ImmutableArray<OriginRoute> origins = [Origin("waw", 20, 52, 21), Origin("lax", 20, 34, -118), Origin("grr", 5_000, 43, -86)];
        long before = GC.GetTotalAllocatedBytes(precise: true);
        begin = time.GetTimestamp();
        AsGraph graph = AsGraphBuilder.Build(file, [.. origins.Select(o => new SessionPlace(o.SessionAsn, o.At, []))]);
        TimeSpan built = time.GetElapsedTime(begin);
        long builtBytes = GC.GetTotalAllocatedBytes(precise: true) - before;

        begin = time.GetTimestamp();
        before = GC.GetTotalAllocatedBytes(precise: true);
        RoutingTable table = RoutingTable.Of(graph, origins, ProviderCatalogue.Shipped);
        TimeSpan spread = time.GetElapsedTime(begin);
        long bytes = GC.GetTotalAllocatedBytes(precise: true) - before;
        CatchmentTotals totals = CatchmentTotals.Of(table);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{file.Networks.Length} networks, {file.Links.Length} links, {text.Length >> 20} MiB: read {read.TotalMilliseconds:0} ms, built {built.TotalMilliseconds:0} ms ({builtBytes >> 20} MiB), spread {spread.TotalMilliseconds:0} ms ({bytes >> 20} MiB); live {GC.GetTotalMemory(true) >> 20} MiB; {totals.Uncertain} uncertain"));

        Assert.Equal(NetworkCount, totals.Networks);
        Assert.Equal(0, totals.Unreached);
        Assert.Equal(NetworkCount, totals.Uncertain + totals.Pops.Sum(p => p.Networks));
        Assert.Equal(["grr", "lax", "waw"], totals.Pops.Select(p => p.Pop));

        // Each network is settled once, and each direction of a link offers at most one route.
        Assert.True(bytes < 200L << 20, $"{bytes >> 20} MiB for one run");
    }

    private static OriginRoute Origin(string pop, uint neighbor, double latitude, double longitude) => new()
    {
        Pop = pop,
        Upstream = "u",
        At = new Place(pop, pop, "", latitude, longitude),
        Kind = UpstreamKind.Transit,
        SessionAsn = neighbor,
        NetworkAsn = neighbor,
        Path = [4_200_000_000],
        Communities = [],
    };

    /// <summary>A clique of ten, and below it customers of one to three networks with lower numbers, the low ones much more often.</summary>
    private static byte[] Generate(Random random)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        var known = new HashSet<(int, int)>();
        for (int first = 1; first <= 10; first++)
        {
            for (int second = first + 1; second <= 10; second++)
            {
                known.Add((first, second));
                text.WriteLine($"{first}|{second}|0|bgp");
            }
        }

        for (int customer = 11; customer <= NetworkCount; customer++)
        {
            for (int times = 1 + random.Next(3); times > 0; times--)
            {
                int provider = 1 + (int)((customer - 1) * Math.Pow(random.NextDouble(), 4));
                if (known.Add((provider, customer)))
                {
                    text.WriteLine($"{provider}|{customer}|-1|bgp");
                }
            }
        }

        for (int links = 0; links < PeerLinks;)
        {
            int first = 1 + (int)(NetworkCount * Math.Pow(random.NextDouble(), 3));
            int second = 1 + random.Next(NetworkCount);
            if (first < second && known.Add((first, second)))
            {
                links++;
                text.WriteLine($"{first}|{second}|0|mlp");
            }
        }

        return System.Text.Encoding.UTF8.GetBytes(text.ToString());
    }
}
