using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Grains.Routing;

/// <summary>Config and intent of an upstream as what its neighbours are to see. Pure.</summary>
internal static class UpstreamCompiler
{
    /// <summary>RFC 4271 §8.</summary>
    private const int BgpPort = 179;

    /// <summary>A third of the 90 s that RFC 4271 §10 suggests: a dead neighbour is noticed while visitors still try again.</summary>
    private static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(30);

    public static bool IsHeldBy(UpstreamConfig upstream, string edge) => upstream.Neighbors.Length > 0 && edge.Length > 0;

    public static CompiledUpstream Compile(CdnConfig config, UpstreamConfig upstream, RouteIntent intent)
    {
        ImmutableArray<DesiredRoute> routes = [.. config.Cluster.Prefixes.Select(p => Route(p, upstream, intent)).OfType<DesiredRoute>()];
        return new CompiledUpstream
        {
            Config = upstream,
            Sessions = [.. upstream.Neighbors.Select(n => Session(n, config.Cluster.Prefixes))],
            Routes = routes,
            Explanation = [],
            // What is not announced can always be said.
            Errors = routes.IsEmpty ? [] : [.. NotExpressible(upstream, intent)],
        };
    }

    private static DesiredSession Session(IPAddress neighbor, ImmutableArray<IPNetwork> prefixes) => new()
    {
        Neighbor = new IPEndPoint(neighbor, BgpPort),
        Ipv4 = prefixes.Any(p => p.BaseAddress.AddressFamily == AddressFamily.InterNetwork),
        Ipv6 = prefixes.Any(p => p.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6),
        HoldTime = HoldTime,
        Hops = 1,
        TtlSecurity = false,
    };

    private static DesiredRoute? Route(IPNetwork prefix, UpstreamConfig upstream, RouteIntent intent)
    {
        PrefixIntent? own = intent.Prefixes.FirstOrDefault(p => p.Prefix == prefix);
        if (!((intent.Announce ?? upstream.Announce) && (own?.Announce ?? true)))
        {
            return null;
        }

        IEnumerable<Community> communities = (intent.Communities ?? []).Concat(own?.Communities ?? []);
        communities = intent.GracefulShutdown == true ? communities.Append(Community.GracefulShutdown) : communities;
        communities = intent.NoExport == true ? communities.Append(Community.NoExport) : communities;
        return new DesiredRoute
        {
            Prefix = prefix,
            Prepend = own?.Prepend ?? intent.Prepend ?? upstream.Prepend,
            Communities = [.. communities.Distinct().Order(Comparer<Community>.Create(Community.Compare))],
        };
    }

    private static IEnumerable<string> NotExpressible(UpstreamConfig upstream, RouteIntent intent)
    {
        var carriers = upstream.Carriers.ToDictionary(c => c.Asn, c => new CarrierIntent(c.Asn, c.Prepend, c.Withdraw));
        foreach (CarrierIntent carrier in intent.Carriers)
        {
            carriers[carrier.Asn] = carrier;
        }

        foreach (CarrierIntent carrier in carriers.Values.Where(c => c.Withdraw || c.Prepend > 0).OrderBy(c => c.Asn))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"no community is known by which '{upstream.Provider}' tells carrier {carrier.Asn}: set the communities yourself");
        }

        if (intent.IxpOnly == true)
        {
            yield return $"no community is known by which '{upstream.Provider}' announces at internet exchanges alone: set the communities yourself";
        }
    }
}
