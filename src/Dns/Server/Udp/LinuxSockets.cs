using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace OrleansCdn.Dns.Server.Udp;

/// <summary>
/// System calls and socket options of Linux that .NET has no names for: <c>recvmmsg(2)</c>, <c>ip(7)</c>, <c>ipv6(7)</c>,
/// <c>socket(7)</c> and the kernel's UAPI headers.
/// </summary>
internal static unsafe partial class LinuxSockets
{
    public const int LevelSocket = 1;
    public const int LevelIp = 0;
    public const int LevelIpv6 = 41;

    /// <summary>Both the option that asks for it and the type of the control message, for IPv4.</summary>
    public const int IpPacketInfo = 8;
    public const int Ipv6PacketInfo = 50;

    /// <summary><c>MSG_WAITFORONE</c>: waits for the first datagram, takes what else is there.</summary>
    public const int WaitForOne = 0x10000;
    public const int DontWait = 0x40;

    /// <summary>Of <c>msg_flags</c>: the datagram was longer than its buffer.</summary>
    public const int WasTruncated = 0x20;

    public const int Interrupted = 4;
    public const int Again = 11;

    private const int ReuseAddress = 2;
    private const int ReusePort = 15;
    private const int ReceiveBufferForce = 33;
    private const int MemoryInfo = 55;
    private const int Ipv6ReceivePacketInfo = 49;
    private const int IpMtuDiscover = 10;
    private const int Ipv6MtuDiscover = 23;

    /// <summary><c>IP_PMTUDISC_OMIT</c> and IPv6's: forged ICMP messages must not make answers come in fragments that can be forged.</summary>
    private const int PmtuOmit = 5;

    /// <summary>The calls below are made with structures of this layout.</summary>
    public static bool AreUsable => OperatingSystem.IsLinux() && BitConverter.IsLittleEndian && sizeof(nint) == sizeof(long);

    /// <summary>Several sockets on one port; the kernel spreads what comes over them.</summary>
    public static void SetReusePort(Socket socket) => Set(socket, LevelSocket, ReusePort, 1);

    /// <summary>A port that connections of a former process still wait on can be had again.</summary>
    public static void SetReuseAddress(Socket socket) => Set(socket, LevelSocket, ReuseAddress, 1);

    /// <summary>Asks for the address that each datagram was sent to: on a socket of all addresses, the answer has to come from there.</summary>
    public static void SetPacketInfo(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.InterNetworkV6)
        {
            Set(socket, LevelIpv6, Ipv6ReceivePacketInfo, 1);
        }
        else
        {
            Set(socket, LevelIp, IpPacketInfo, 1);
        }
    }

    public static void IgnorePathMtu(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.InterNetworkV6)
        {
            Set(socket, LevelIpv6, Ipv6MtuDiscover, PmtuOmit);
        }

        // Also of an IPv6 socket: it sends to IPv4 when it is of both.
        if (socket.AddressFamily == AddressFamily.InterNetwork || socket.DualMode)
        {
            Set(socket, LevelIp, IpMtuDiscover, PmtuOmit);
        }
    }

    /// <summary>Beyond <c>net.core.rmem_max</c> where the process may (CAP_NET_ADMIN), else as far as that goes.</summary>
    public static void SetReceiveQueue(Socket socket, int octets)
    {
        try
        {
            Set(socket, LevelSocket, ReceiveBufferForce, octets);
        }
        catch (SocketException)
        {
            socket.ReceiveBufferSize = octets;
        }
    }

    /// <summary>How full the receive queue is, and how many datagrams found no room in it (<c>SO_MEMINFO</c>, Linux 4.12).</summary>
    /// <returns>False: the kernel does not tell.</returns>
    public static bool TryReadQueue(Socket socket, out QueueState state)
    {
        const int ReceiveAllocated = 0, ReceiveBuffer = 1, Drops = 8;
        Span<byte> values = stackalloc byte[9 * sizeof(uint)];
        state = default;
        try
        {
            if (socket.GetRawSocketOption(LevelSocket, MemoryInfo, values) < values.Length)
            {
                return false;
            }
        }
        catch (SocketException)
        {
            return false;
        }

        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(values);
        state = new QueueState(words[ReceiveAllocated], words[ReceiveBuffer], words[Drops]);
        return true;
    }

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int ReceiveMany(int descriptor, MultiHeader* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int SendMany(int descriptor, MultiHeader* messages, uint count, int flags);

    private static void Set(Socket socket, int level, int option, int value)
    {
        Span<byte> octets = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(octets, value);
        socket.SetRawSocketOption(level, option, octets);
    }

    /// <summary><c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Vector
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary><c>struct mmsghdr</c>: a <c>struct msghdr</c> (with what its alignment adds to it) and the octets moved.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MultiHeader
    {
        public byte* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
        private readonly int _padding;
        public uint Moved;
    }

    /// <summary><c>struct cmsghdr</c>; what it is about follows at once.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }
}
