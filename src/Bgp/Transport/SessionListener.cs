using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Bgp.Transport;

/// <summary>Takes connections of known neighbours and gives them to their sessions; who else connects is closed without a word.</summary>
public sealed class SessionListener : IAsyncDisposable
{
    /// <summary>Neighbours of one PoP at most (1,024 sessions); who floods the queue of an unprotected port would fill any.</summary>
    private const int Backlog = 128;

    /// <summary>When the process has no descriptors left, accepting again at once would spin.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<IPAddress, SessionRunner> _sessions = [];
    private readonly Task _accepting;
    private long _refused;

    private SessionListener(Socket socket, TimeProvider time)
    {
        _socket = socket;
        _time = time;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens, with the port that the system chose where 0 was asked for.</summary>
    public IPEndPoint Local => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Connections of nobody that is known.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <param name="local">Connections of its family alone are taken: IPv6's do not bring IPv4.</param>
    /// <param name="time">Of pauses.</param>
    /// <exception cref="SocketException">The address or the port cannot be had.</exception>
    public static SessionListener Open(IPEndPoint local, TimeProvider time)
    {
        var socket = new Socket(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (local.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = false;
            }

            // The answer to a SYN goes out with this socket's TTL, and a neighbour with GTSM takes nothing below 255 (RFC 5082 §3).
            SocketOptions.SetTtl(socket, byte.MaxValue);
            socket.Bind(local);
            socket.Listen(Backlog);
            return new SessionListener(socket, time);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connections from the session's neighbour are its own from now on; with a password only such as carry it.</summary>
    /// <exception cref="IOException">The password cannot be read: the neighbour is not taken.</exception>
    /// <exception cref="SocketException">The kernel takes no such key.</exception>
    public void Add(SessionRunner session)
    {
        IPAddress neighbor = session.Peer.Address;
        if (neighbor.AddressFamily != _socket.AddressFamily)
        {
            return;
        }

        if (session.Peer.ReadPassword is { } read)
        {
            SocketOptions.SetMd5(_socket, neighbor, read());
        }

        _sessions[neighbor] = session;
    }

    public void Remove(SessionRunner session)
    {
        IPAddress neighbor = session.Peer.Address;
        if (_sessions.TryRemove(KeyValuePair.Create(neighbor, session)) && session.Peer.ReadPassword is not null)
        {
            try
            {
                SocketOptions.SetMd5(_socket, neighbor, []);
            }
            catch (SocketException)
            {
                // Gone already: nothing is left to take away.
            }
        }
    }

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
            Socket socket;
            try
            {
                socket = await _socket.AcceptAsync(_stopping.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(Pause, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            if (!TryHand(socket))
            {
                _ = Interlocked.Increment(ref _refused);
                socket.Dispose();
            }
        }
    }

    private bool TryHand(Socket socket)
    {
        try
        {
            if (socket.RemoteEndPoint is not IPEndPoint remote || !_sessions.TryGetValue(TcpPeer.Plain(remote.Address), out SessionRunner? session))
            {
                return false;
            }

            SocketOptions.Apply(socket, session.Peer, session.HoldTime);
            session.Accept(socket);
            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false; // It has gone again.
        }
    }
}
