using System.Buffers;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Dns.Answering;

namespace OrleansCdn.Dns.Server.Tcp;

/// <summary>
/// One client: reads what comes, answers all that is whole, sends, and reads no more until that is sent. So it holds one message
/// that is not whole yet and one load of answers at most. Deadlines are looked at from outside (<see cref="TcpConnections"/>).
/// </summary>
internal sealed class TcpConnection : IDisposable
{
    /// <summary>Receives after which other work of the process gets its turn, however fast the client sends.</summary>
    private const int LoadsPerTurn = 8;

    private readonly Socket _socket;
    private readonly TcpDesks _desks;
    private readonly ServerCounters _counters;
    private readonly TimeProvider _time;
    private readonly FrameBuffer _input = new();
    private readonly UInt128 _address;
    private readonly bool _isIpv4;
    private readonly ushort _port;
    private int _phase = (int)TcpPhase.Idle;
    private long _since;
    private int _isCut;

    public TcpConnection(Socket socket, IPEndPoint remote, TcpDesks desks, ServerCounters counters, TimeProvider time)
    {
        _socket = socket;
        _desks = desks;
        _counters = counters;
        _time = time;
        _address = MappedAddress.Of(remote.Address, out _isIpv4);
        _port = (ushort)remote.Port;
        Network = ClientNetwork.Of(_address, _isIpv4);
        Enter(TcpPhase.Idle);
    }

    public UInt128 Network { get; }

    /// <summary>What it is waiting for.</summary>
    public TcpPhase Phase => (TcpPhase)Volatile.Read(ref _phase);

    /// <summary>Monotonic time at which it began to wait for that.</summary>
    public TimeSpan Since => new(Volatile.Read(ref _since));

    /// <summary>Until the client leaves or is cut off.</summary>
    public async Task RunAsync()
    {
        try
        {
            bool isOpen = true;
            for (int load = 1; isOpen; load++)
            {
                if (load % LoadsPerTurn == 0)
                {
                    await Task.Yield();
                }

                int received = await _socket.ReceiveAsync(_input.Free, SocketFlags.None);
                _input.Commit(received);
                isOpen = await AnswerAsync() && received > 0;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The client is gone, or was cut off.
        }
    }

    /// <summary>Ends it without waiting for what has not been sent.</summary>
    /// <param name="reason">Counted once.</param>
    public void Cut(ServerCount reason)
    {
        if (Interlocked.Exchange(ref _isCut, 1) == 0)
        {
            _counters.AddShared(reason);
            Abort();
        }
    }

    /// <summary>No more queries are read than have arrived; those are answered.</summary>
    public void Drain()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Receive);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Gone already.
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _input.Dispose();
    }

    /// <returns>False: the connection is at its end.</returns>
    private async ValueTask<bool> AnswerAsync()
    {
        while (true)
        {
            TcpDeskStop stop = Answer(out ArraySegment<byte> unsent);
            if (unsent.Count > 0)
            {
                await SendRestAsync(unsent);
            }

            switch (stop)
            {
                case TcpDeskStop.NeedsMore:
                    Enter(_input.IsEmpty ? TcpPhase.Idle : TcpPhase.Reading);
                    return true;
                case TcpDeskStop.Malformed:
                    Cut(ServerCount.TcpClosedMalformed);
                    return false;
            }
        }
    }

    /// <param name="unsent">What the kernel did not take at once; rented.</param>
    private TcpDeskStop Answer(out ArraySegment<byte> unsent)
    {
        TcpDesk desk = _desks.Take();
        try
        {
            var source = new QuerySource { Address = _address, IsIpv4 = _isIpv4, Port = _port, IsTcp = true, Now = _time.GetUtcNow() - DateTimeOffset.UnixEpoch };
            TcpDeskStop stop = desk.Serve(_input, source, _counters);
            unsent = Rest(desk.Output, SendNow(desk.Output));
            return stop;
        }
        finally
        {
            _desks.Return(desk);
        }
    }

    /// <returns>Octets that the kernel has taken without waiting.</returns>
    private int SendNow(ReadOnlySpan<byte> output)
    {
        if (output.IsEmpty)
        {
            return 0;
        }

        int sent = _socket.Send(output, SocketFlags.None, out SocketError error);
        return error switch
        {
            SocketError.Success => sent,
            SocketError.WouldBlock => 0,
            _ => throw new SocketException((int)error),
        };
    }

    private static ArraySegment<byte> Rest(ReadOnlySpan<byte> output, int sent)
    {
        if (sent == output.Length)
        {
            return default;
        }

        byte[] rest = ArrayPool<byte>.Shared.Rent(output.Length - sent);
        output[sent..].CopyTo(rest);
        return new ArraySegment<byte>(rest, 0, output.Length - sent);
    }

    private async ValueTask SendRestAsync(ArraySegment<byte> rest)
    {
        Enter(TcpPhase.Sending);
        int sent = 0;
        while (sent < rest.Count)
        {
            sent += await _socket.SendAsync(rest.AsMemory(sent), SocketFlags.None);
        }

        // Not in a finally block: what a cut-off send may still read is not lent to anybody else.
        ArrayPool<byte>.Shared.Return(rest.Array!);
    }

    /// <summary>A query that trickles in keeps the time of its first octet.</summary>
    private void Enter(TcpPhase phase)
    {
        if (phase == TcpPhase.Reading && Phase == TcpPhase.Reading)
        {
            return;
        }

        Volatile.Write(ref _since, _time.GetElapsedTime(0).Ticks);
        Volatile.Write(ref _phase, (int)phase);
    }

    private void Abort()
    {
        try
        {
            _socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Gone already.
        }

        _socket.Dispose();
    }
}
