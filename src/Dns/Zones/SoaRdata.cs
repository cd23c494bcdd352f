using System.Buffers.Binary;

namespace OrleansCdn.Dns.Zones;

/// <summary>RFC 1035 §3.3.13; its five numbers are the last 20 octets.</summary>
public static class SoaRdata
{
    private const int NumbersLength = 20;

    public static byte[] Of(ReadOnlySpan<byte> nameserver, ReadOnlySpan<byte> hostmaster, uint serial, uint refresh, uint retry, uint expire, uint minimum)
    {
        byte[] rdata = new byte[nameserver.Length + hostmaster.Length + NumbersLength];
        nameserver.CopyTo(rdata);
        hostmaster.CopyTo(rdata.AsSpan(nameserver.Length));
        Span<byte> numbers = rdata.AsSpan(nameserver.Length + hostmaster.Length);
        BinaryPrimitives.WriteUInt32BigEndian(numbers, serial);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[4..], refresh);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[8..], retry);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[12..], expire);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[16..], minimum);
        return rdata;
    }

    public static byte[] WithSerial(byte[] rdata, uint serial)
    {
        byte[] changed = [.. rdata];
        BinaryPrimitives.WriteUInt32BigEndian(changed.AsSpan(changed.Length - NumbersLength), serial);
        return changed;
    }

    public static uint Serial(RrSet soa) => Number(soa, 0);

    public static uint Minimum(RrSet soa) => Number(soa, 16);

    private static uint Number(RrSet soa, int at) => BinaryPrimitives.ReadUInt32BigEndian(soa.Packed.AsSpan(soa.Packed.Length - NumbersLength + at));
}
