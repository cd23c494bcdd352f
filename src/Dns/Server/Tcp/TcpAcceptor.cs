using System.Net;
using System.Net.Sockets;
using OrleansCdn.Dns.Server.Udp;

namespace OrleansCdn.Dns.Server.Tcp;

/// <summary>Takes the connections of one endpoint.</summary>
internal sealed class TcpAcceptor : IAsyncDisposable
{
    /// <summary>Connections that the kernel keeps while none is taken; more than the server has room for are of no use.</summary>
    private const int Backlog = 256;

    /// <summary>Octets that the kernel keeps for a client that does not read: as much as one answer.</summary>
    private const int SendQueue = 64 * 1024;

    /// <summary>When the process has no descriptors left, accepting again at once would spin.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly TcpConnections _connections;
    private readonly TcpDesks _desks;
    private readonly ServerCounters _counters;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    private TcpAcceptor(Socket socket, TcpConnections connections, TcpDesks desks, ServerCounters counters, TimeProvider time)
    {
        _socket = socket;
        _connections = connections;
        _desks = desks;
        _counters = counters;
        _time = time;
        _accepting = AcceptAsync();
    }

    public IPEndPoint Local => (IPEndPoint)_socket.LocalEndPoint!;

    /// <param name="endpoint">Port 0 lets the system choose. <c>::</c> takes IPv4, too.</param>
    /// <exception cref="SocketException">The address or the port cannot be had.</exception>
    public static TcpAcceptor Open(IPEndPoint endpoint, TcpConnections connections, TcpDesks desks, ServerCounters counters, TimeProvider time)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endpoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = endpoint.Address.Equals(IPAddress.IPv6Any);
            }

            if (LinuxSockets.AreUsable)
            {
                LinuxSockets.SetReusePort(socket);
                LinuxSockets.SetReuseAddress(socket);
            }

            socket.Bind(endpoint);
            socket.Listen(Backlog);
            return new TcpAcceptor(socket, connections, desks, counters, time);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes no more connections; those that there are go on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _socket.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Admit(await _socket.AcceptAsync(_stopping.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(Pause, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Admit(Socket socket)
    {
        _counters.AddShared(ServerCount.TcpConnections);
        TcpConnection connection;
        try
        {
            socket.NoDelay = true;
            socket.Blocking = false;
            socket.SendBufferSize = SendQueue;
            connection = new TcpConnection(socket, (IPEndPoint)socket.RemoteEndPoint!, _desks, _counters, _time);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            socket.Dispose(); // It has gone again.
            return;
        }

        if (!_connections.TryAdd(connection))
        {
            connection.Dispose();
            return;
        }

        _ = ServeAsync(connection);
    }

    /// <summary>Ends with its connection, which has deadlines; whoever stops the server waits for the connections.</summary>
    private async Task ServeAsync(TcpConnection connection)
    {
        try
        {
            await connection.RunAsync();
        }
        finally
        {
            _connections.Remove(connection);
            connection.Dispose();
        }
    }
}
