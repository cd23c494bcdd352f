using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Bgp.Transport;

/// <summary>Options of Linux that .NET has no names for: <c>ip(7)</c>, <c>ipv6(7)</c>, <c>tcp(7)</c> and the kernel's UAPI headers.</summary>
internal static class SocketOptions
{
    private const int LevelIp = 0;
    private const int LevelTcp = 6;
    private const int LevelIpv6 = 41;
    private const int IpTos = 1;
    private const int IpTtl = 2;
    private const int IpMinTtl = 21;
    private const int Ipv6UnicastHops = 16;
    private const int Ipv6TrafficClass = 67;
    private const int Ipv6MinHopCount = 73;
    private const int TcpMd5Signature = 14;
    private const int TcpUserTimeout = 18;

    /// <summary>DSCP CS6, network control (RFC 4594 §3.2), in the upper six bits of the octet.</summary>
    private const int NetworkControl = 48 << 2;

    /// <summary>What every connection of a session has, opened or accepted.</summary>
    /// <param name="socket">Not connected yet, or just accepted.</param>
    /// <param name="peer">Whose.</param>
    /// <param name="hold">The kernel gives up what the peer has not acknowledged for so long (RFC 5482); 0: its own limit.</param>
    public static void Apply(Socket socket, TcpPeer peer, TimeSpan hold)
    {
        bool isIpv6 = socket.AddressFamily == AddressFamily.InterNetworkV6;
        socket.NoDelay = true;
        Set(socket, LevelTcp, TcpUserTimeout, (int)hold.TotalMilliseconds);
        Set(socket, isIpv6 ? LevelIpv6 : LevelIp, isIpv6 ? Ipv6TrafficClass : IpTos, NetworkControl);
        SetTtl(socket, peer.Ttl);
        if (peer.TtlSecurity)
        {
            Set(socket, isIpv6 ? LevelIpv6 : LevelIp, isIpv6 ? Ipv6MinHopCount : IpMinTtl, byte.MaxValue);
        }
    }

    public static void SetTtl(Socket socket, int ttl)
    {
        bool isIpv6 = socket.AddressFamily == AddressFamily.InterNetworkV6;
        Set(socket, isIpv6 ? LevelIpv6 : LevelIp, isIpv6 ? Ipv6UnicastHops : IpTtl, ttl);
    }

    /// <summary>The key of one neighbour, on a socket that is not connected yet or that listens.</summary>
    /// <param name="socket">Of the neighbour's family: no IPv4 address goes through an IPv6 socket here.</param>
    /// <param name="neighbor">Its port does not count.</param>
    /// <param name="password">At most <see cref="TcpMd5.MaxPasswordLength"/> octets; empty takes the key away.</param>
    public static void SetMd5(Socket socket, IPAddress neighbor, ReadOnlySpan<byte> password) =>
        socket.SetRawSocketOption(LevelTcp, TcpMd5Signature, TcpMd5.Option(neighbor, password));

    private static void Set(Socket socket, int level, int option, int value)
    {
        Span<byte> octets = stackalloc byte[sizeof(int)];
        if (BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.WriteInt32LittleEndian(octets, value);
        }
        else
        {
            BinaryPrimitives.WriteInt32BigEndian(octets, value);
        }

        socket.SetRawSocketOption(level, option, octets);
    }
}
