using System.Buffers;
using System.Buffers.Binary;

namespace OrleansCdn.Dns.Server.Tcp;

/// <summary>What a connection has sent: messages, each behind its length (RFC 1035 §4.2.2), cut anywhere.</summary>
internal sealed class FrameBuffer : IDisposable
{
    /// <summary>Some forty queries of usual length by one call; grows to one message's length when one is announced that is longer.</summary>
    private const int UsualSize = 2048;

    private byte[] _octets = ArrayPool<byte>.Shared.Rent(UsualSize);
    private int _start;
    private int _end;

    /// <summary>Nothing of a next message is here.</summary>
    public bool IsEmpty => _start == _end;

    /// <summary>Where the next octets go; never empty.</summary>
    public Memory<byte> Free
    {
        get
        {
            MakeRoom();
            return _octets.AsMemory(_end);
        }
    }

    public void Commit(int octets) => _end += octets;

    /// <param name="message">Valid until <see cref="Free"/> is asked for.</param>
    /// <returns>False: the next message is not whole yet.</returns>
    public bool TryRead(out ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> here = _octets.AsSpan(_start, _end - _start);
        message = default;
        if (here.Length < ServerLimits.TcpPrefix)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(here);
        if (here.Length - ServerLimits.TcpPrefix < length)
        {
            return false;
        }

        message = here.Slice(ServerLimits.TcpPrefix, length);
        _start += ServerLimits.TcpPrefix + length;
        return true;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_octets);
        _octets = [];
        (_start, _end) = (0, 0);
    }

    private void MakeRoom()
    {
        int held = _end - _start;
        int wanted = held < ServerLimits.TcpPrefix
            ? UsualSize
            : Math.Max(UsualSize, ServerLimits.TcpPrefix + BinaryPrimitives.ReadUInt16BigEndian(_octets.AsSpan(_start)));
        if (_octets.Length < wanted)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(wanted);
            _octets.AsSpan(_start, held).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_octets);
            _octets = larger;
        }
        else if (_start > 0)
        {
            _octets.AsSpan(_start, held).CopyTo(_octets);
        }

        (_start, _end) = (0, held);
    }
}
