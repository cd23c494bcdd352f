using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class ClientSubnetSection
{
    public static readonly ScalarKey<int> Ipv4 = ScalarKey<int>.May(
        "ipv4", Numbers.Whole(0, ConfigLimits.MaxClientSubnetIpv4Bits), ConfigDefaults.ClientSubnetIpv4Bits, "Bits of an IPv4 address; 0: it is not looked at.");

    public static readonly ScalarKey<int> Ipv6 = ScalarKey<int>.May(
        "ipv6", Numbers.Whole(0, ConfigLimits.MaxClientSubnetIpv6Bits), ConfigDefaults.ClientSubnetIpv6Bits, "Bits of an IPv6 address; 0: it is not looked at.");

    public static readonly KeyTable Table = new("dns.client-subnet", [Ipv4, Ipv6]);

    public static ClientSubnetConfig Bind(MapReader keys) => new() { Ipv4Bits = keys.Read(Ipv4).Value, Ipv6Bits = keys.Read(Ipv6).Value };
}
