using System.Net;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Dns.Steering;

/// <summary>
/// Blocks that no place is known of (RFC 6890): addresses in them are nobody's in particular, and IPv6 addresses that carry IPv4 ones
/// come as those or not at all.
/// </summary>
public static class SpecialPrefixes
{
    private static readonly PrefixTree Ipv4 = PrefixTree.Of(true, All());
    private static readonly PrefixTree Ipv6 = PrefixTree.Of(false, All());

    /// <summary>False: an address that can be routed, by which a visitor can be placed (RFC 7871 §10).</summary>
    /// <param name="isIpv4">The address is the low 32 bits.</param>
    /// <param name="address">The address, or the first of a network.</param>
    public static bool Contains(bool isIpv4, UInt128 address) => Of(isIpv4).Find(address, isIpv4 ? 32 : 128).Value != PrefixTree.None;

    internal static PrefixTree Of(bool isIpv4) => isIpv4 ? Ipv4 : Ipv6;

    private static IEnumerable<(IPNetwork, int)> All() =>
        [.. SpecialPurposeAddresses.Blocks.Append(SpecialPurposeAddresses.Nat64).Append(IPNetwork.Parse("::ffff:0:0/96")).Select(block => (block, 0))];
}
