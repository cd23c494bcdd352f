using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Bgp.Fsm;
using OrleansCdn.Bgp.Wire;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bench.Bgp;

/// <summary>A session as a PoP has it: both families, a prefix of each, some communities.</summary>
internal static class Sample
{
    public static readonly ImmutableArray<IPNetwork> Prefixes = [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("2a0f:b240:1000::/48")];

    public static ImmutableArray<DesiredRoute> Routes(int prepend) =>
    [
        .. Prefixes.Select(p => new DesiredRoute { Prefix = p, Prepend = prepend, Communities = [Community.Parse("64600:2914"), Community.Parse("64601:174")] }),
    ];

    public static SessionSettings Settings(bool isPassive, int holdSeconds) => new()
    {
        LocalAsn = isPassive ? 64515u : 201726u,
        PeerAsn = isPassive ? 201726u : 64515u,
        RouterId = isPassive ? 2u : 1u,
        Families = AddressFamilies.Ipv4 | AddressFamilies.Ipv6,
        HoldTime = TimeSpan.FromSeconds(holdSeconds),
        IsPassive = isPassive,
    };
}
