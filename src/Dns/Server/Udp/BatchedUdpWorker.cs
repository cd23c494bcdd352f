using System.Net.Sockets;

namespace OrleansCdn.Dns.Server.Udp;

/// <summary>By <c>recvmmsg</c> and <c>sendmmsg</c> (Linux).</summary>
internal sealed class BatchedUdpWorker : UdpWorker
{
    private readonly UdpBatch _batch;
    private readonly int _descriptor;

    /// <param name="socket">Bound; with a receive timeout.</param>
    /// <param name="hasPacketInfo">The socket tells which address each datagram was sent to.</param>
    public BatchedUdpWorker(Socket socket, bool hasPacketInfo, UdpDesk desk, TimeProvider time, string name)
        : base(socket, desk, time, name)
    {
        _batch = new UdpBatch(hasPacketInfo);

        // The thread ends before the socket is closed, so the number stays its own.
        _descriptor = (int)socket.Handle;
    }

    protected override int Turn()
    {
        int count = _batch.Receive(_descriptor);
        Desk.Counters.Add(ServerCount.UdpCalls);
        TimeSpan now = Time.GetUtcNow() - DateTimeOffset.UnixEpoch;
        if (Desk.Begin(count == UdpBatch.Size, Time.GetElapsedTime(0)) && LinuxSockets.TryReadQueue(Socket, out QueueState queue))
        {
            Desk.Look(queue);
        }

        for (int i = 0; i < count; i++)
        {
            _batch.Source(i, out UInt128 address, out bool isIpv4, out ushort port);
            ReadOnlySpan<byte> query = _batch.Query(i, out bool isWhole);
            int length = Desk.Serve(query, isWhole, Source(address, isIpv4, port, now), _batch.NextResponse);
            if (length > 0)
            {
                _batch.Keep(i, length);
            }
        }

        if (_batch.Answers > 0)
        {
            Desk.Counters.Add(ServerCount.SendFailed, _batch.Send(_descriptor, out int calls));
            Desk.Counters.Add(ServerCount.UdpCalls, calls);
        }

        return count;
    }

    protected override void Release() => _batch.Dispose();
}
