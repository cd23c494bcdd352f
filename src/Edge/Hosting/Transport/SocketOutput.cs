using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using OrleansCdn.Edge.Http;

namespace OrleansCdn.Edge.Hosting.Transport;

/// <summary>
/// A connection's output that sends on the caller's thread, straight to the socket. The transport's own goes through a pipe
/// of 4 KiB blocks to a second loop: for a cache, whose bytes are in memory already, that is a copy and a change of threads
/// for every response.
/// </summary>
/// <remarks>
/// A flush ends when the kernel has taken everything, so that what waits for a slow reader is what its caller wrote since
/// the last flush. Written by one caller at a time, as a pipe is; <see cref="CancelPendingFlush"/> and
/// <see cref="Complete"/> may come from another.
/// </remarks>
internal sealed class SocketOutput(Socket socket, ConnectionContext connection, PipeWriter transport) : PipeWriter, ILendingOutput
{
    /// <summary>A header and a small object in one: most pages, scripts and icons.</summary>
    private const int BlockBytes = 32 * 1024;

    private readonly Lock _lock = new();
    private readonly List<ArraySegment<byte>> _ready = [];
    private readonly List<byte[]> _rented = [];
    private GatheredSend? _gathered;
    private byte[]? _block;
    private int _sealed;
    private int _used;
    private long _unflushed;
    private ReadOnlyMemory<byte> _lent;
    private ReadOnlyMemory<byte> _lentOut;
    private bool _isSending;
    private bool _isCompleted;
    private volatile bool _isGone;
    private Exception? _completedWith;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    public void Lend(ReadOnlyMemory<byte> bytes) => _lent = bytes;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        // Good for one call, whoever makes it: what is lent must never be written to.
        (_lentOut, _lent) = (sizeHint == _lent.Length ? _lent : default, default);
        return _lentOut.IsEmpty ? Room(sizeHint).AsMemory(_used) : MemoryMarshal.AsMemory(_lentOut);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        _unflushed += bytes;
        if (_lentOut.IsEmpty)
        {
            _used += bytes;
            return;
        }

        Append(_lentOut[..bytes]);
        _lentOut = default;
    }

    /// <summary>Sends <paramref name="source"/> from where it is: it is the caller's again when this has ended.</summary>
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (source.Length < StoredBytes.LentFromBytes)
        {
            source.CopyTo(Room(source.Length).AsMemory(_used));
            _used += source.Length;
        }
        else
        {
            Append(source);
        }

        _unflushed += source.Length;
        return FlushAsync(cancellationToken);
    }

    private void Append(ReadOnlyMemory<byte> bytes)
    {
        Seal();
        _ready.Add(MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> segment) ? segment : new ArraySegment<byte>(bytes.ToArray()));
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_unflushed == 0)
        {
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: _isGone));
        }

        lock (_lock)
        {
            if (_isCompleted || _isGone)
            {
                Forget();
                return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: true));
            }

            _isSending = true;
        }

        ValueTask send;
        try
        {
            send = Send();
            if (!send.IsCompletedSuccessfully)
            {
                return AwaitAsync(send);
            }

            send.GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            Lost(error);
        }

        return new ValueTask<FlushResult>(Sent());
    }

    [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> AwaitAsync(ValueTask send)
    {
        try
        {
            await send.ConfigureAwait(false);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            Lost(error);
        }

        return Sent();
    }

    private ValueTask Send()
    {
        if (_ready.Count == 0)
        {
            ValueTask<int> one = socket.SendAsync(_block.AsMemory(_sealed, _used - _sealed), SocketFlags.None);
            if (one.IsCompletedSuccessfully)
            {
                _ = one.Result;
                return ValueTask.CompletedTask;
            }

            return new ValueTask(one.AsTask());
        }

        Seal();
        return (_gathered ??= new GatheredSend()).SendAsync(socket, _ready);
    }

    /// <summary>After a send, whatever came of it. Does what <see cref="Complete"/> has left to the send under way.</summary>
    private FlushResult Sent()
    {
        bool wasCompleted;
        lock (_lock)
        {
            Forget();
            _isSending = false;
            wasCompleted = _isCompleted;
        }

        if (wasCompleted)
        {
            CompleteTransport();
        }

        return new FlushResult(isCanceled: false, isCompleted: _isGone || wasCompleted);
    }

    private void Lost(Exception error)
    {
        _isGone = true;
        connection.Abort(new ConnectionAbortedException("The connection ended while a response was sent.", error));
    }

    /// <summary>Nothing: what ends a flush early is the end of its connection, which ends the send.</summary>
    public override void CancelPendingFlush()
    {
    }

    public override void Complete(Exception? exception = null)
    {
        lock (_lock)
        {
            if (_isCompleted)
            {
                return;
            }

            _completedWith = exception;
            if (_isSending || _unflushed == 0 || exception is not null || _isGone)
            {
                _isCompleted = true;
            }

            if (_isSending)
            {
                return;
            }
        }

        if (_isCompleted)
        {
            Forget();
            CompleteTransport();
            return;
        }

        _ = LastAsync();
    }

    /// <summary>What was written and not flushed is sent, as a pipe's reader would get it.</summary>
    private async Task LastAsync()
    {
        await FlushAsync(CancellationToken.None).ConfigureAwait(false);
        Complete(_completedWith);
    }

    private void CompleteTransport()
    {
        _gathered?.Dispose();
        transport.Complete(_completedWith);
    }

    private byte[] Room(int sizeHint)
    {
        if (_block is { } block && block.Length - _used >= Math.Max(sizeHint, 1))
        {
            return block;
        }

        Seal();
        _block = ArrayPool<byte>.Shared.Rent(Math.Max(sizeHint, BlockBytes));
        _rented.Add(_block);
        (_sealed, _used) = (0, 0);
        return _block;
    }

    /// <summary>What was written into the block since the last seal takes its place in the order of what is sent.</summary>
    private void Seal()
    {
        if (_block is not null && _used > _sealed)
        {
            _ready.Add(new ArraySegment<byte>(_block, _sealed, _used - _sealed));
            _sealed = _used;
        }
    }

    private void Forget()
    {
        foreach (byte[] rented in _rented)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        _rented.Clear();
        _ready.Clear();
        (_block, _sealed, _used, _unflushed) = (null, 0, 0, 0);
        (_lent, _lentOut) = (default, default);
    }
}
