using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Routing.Intent;

/// <summary>The BGP sessions that a config asks for.</summary>
public static class SessionPlan
{
    /// <summary>One for each neighbour, in the order of the config.</summary>
    public static ImmutableArray<DesiredSession> Of(UpstreamConfig upstream, ImmutableArray<IPNetwork> prefixes) =>
        [.. upstream.Neighbors.Select(neighbor => Of(upstream, neighbor, prefixes))];

    private static DesiredSession Of(UpstreamConfig upstream, IPEndPoint neighbor, ImmutableArray<IPNetwork> prefixes)
    {
        (bool ipv4, bool ipv6) = Families(upstream, neighbor, prefixes);
        return new DesiredSession
        {
            Neighbor = neighbor,
            Ipv4 = ipv4,
            Ipv6 = ipv6,
            HoldTime = upstream.HoldTime,
            Hops = upstream.Hops,
            TtlSecurity = upstream.TtlSecurity,
            PasswordFile = upstream.PasswordFile,
        };
    }

    /// <summary>See <see cref="ConfigDefaults.Families"/>.</summary>
    private static (bool Ipv4, bool Ipv6) Families(UpstreamConfig upstream, IPEndPoint neighbor, ImmutableArray<IPNetwork> prefixes)
    {
        if (!upstream.Families.IsEmpty)
        {
            return (upstream.Families.Contains(RouteFamily.Ipv4), upstream.Families.Contains(RouteFamily.Ipv6));
        }

        bool anyOfItsOwn = prefixes.IsEmpty || prefixes.Any(p => p.BaseAddress.AddressFamily == neighbor.AddressFamily);
        return anyOfItsOwn
            ? (neighbor.AddressFamily == AddressFamily.InterNetwork, neighbor.AddressFamily == AddressFamily.InterNetworkV6)
            : (prefixes.Any(p => p.BaseAddress.AddressFamily == AddressFamily.InterNetwork), prefixes.Any(p => p.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6));
    }
}
