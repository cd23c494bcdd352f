using System.Net.Sockets;
using System.Threading.Channels;
using OrleansCdn.Bgp.Wire;

namespace OrleansCdn.Bgp.Transport;

/// <summary>One TCP connection: octets out in order, whole messages in. It ends by being closed or aborted, never by itself.</summary>
internal sealed class SessionConnection : IAsyncDisposable
{
    /// <summary>Two messages at their longest: whatever is left of one, the next fits behind it.</summary>
    private const int ReceiveBufferLength = 2 * BgpWire.MaxMessageLength;

    /// <summary>
    /// 64 prefixes (the config's limit) announced and withdrawn, sixteen times over: a peer that asks for refreshes and reads nothing gets no more.
    /// </summary>
    private const int MaxUnsentMessages = 2048;

    private readonly long _id;
    private readonly Socket _socket;
    private readonly TimeSpan _hold;
    private readonly ChannelWriter<SessionInput> _inbox;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _aborted = new();
    private readonly Channel<ReadOnlyMemory<byte>> _outbox = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(MaxUnsentMessages) { SingleReader = true, SingleWriter = true });
    private readonly Task _reading;
    private readonly Task _writing;
    private int _unsent;
    private volatile bool _isClosing;

    /// <param name="id">Of the state machine.</param>
    /// <param name="socket">Connected; owned from here on.</param>
    /// <param name="hold">Of the session; 0: none.</param>
    /// <param name="inbox">Gets what comes in; a slow reader there slows the peer down.</param>
    /// <param name="time">Of the limit of a close.</param>
    public SessionConnection(long id, Socket socket, TimeSpan hold, ChannelWriter<SessionInput> inbox, TimeProvider time)
    {
        _id = id;
        _socket = socket;
        _hold = hold;
        _inbox = inbox;
        _time = time;
        _reading = ReadAsync();
        _writing = WriteAsync();
    }

    /// <summary>Closing: what is queued goes out first, and the peer is given as long to take it.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);

    /// <returns>False: the peer takes nothing, and too much waits for it.</returns>
    public bool Send(ReadOnlyMemory<byte> message)
    {
        _ = Interlocked.Add(ref _unsent, message.Length);
        return _outbox.Writer.TryWrite(message);
    }

    /// <summary>
    /// Sends what is queued, ends the stream, and waits for the peer's end: closing a socket with octets of the peer in it would make the
    /// kernel send a reset, which takes a NOTIFICATION away that the peer has not read.
    /// </summary>
    public async Task CloseAsync()
    {
        _isClosing = true;
        _ = _outbox.Writer.TryComplete();
        using var linger = new CancellationTokenSource(Linger, _time);
        using (linger.Token.UnsafeRegister(static self => ((SessionConnection)self!)._aborted.Cancel(), this))
        {
            await _writing;
            try
            {
                _socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The peer was faster, or the time was up.
            }

            await _reading;
        }

        _socket.Dispose();
        _aborted.Dispose();
    }

    public ValueTask DisposeAsync() => new(AbortAsync());

    /// <summary>Gives up at once, also what is queued.</summary>
    public async Task AbortAsync()
    {
        _isClosing = true;
        _ = _outbox.Writer.TryComplete();
        await _aborted.CancelAsync();
        _socket.Dispose();
        await Task.WhenAll(_reading, _writing);
        _aborted.Dispose();
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[ReceiveBufferLength];
        int filled = 0;
        bool isOpened = false;
        string error = "";
        try
        {
            while (true)
            {
                int received = await _socket.ReceiveAsync(buffer.AsMemory(filled), SocketFlags.None, _aborted.Token);
                if (received == 0)
                {
                    break;
                }

                if (!isOpened)
                {
                    SocketOptions.Opened(_socket, _hold);
                    isOpened = true;
                }

                filled = await TakeAsync(buffer, filled + received);
            }
        }
        catch (SocketException e)
        {
            error = e.Message;
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return;
        }

        await TellAsync(new SessionInput(SessionInputKind.Closed, _id) { Text = error });
    }

    /// <returns>Octets that are left at the beginning of the buffer.</returns>
    private async ValueTask<int> TakeAsync(byte[] buffer, int filled)
    {
        int start = 0;
        while (!_isClosing)
        {
            BgpFrame frame = BgpFramer.Read(buffer.AsSpan(start, filled - start));
            if (frame.Status == FrameStatus.Incomplete)
            {
                buffer.AsSpan(start, filled - start).CopyTo(buffer);
                return filled - start;
            }

            if (frame.Status == FrameStatus.Bad)
            {
                // Nothing behind it can be read any more; what still comes is thrown away until the end.
                _isClosing = true;
                await TellAsync(new SessionInput(SessionInputKind.Unreadable, _id) { Error = frame.Error });
                break;
            }

            await TellAsync(new SessionInput(SessionInputKind.Message, _id)
            {
                MessageType = frame.Type,
                Body = buffer.AsSpan(start + BgpWire.HeaderLength, frame.Length - BgpWire.HeaderLength).ToArray(),
            });
            start += frame.Length;
        }

        return 0;
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (ReadOnlyMemory<byte> message in _outbox.Reader.ReadAllAsync(_aborted.Token))
            {
                for (ReadOnlyMemory<byte> rest = message; !rest.IsEmpty;)
                {
                    int sent = await _socket.SendAsync(rest, SocketFlags.None, _aborted.Token);
                    rest = rest[sent..];
                    int unsent = Interlocked.Add(ref _unsent, -sent);
                    if (!_isClosing)
                    {
                        await TellAsync(new SessionInput(SessionInputKind.Sent, _id) { Unsent = unsent });
                    }
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The reader learns of a broken connection, too, and says so.
        }
    }

    private async ValueTask TellAsync(SessionInput input)
    {
        try
        {
            await _inbox.WriteAsync(input, _aborted.Token);
        }
        catch (Exception e) when (e is ChannelClosedException or OperationCanceledException)
        {
            // Nobody listens any more.
        }
    }
}
