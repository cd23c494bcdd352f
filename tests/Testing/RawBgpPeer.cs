using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Testing;

/// <summary>
/// A BGP neighbour that is made of octets: it shares no line with the code under test, so that an encoder and a decoder which agree
/// on something wrong do not agree with it.
/// </summary>
public sealed class RawBgpPeer(Socket socket) : IDisposable
{
    public const byte Open = 1;
    public const byte Update = 2;
    public const byte Notification = 3;
    public const byte Keepalive = 4;
    public const byte RouteRefresh = 5;

    private const int HeaderLength = 19;

    /// <summary>Bound and not listening: its options can still be set.</summary>
    public static Socket Bind(string address = "127.0.0.1")
    {
        var local = IPAddress.Parse(address);
        var socket = new Socket(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(local, 0));
        return socket;
    }

    public static Socket Listen(string address = "127.0.0.1")
    {
        Socket socket = Bind(address);
        socket.Listen();
        return socket;
    }

    public static async Task<RawBgpPeer> AcceptAsync(Socket listener) => new(await listener.AcceptAsync().WaitAsync(Seen.Limit));

    public static async Task<RawBgpPeer> ConnectAsync(IPEndPoint to, string from)
    {
        Socket socket = Bind(from);
        await socket.ConnectAsync(to).WaitAsync(Seen.Limit);
        return new RawBgpPeer(socket);
    }

    public Socket Socket => socket;

    /// <summary>Type and what stands behind the header; null: the stream has ended or was reset.</summary>
    public async Task<(byte Type, byte[] Body)?> ReadAsync()
    {
        byte[] header = new byte[HeaderLength];
        if (!await FillAsync(header))
        {
            return null;
        }

        if (header.AsSpan(0, 16).ContainsAnyExcept((byte)0xff))
        {
            throw new InvalidDataException("no marker");
        }

        byte[] body = new byte[BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(16)) - HeaderLength];
        return await FillAsync(body) ? (header[18], body) : null;
    }

    /// <summary>The body of the next message of this type; others are passed over.</summary>
    public async Task<byte[]> ReadAsync(byte type)
    {
        while (true)
        {
            (byte found, byte[] body) = await ReadAsync() ?? throw new EndOfStreamException($"the stream ended before a message of type {type}");
            if (found == type)
            {
                return body;
            }

            if (found == Notification)
            {
                throw new InvalidDataException($"NOTIFICATION {Convert.ToHexStringLower(body)} instead of a message of type {type}");
            }
        }
    }

    public async Task SendAsync(byte type, ReadOnlyMemory<byte> body = default)
    {
        byte[] message = new byte[HeaderLength + body.Length];
        message.AsSpan(0, 16).Fill(0xff);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(16), (ushort)message.Length);
        message[18] = type;
        body.CopyTo(message.AsMemory(HeaderLength));
        await SendRawAsync(message);
    }

    public async Task SendRawAsync(ReadOnlyMemory<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            octets = octets[await socket.SendAsync(octets)..];
        }
    }

    /// <summary>An OPEN as RFC 4271 §4.2, RFC 4760 §8 and RFC 6793 have it, of both families.</summary>
    public static byte[] OpenBody(uint asn, ushort hold, uint routerId)
    {
        byte[] body =
        [
            4, 0x5b, 0xa0, 0, 0, 0, 0, 0, 0, 20, // version, AS_TRANS, hold, id, length of the parameters
            2, 18, // one parameter: capabilities
            1, 4, 0, 1, 0, 1, // IPv4 unicast
            1, 4, 0, 2, 0, 1, // IPv6 unicast
            65, 4, 0, 0, 0, 0, // AS number of four octets
        ];
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(3), hold);
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(5), routerId);
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(^4..), asn);
        return body;
    }

    /// <summary>OPENs and keepalives: both sides are Established when it returns, as far as this side can tell.</summary>
    /// <returns>The body of the other side's OPEN.</returns>
    public async Task<byte[]> EstablishAsync(uint asn, ushort hold = 90, uint routerId = 0xc0000263)
    {
        await SendAsync(Open, OpenBody(asn, hold, routerId));
        byte[] open = await ReadAsync(Open);
        await SendAsync(Keepalive);
        _ = await ReadAsync(Keepalive);
        return open;
    }

    /// <summary>From now on a keepalive each second, until this is disposed: for tests that last longer than a hold time.</summary>
    public void StayAlive() => _ = StayAliveAsync();

    public void Dispose() => socket.Dispose();

    private async Task StayAliveAsync()
    {
        try
        {
            using PeriodicTimer timer = new(TimeSpan.FromSeconds(1), TimeProvider.System);
            while (await timer.WaitForNextTickAsync())
            {
                await SendAsync(Keepalive);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The session or the test is over.
        }
    }

    private async Task<bool> FillAsync(Memory<byte> destination)
    {
        try
        {
            while (!destination.IsEmpty)
            {
                int read = await socket.ReceiveAsync(destination).AsTask().WaitAsync(Seen.Limit);
                if (read == 0)
                {
                    return false;
                }

                destination = destination[read..];
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
