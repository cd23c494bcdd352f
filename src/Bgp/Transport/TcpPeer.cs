using System.Net;

namespace OrleansCdn.Bgp.Transport;

/// <summary>How a neighbour is reached over TCP.</summary>
public sealed record TcpPeer
{
    /// <summary>Where connections go to; of a passive session only the address counts.</summary>
    public required IPEndPoint Remote { get; init; }

    /// <summary>Address that connections come from; null: the system chooses.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>Hops to the neighbour: 1 is a directly connected one.</summary>
    public int Hops { get; init; } = 1;

    /// <summary>RFC 5082: both sides send with TTL 255 and take nothing that is less; only with <see cref="Hops"/> 1.</summary>
    public bool TtlSecurity { get; init; }

    /// <summary>Reads the TCP-MD5 password (RFC 2385) before each attempt; null: none. An <see cref="IOException"/> says why there is no connection.</summary>
    public Func<byte[]>? ReadPassword { get; init; }

    /// <summary>Overrides of what the connection's own addresses give.</summary>
    public IPAddress? NextHopIpv4 { get; init; }

    /// <inheritdoc cref="NextHopIpv4"/>
    public IPAddress? NextHopIpv6 { get; init; }

    /// <summary>The neighbour's address as sockets show it: never an IPv4 address mapped into IPv6.</summary>
    public IPAddress Address => Plain(Remote.Address);

    /// <summary>TTL or hop limit that is sent. 1 for a direct neighbour keeps the session on the link (RFC 4271's neighbours share a subnet).</summary>
    internal int Ttl => TtlSecurity ? byte.MaxValue : Math.Clamp(Hops, 1, byte.MaxValue);

    internal static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>Without the name of the interface that link-local addresses carry.</summary>
    internal static IPEndPoint Plain(IPEndPoint endPoint) => new(Plain(endPoint.Address), endPoint.Port);
}
