using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Failover.Tests.Simulation;

/// <summary>What the servers' levels come to in octets, by the product's own encoder, when others wish for more than what is allowed (I6).</summary>
internal sealed class Octets
{
    private static readonly IPNetwork Own = IPNetwork.Parse("192.0.2.0/24");

    private static readonly ImmutableArray<IPNetwork> Foreign = [.. ((string[])["192.0.2.0/25", "192.0.2.0/23", "192.0.3.0/24", "0.0.0.0/0", "198.51.100.0/24"]).Select(IPNetwork.Parse)];

    private static readonly AnnouncementContext Context = new()
    {
        LocalAsn = 64500,
        IsFourOctet = true,
        Families = AddressFamilies.Ipv4,
        NextHopIpv4 = IPAddress.Parse("198.51.100.2"),
        NextHopIpv6 = null,
        AllowedPrefixes = [Own],
    };

    private int _sent;

    /// <summary>A server sends its routes at a level.</summary>
    /// <returns>What is wrong with that; null: nothing.</returns>
    public string? Send(AnnouncementLevel level)
    {
        ImmutableArray<DesiredRoute> wished = [Route(Own), Route(Foreign[_sent++ % Foreign.Length])];
        ImmutableArray<DesiredRoute> routes = wished.At(level);
        foreach (DesiredRoute route in routes)
        {
            bool isEncoded = AnnouncementWriter.Announce(Context, route, out _) is not null;
            if (isEncoded != (route.Prefix == Own))
            {
                return $"at level {level} {route.Prefix} is {(isEncoded ? "" : "not ")}encoded, and {Own} is what is allowed";
            }
        }

        return routes.IsEmpty == (level == AnnouncementLevel.Withdrawn) ? null : $"at level {level} there are {routes.Length} routes";
    }

    private static DesiredRoute Route(IPNetwork prefix) => new() { Prefix = prefix, Prepend = 0, Communities = [] };
}
