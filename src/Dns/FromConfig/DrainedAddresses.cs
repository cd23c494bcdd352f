using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Dns.FromConfig;

/// <summary>Which addresses of a PoP are left when some of its edges are drained. Pure.</summary>
public static class DrainedAddresses
{
    /// <summary>
    /// The config as answers see it: drained edges have no addresses of their own, unless none of their PoP would be left in a family that it
    /// has. What another edge of the PoP shares, as anycast addresses are, stays.
    /// </summary>
    /// <param name="config">In force.</param>
    /// <param name="drained">Names of edges.</param>
    public static CdnConfig Without(CdnConfig config, ImmutableArray<string> drained) =>
        config.Pops.Any(pop => pop.Edges.Any(edge => drained.Contains(edge.Name)))
            ? config with { Pops = [.. config.Pops.Select(pop => Without(pop, drained))] }
            : config;

    private static PopConfig Without(PopConfig pop, ImmutableArray<string> drained)
    {
        ImmutableArray<EdgeConfig> left = [.. pop.Edges.Select(edge => drained.Contains(edge.Name) ? edge with { Addresses = [] } : edge)];
        return Families(left).SetEquals(Families(pop.Edges)) ? pop with { Edges = left } : pop;
    }

    private static HashSet<System.Net.Sockets.AddressFamily> Families(ImmutableArray<EdgeConfig> edges) =>
        [.. edges.Where(edge => edge.Http is not null || edge.Https is not null).SelectMany(edge => edge.Addresses).Select(address => address.AddressFamily)];
}
