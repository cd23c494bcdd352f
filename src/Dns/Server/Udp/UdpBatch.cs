using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace OrleansCdn.Dns.Server.Udp;

/// <summary>
/// The memory of one socket's thread: a batch of datagrams with their addresses, and one of answers that point to the same
/// addresses. Laid out once; the kernel writes into it and reads from it.
/// </summary>
internal sealed unsafe class UdpBatch : IDisposable
{
    /// <summary>Queries that one call takes: what gdnsd and Knot take at most, too.</summary>
    public const int Size = 64;

    /// <summary>Octets of a sockaddr_in6, and of the longest control message asked for (16 + 20), rounded up.</summary>
    private const int NameStride = 32;
    private const int ControlStride = 64;

    /// <summary>
    /// Three cache lines more than a query has at most: at distances of 4,096 octets all of them would compete for one set of the
    /// first cache.
    /// </summary>
    private const int QueryStride = ServerLimits.MaxUdpQuery + (3 * 64);

    private const int Ipv4Family = 2;

    private readonly byte* _memory;
    private readonly LinuxSockets.MultiHeader* _received;
    private readonly LinuxSockets.MultiHeader* _answers;
    private readonly byte* _names;
    private readonly byte* _controls;
    private readonly byte* _queries;
    private readonly byte* _responses;
    private readonly bool _hasPacketInfo;
    private int _count;

    /// <param name="hasPacketInfo">The socket tells which address each datagram was sent to.</param>
    public UdpBatch(bool hasPacketInfo)
    {
        _hasPacketInfo = hasPacketInfo;
        nuint headers = (nuint)(Size * sizeof(LinuxSockets.MultiHeader));
        nuint vectors = (nuint)(Size * sizeof(LinuxSockets.Vector));
        nuint size = (2 * headers) + (2 * vectors)
            + (Size * (NameStride + ControlStride + QueryStride + ServerLimits.MaxUdpResponse));
        _memory = (byte*)NativeMemory.AlignedAlloc(size, 64);
        NativeMemory.Clear(_memory, size);
        byte* next = _memory;
        _received = (LinuxSockets.MultiHeader*)Take(headers);
        _answers = (LinuxSockets.MultiHeader*)Take(headers);
        var queryVectors = (LinuxSockets.Vector*)Take(vectors);
        var responseVectors = (LinuxSockets.Vector*)Take(vectors);
        _names = Take(Size * NameStride);
        _controls = Take(Size * ControlStride);
        _queries = Take(Size * QueryStride);
        _responses = Take(Size * ServerLimits.MaxUdpResponse);
        for (int i = 0; i < Size; i++)
        {
            queryVectors[i] = new() { Base = _queries + (i * QueryStride), Length = ServerLimits.MaxUdpQuery };
            responseVectors[i] = new() { Base = _responses + (i * ServerLimits.MaxUdpResponse) };
            _received[i] = new()
            {
                Name = _names + (i * NameStride),
                Vectors = queryVectors + i,
                VectorCount = 1,
                Control = hasPacketInfo ? _controls + (i * ControlStride) : null,
            };
            _answers[i] = new() { Vectors = responseVectors + i, VectorCount = 1 };
        }

        byte* Take(nuint octets)
        {
            byte* taken = next;
            next += octets;
            return taken;
        }
    }

    /// <summary>Answers laid out since <see cref="Receive"/>.</summary>
    public int Answers => _count;

    /// <summary>Where the next answer is written before it is kept by <see cref="Keep"/>.</summary>
    public Span<byte> NextResponse => new(_responses + (_count * ServerLimits.MaxUdpResponse), ServerLimits.MaxUdpResponse);

    /// <summary>Waits for datagrams as long as the socket's receive timeout.</summary>
    /// <returns>How many; 0: none, or a signal, or an error of an earlier answer that ICMP brought, which is nobody's concern.</returns>
    public int Receive(int descriptor)
    {
        _count = 0;
        for (int i = 0; i < Size; i++)
        {
            _received[i].NameLength = NameStride;
            _received[i].ControlLength = _hasPacketInfo ? (nuint)ControlStride : 0;
        }

        return Math.Max(0, LinuxSockets.ReceiveMany(descriptor, _received, Size, LinuxSockets.WaitForOne, null));
    }

    /// <summary>A datagram of those received last.</summary>
    /// <param name="isWhole">False: it was longer than any query is.</param>
    public ReadOnlySpan<byte> Query(int index, out bool isWhole)
    {
        isWhole = (_received[index].Flags & LinuxSockets.WasTruncated) == 0;
        return new(_received[index].Vectors->Base, (int)_received[index].Moved);
    }

    /// <summary>Who sent it.</summary>
    /// <param name="address">IPv4 mapped to IPv6.</param>
    public void Source(int index, out UInt128 address, out bool isIpv4, out ushort port)
    {
        byte* name = _names + (index * NameStride);
        port = BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(name + 2, sizeof(ushort)));
        if (*(ushort*)name == Ipv4Family)
        {
            isIpv4 = true;
            address = MappedAddress.Of(BinaryPrimitives.ReadUInt32BigEndian(new ReadOnlySpan<byte>(name + 4, sizeof(uint))));
            return;
        }

        address = BinaryPrimitives.ReadUInt128BigEndian(new ReadOnlySpan<byte>(name + 8, 16));
        isIpv4 = MappedAddress.IsMapped(address);
    }

    /// <summary>What was written to <see cref="NextResponse"/> goes to whoever sent the datagram, from where it was sent to.</summary>
    public void Keep(int index, int length)
    {
        ref LinuxSockets.MultiHeader answer = ref _answers[_count++];
        ref LinuxSockets.MultiHeader received = ref _received[index];
        answer.Name = received.Name;
        answer.NameLength = received.NameLength;
        answer.Vectors->Length = (nuint)length;
        answer.Control = received.Control;
        answer.ControlLength = _hasPacketInfo ? received.ControlLength : 0;
        if (answer.ControlLength != 0)
        {
            ForgetInterface((LinuxSockets.ControlHeader*)received.Control);
        }
    }

    /// <summary>Sends what was kept.</summary>
    /// <param name="calls">System calls made.</param>
    /// <returns>Answers that could not be sent: no room in the send queue, or no way to their address.</returns>
    public int Send(int descriptor, out int calls)
    {
        int sent = 0, failed = 0;
        calls = 0;
        while (sent < _count)
        {
            calls++;
            int count = LinuxSockets.SendMany(descriptor, _answers + sent, (uint)(_count - sent), LinuxSockets.DontWait);
            if (count > 0)
            {
                sent += count;
            }
            else if (Marshal.GetLastPInvokeError() != LinuxSockets.Interrupted)
            {
                // The first of the rest is at fault, or meets a full queue: a resolver asks again, and nobody else is to wait for it.
                failed++;
                sent++;
            }
        }

        return failed;
    }

    public void Dispose() => NativeMemory.AlignedFree(_memory);

    /// <summary>
    /// The answer takes the route that its address has, not the interface that the query came by; but link-local addresses mean
    /// nothing without one.
    /// </summary>
    private static void ForgetInterface(LinuxSockets.ControlHeader* header)
    {
        byte* data = (byte*)(header + 1);
        switch (header->Level, header->Type)
        {
            case (LinuxSockets.LevelIp, LinuxSockets.IpPacketInfo):
                *(int*)data = 0;
                break;
            case (LinuxSockets.LevelIpv6, LinuxSockets.Ipv6PacketInfo) when data[0] != 0xfe || (data[1] & 0xc0) != 0x80:
                *(int*)(data + 16) = 0;
                break;
        }
    }
}
