using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Dns.Server.Udp;

/// <summary>Opens a socket and chooses how its thread reads it.</summary>
internal static class UdpSockets
{
    /// <param name="endpoint">Port 0 lets the system choose. <c>::</c> takes IPv4, too.</param>
    /// <param name="isPortable">Without the calls that only Linux has, also there.</param>
    /// <exception cref="SocketException">The address or the port cannot be had.</exception>
    public static UdpWorker Open(IPEndPoint endpoint, bool isPortable, UdpDesk desk, TimeProvider time, string name)
    {
        bool isBatched = LinuxSockets.AreUsable && !isPortable;
        bool isAny = endpoint.Address.Equals(IPAddress.Any) || endpoint.Address.Equals(IPAddress.IPv6Any);
        var socket = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (endpoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = isAny;
            }

            socket.ReceiveTimeout = (int)ServerLimits.LookInterval.TotalMilliseconds;
            socket.SendBufferSize = ServerLimits.SendQueue;
            if (LinuxSockets.AreUsable)
            {
                LinuxSockets.SetReusePort(socket);
                LinuxSockets.IgnorePathMtu(socket);
                LinuxSockets.SetReceiveQueue(socket, ServerLimits.ReceiveQueue);
            }

            if (isBatched && isAny)
            {
                LinuxSockets.SetPacketInfo(socket);
            }

            socket.Bind(endpoint);
            return isBatched ? new BatchedUdpWorker(socket, isAny, desk, time, name) : new PortableUdpWorker(socket, desk, time, name);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
