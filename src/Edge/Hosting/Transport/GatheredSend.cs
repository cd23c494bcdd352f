using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace OrleansCdn.Edge.Hosting.Transport;

/// <summary>One send of several buffers by one system call, awaited without allocation. One at a time.</summary>
internal sealed class GatheredSend() : SocketAsyncEventArgs(true), IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = false };

    /// <summary>Completes when the kernel has taken every byte.</summary>
    /// <exception cref="SocketException">The connection is gone.</exception>
    /// <exception cref="ObjectDisposedException">The socket was closed here.</exception>
    public ValueTask SendAsync(Socket socket, List<ArraySegment<byte>> buffers)
    {
        BufferList = buffers;
        _core.Reset();
        if (socket.SendAsync(this))
        {
            return new ValueTask(this, _core.Version);
        }

        return SocketError == SocketError.Success ? ValueTask.CompletedTask : ValueTask.FromException(new SocketException((int)SocketError));
    }

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        if (SocketError == SocketError.Success)
        {
            _core.SetResult(true);
        }
        else
        {
            _core.SetException(new SocketException((int)SocketError));
        }
    }

    public void GetResult(short token) => _core.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
