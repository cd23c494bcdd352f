using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Dns.Server.Udp;

/// <summary>
/// One datagram at a time, by what .NET has: for systems that are not Linux. Answers leave from where the system's route has them
/// leave, so servers with several addresses there listen on each of them.
/// </summary>
internal sealed class PortableUdpWorker(Socket socket, UdpDesk desk, TimeProvider time, string name) : UdpWorker(socket, desk, time, name)
{
    private const int Ipv4Length = 16;

    /// <summary>One octet more than a query has at most: that is how one that is longer shows.</summary>
    private readonly byte[] _query = new byte[ServerLimits.MaxUdpQuery + 1];

    private readonly byte[] _response = new byte[ServerLimits.MaxUdpResponse];
    private readonly SocketAddress _sender = new(socket.AddressFamily);

    protected override int Turn()
    {
        // Asked before, since a receive whose time is over throws.
        Desk.Counters.Add(ServerCount.UdpCalls);
        if (!Socket.Poll(ServerLimits.LookInterval, SelectMode.SelectRead))
        {
            return 0;
        }

        int length;
        try
        {
            length = Socket.ReceiveFrom(_query, SocketFlags.None, _sender);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.MessageSize)
        {
            length = _query.Length;
        }
        catch (SocketException)
        {
            // ICMP brought an error of an earlier answer, which is nobody's concern.
            return 0;
        }

        Desk.Counters.Add(ServerCount.UdpCalls, 2);
        _ = Desk.Begin(isFull: false, Time.GetElapsedTime(0));
        TimeSpan now = Time.GetUtcNow() - DateTimeOffset.UnixEpoch;
        ReadOnlySpan<byte> name = _sender.Buffer.Span[.._sender.Size];
        UInt128 address = name.Length > Ipv4Length
            ? BinaryPrimitives.ReadUInt128BigEndian(name[8..])
            : MappedAddress.Of(BinaryPrimitives.ReadUInt32BigEndian(name[4..]));
        int answer = Desk.Serve(
            _query.AsSpan(0, length),
            length <= ServerLimits.MaxUdpQuery,
            Source(address, MappedAddress.IsMapped(address), BinaryPrimitives.ReadUInt16BigEndian(name[2..]), now),
            _response);
        if (answer > 0)
        {
            Send(answer);
        }

        return 1;
    }

    private void Send(int length)
    {
        try
        {
            _ = Socket.SendTo(_response.AsSpan(0, length), SocketFlags.None, _sender);
        }
        catch (SocketException)
        {
            Desk.Counters.Add(ServerCount.SendFailed);
        }
    }
}
