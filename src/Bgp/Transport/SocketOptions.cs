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

    /// <summary>Longest that a neighbour's kernel may be silent before the neighbour has said anything.</summary>
    private static readonly TimeSpan OpeningLimit = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(2);

    /// <summary>
    /// What every connection of a session has, opened or accepted. Until <see cref="Opened"/> the kernel asks whether the other side is still
    /// there: the end of a connection to a process that has ended comes with the TTL of a kernel that knows no more of it, which GTSM refuses
    /// (RFC 5082), and the hold timer before an OPEN is minutes long (RFC 4271 §8.2.2).
    /// </summary>
    /// <param name="socket">Not connected yet, or just accepted.</param>
    /// <param name="peer">Whose.</param>
    /// <param name="hold">Of the session; 0: none.</param>
    public static void Apply(Socket socket, TcpPeer peer, TimeSpan hold)
    {
        bool isIpv6 = socket.AddressFamily == AddressFamily.InterNetworkV6;
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)ProbeInterval.TotalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, (int)ProbeInterval.TotalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        SetUserTimeout(socket, hold > TimeSpan.Zero && hold < OpeningLimit ? hold : OpeningLimit);
        Set(socket, isIpv6 ? LevelIpv6 : LevelIp, isIpv6 ? Ipv6TrafficClass : IpTos, NetworkControl);
        SetTtl(socket, peer.Ttl);
        if (peer.TtlSecurity)
        {
            Set(socket, isIpv6 ? LevelIpv6 : LevelIp, isIpv6 ? Ipv6MinHopCount : IpMinTtl, byte.MaxValue);
        }
    }

    /// <summary>The neighbour has said something: from here on BGP's own KEEPALIVEs show that it is there.</summary>
    /// <param name="socket">Of the session.</param>
    /// <param name="hold">The kernel gives up what the peer has not acknowledged for so long (RFC 5482); 0: its own limit.</param>
    public static void Opened(Socket socket, TimeSpan hold)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, false);
        SetUserTimeout(socket, hold);
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

    private static void SetUserTimeout(Socket socket, TimeSpan limit) => Set(socket, LevelTcp, TcpUserTimeout, (int)limit.TotalMilliseconds);

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
