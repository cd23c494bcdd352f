using System.Collections.Immutable;
using OrleansCdn.Internet.Routes;

namespace OrleansCdn.Internet.Catchments;

/// <param name="Pop">Id.</param>
/// <param name="Networks">Those that reach it and no other.</param>
public sealed record PopTotal(string Pop, int Networks);

/// <summary>How many networks of a graph reach which PoP.</summary>
public sealed record CatchmentTotals
{
    /// <summary>All of the graph, but for those that stand in the operator's own part of the paths.</summary>
    public required int Networks { get; init; }

    /// <summary>By PoP, each that has a route.</summary>
    public required ImmutableArray<PopTotal> Pops { get; init; }

    /// <summary>Those that reach several PoPs, or one of several that nothing tells apart.</summary>
    public required int Uncertain { get; init; }

    public required int Unreached { get; init; }

    public static CatchmentTotals Of(RoutingTable table)
    {
        HashSet<uint> own = [.. table.Origins.SelectMany(o => o.Path)];
        var pops = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (OriginRoute origin in table.Origins)
        {
            pops[origin.Pop] = 0;
        }

        int networks = 0;
        int uncertain = 0;
        int unreached = 0;
        for (int network = 0; network < table.Graph.Networks.Length; network++)
        {
            if (own.Contains(table.Graph.Networks[network].Asn))
            {
                continue;
            }

            networks++;
            switch (table.PopsOf(network))
            {
                case []:
                    unreached++;
                    break;
                case [var one]:
                    pops[one]++;
                    break;
                default:
                    uncertain++;
                    break;
            }
        }

        return new CatchmentTotals { Networks = networks, Pops = [.. pops.Select(p => new PopTotal(p.Key, p.Value))], Uncertain = uncertain, Unreached = unreached };
    }
}
