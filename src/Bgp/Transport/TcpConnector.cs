using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Bgp.Transport;

/// <summary>Opens the TCP connection of a session.</summary>
internal static class TcpConnector
{
    /// <exception cref="SocketException">No connection.</exception>
    /// <exception cref="IOException">The password cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Nobody wants it any more.</exception>
    public static async Task<Socket> ConnectAsync(TcpPeer peer, TimeSpan hold, CancellationToken cancellationToken)
    {
        // Of the neighbour's own family: the kernel finds keys and hop limits by it.
        var remote = new IPEndPoint(peer.Address, peer.Remote.Port);
        var socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            SocketOptions.Apply(socket, peer, hold);
            if (peer.ReadPassword is { } read)
            {
                SocketOptions.SetMd5(socket, remote.Address, read());
            }

            if (peer.Source is { } source)
            {
                socket.Bind(new IPEndPoint(source, 0));
            }

            await socket.ConnectAsync(remote, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
