using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Edge.Origin;

/// <summary>
/// Addresses that an origin may have unless its site allows more: globally reachable ones. Keeps a tenant from reaching
/// the operator's own network through the cache (server-side request forgery).
/// </summary>
public static class AddressPolicy
{
    /// <summary>Not globally reachable, or not unicast: IANA's special-purpose registries (RFC 6890 and its updates).</summary>
    private static readonly IPNetwork[] Special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:2::/48", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16",
            "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6 && Nat64.Contains(address))
        {
            // The embedded IPv4 address is what is reached (RFC 6052).
            return IsPublic(new IPAddress(address.GetAddressBytes().AsSpan(12)));
        }

        foreach (IPNetwork network in Special)
        {
            if (network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address))
            {
                return false;
            }
        }

        return true;
    }
}
