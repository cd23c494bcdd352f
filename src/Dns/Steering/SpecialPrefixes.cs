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

    /// <summary>Whether all of a network is special. Otherwise visitors can be placed by it (RFC 7871 §10).</summary>
    /// <param name="isIpv4">The address is the low 32 bits.</param>
    /// <param name="network">Host bits are zero.</param>
    /// <param name="bits">Its prefix length.</param>
    public static bool Contain(bool isIpv4, UInt128 network, int bits)
    {
        PrefixCursor found = Of(isIpv4).Find(network, isIpv4 ? 32 : 128);
        return found.Value != PrefixTree.None && found.Bits <= bits;
    }

    internal static PrefixTree Of(bool isIpv4) => isIpv4 ? Ipv4 : Ipv6;

    private static IEnumerable<(IPNetwork, int)> All() =>
        [.. SpecialPurposeAddresses.Blocks.Append(SpecialPurposeAddresses.Nat64).Append(IPNetwork.Parse("::ffff:0:0/96")).Select(block => (block, 0))];
}
