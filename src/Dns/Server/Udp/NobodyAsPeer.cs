using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Dns.Server.Udp;

/// <summary>Takes a socket out of the group that shares a port without losing what is in its queue.</summary>
internal static class NobodyAsPeer
{
    /// <summary>The discard service (RFC 863), from which no query comes.</summary>
    private const int DiscardPort = 9;

    public static void Connect(Socket socket)
    {
        IPAddress own = ((IPEndPoint)socket.LocalEndPoint!).Address;
        IPAddress peer = own.Equals(IPAddress.Any) ? IPAddress.Loopback : own.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : own;
        try
        {
            socket.Connect(new IPEndPoint(peer, DiscardPort));
        }
        catch (SocketException)
        {
            // No way there, for an address that the machine has lost: nothing comes to it either.
        }
    }
}
