using OrleansCdn.Dns.Edns;
using OrleansCdn.Dns.Steering;

namespace OrleansCdn.Dns.Answering;

/// <summary>By whose network a PoP is chosen.</summary>
/// <param name="Address">An IPv4 address in the low 32 bits; host bits 0.</param>
/// <param name="Bits">Of the prefix.</param>
/// <param name="IsSubnet">The client's, as the resolver has sent it; else the resolver's own.</param>
public readonly record struct SteeredNetwork(UInt128 Address, bool IsIpv4, int Bits, bool IsSubnet)
{
    /// <summary>
    /// The client's if the resolver says it and it is one that visitors can be told apart by, else the resolver's own (RFC 7871 §7.2.1).
    /// </summary>
    /// <param name="data">Whose limits and overrides count.</param>
    /// <param name="from">Who asks.</param>
    /// <param name="subnet">Null: the query has none.</param>
    public static SteeredNetwork Of(DnsData data, in QuerySource from, in ClientSubnet? subnet)
    {
        if (subnet is { SourceBits: > 0 } given && (data.Steering is not SteeringTable table || table.Knows(given.IsIpv4, given.Address, given.SourceBits)))
        {
            int width = given.IsIpv4 ? 32 : 128;
            int bits = Math.Min(given.SourceBits, given.IsIpv4 ? data.SubnetLimits.Ipv4Bits : data.SubnetLimits.Ipv6Bits);

            // A limit of 0: clients are not to be looked at.
            if (bits > 0)
            {
                return new SteeredNetwork(given.Address >> (width - bits) << (width - bits), given.IsIpv4, bits, true);
            }
        }

        return from.IsIpv4 ? new SteeredNetwork((uint)from.Address, true, 32, false) : new SteeredNetwork(from.Address, false, 128, false);
    }
}
