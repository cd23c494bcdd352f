using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace OrleansCdn.Bgp.Transport;

/// <summary>What prefixes are announced with, by family.</summary>
/// <param name="Ipv4">Null: there is no usable one.</param>
/// <param name="Ipv6">Null: there is no usable one.</param>
public sealed record NextHops(IPAddress? Ipv4, IPAddress? Ipv6)
{
    /// <summary>
    /// RFC 4271 §5.1.3 and RFC 2545 §3: the session's own address in its family; in the other one an address of the same interface.
    /// </summary>
    /// <param name="local">Of this side of the connection.</param>
    /// <param name="sameInterface">All addresses of the interface that <paramref name="local"/> belongs to.</param>
    /// <param name="peer">Its overrides come before all else.</param>
    /// <param name="own">Prefixes that are announced: an address in them is reached by the announcement itself, so that it is none to announce with.</param>
    public static NextHops Choose(IPAddress local, IEnumerable<IPAddress> sameInterface, TcpPeer peer, ImmutableArray<IPNetwork> own)
    {
        IPAddress[] candidates = [local, .. sameInterface];
        return new NextHops(
            peer.NextHopIpv4 ?? Array.Find(candidates, a => a.AddressFamily == AddressFamily.InterNetwork && IsUsable(a)),
            peer.NextHopIpv6 ?? Array.Find(candidates, a => a.AddressFamily == AddressFamily.InterNetworkV6 && IsUsable(a)));

        // A loopback address is one for a neighbour on this machine alone.
        bool IsUsable(IPAddress address) =>
            (IPAddress.IsLoopback(address) ? IPAddress.IsLoopback(local) : !IsLinkLocal(address))
            && !own.Any(prefix => prefix.BaseAddress.AddressFamily == address.AddressFamily && prefix.Contains(address));
    }

    /// <summary>Addresses of the interface that has <paramref name="local"/>; none when it has gone.</summary>
    public static ImmutableArray<IPAddress> OfInterface(IPAddress local)
    {
        foreach (NetworkInterface card in NetworkInterface.GetAllNetworkInterfaces())
        {
            ImmutableArray<IPAddress> addresses = [.. card.GetIPProperties().UnicastAddresses.Select(a => a.Address)];
            if (addresses.Contains(local) || (IPAddress.IsLoopback(local) && card.NetworkInterfaceType == NetworkInterfaceType.Loopback))
            {
                return addresses;
            }
        }

        return [];
    }

    private static bool IsLinkLocal(IPAddress address) =>
        address.IsIPv6LinkLocal || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [169, 254, ..]);
}
