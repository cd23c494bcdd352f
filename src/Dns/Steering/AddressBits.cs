using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Dns.Steering;

/// <summary>Addresses as numbers: IPv4 in the low 32 bits.</summary>
public static class AddressBits
{
    public static UInt128 Of(IPAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        octets.Clear();
        bool isIpv4 = address.AddressFamily == AddressFamily.InterNetwork;
        address.TryWriteBytes(isIpv4 ? octets[12..] : octets, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(octets);
    }

    public static IPAddress ToAddress(bool isIpv4, UInt128 address)
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(octets, address);
        return new IPAddress(isIpv4 ? octets[12..] : octets);
    }

    /// <summary>The first <paramref name="bits"/> of it.</summary>
    public static UInt128 Network(bool isIpv4, UInt128 address, int bits)
    {
        int hostBits = (isIpv4 ? 32 : 128) - bits;
        return hostBits >= 128 ? 0 : address >> hostBits << hostBits;
    }
}
