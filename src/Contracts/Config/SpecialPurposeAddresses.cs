using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Contracts.Config;

/// <summary>
/// Addresses that are not global unicast (RFC 6890 and the IANA special-purpose registries for IPv4 and IPv6, with
/// multicast): loopback, private, link-local, documentation, and those that carry one of them inside.
/// </summary>
public static class SpecialPurposeAddresses
{
    /// <summary>All but <see cref="Nat64"/>, whose addresses are as special as the IPv4 addresses in them.</summary>
    public static readonly ImmutableArray<IPNetwork> Blocks =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
            "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
            "224.0.0.0/4", "240.0.0.0/4",

            // ::/96 has ::, ::1 and the deprecated IPv4-compatible addresses; 2002::/16 (6to4) leads to whatever IPv4 address
            // is written into it.
            "::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001:db8::/32", "2002::/16",
            "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>NAT64's well-known prefix (RFC 6052): servers without IPv4 reach IPv4 origins through it.</summary>
    public static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>What the text of a URL tells; a name may lead to such an address all the same.</summary>
    public static bool IsHost(Uri url) => IPAddress.TryParse(url.DnsSafeHost, out IPAddress? address)
        ? Contains(address)
        : IsLocalhost(url.DnsSafeHost);

    public static bool Contains(IPAddress address)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (plain.AddressFamily == AddressFamily.InterNetworkV6 && Nat64.Contains(plain))
        {
            return Contains(new IPAddress(plain.GetAddressBytes().AsSpan(12)));
        }

        foreach (IPNetwork block in Blocks)
        {
            if (block.BaseAddress.AddressFamily == plain.AddressFamily && block.Contains(plain))
            {
                return true;
            }
        }

        return plain.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6);
    }
    /// <summary>RFC 6761 §6.3: localhost and every name below it are loopback.</summary>
    private static bool IsLocalhost(string host) =>
        host == "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal);
}
