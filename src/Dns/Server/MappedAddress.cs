using System.Net;
using System.Net.Sockets;
using System.Buffers.Binary;

namespace OrleansCdn.Dns.Server;

/// <summary>IPv4 within IPv6 (RFC 4291 §2.5.5.2): both families in one number.</summary>
public static class MappedAddress
{
    private static readonly UInt128 Prefix = (UInt128)0xffff << 32;

    public static UInt128 Of(uint ipv4) => Prefix | ipv4;

    public static bool IsMapped(UInt128 address) => address >> 32 == 0xffff;

    public static UInt128 Of(IPAddress address, out bool isIpv4)
    {
        Span<byte> octets = stackalloc byte[16];
        _ = address.TryWriteBytes(octets, out _);
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            isIpv4 = true;
            return Of(BinaryPrimitives.ReadUInt32BigEndian(octets));
        }

        UInt128 number = BinaryPrimitives.ReadUInt128BigEndian(octets);
        isIpv4 = IsMapped(number);
        return number;
    }

    public static IPAddress ToAddress(UInt128 address)
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(octets, address);
        return IsMapped(address) ? new IPAddress(octets[12..]) : new IPAddress(octets);
    }
}
