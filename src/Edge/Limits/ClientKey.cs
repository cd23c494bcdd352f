using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Edge.Limits;

/// <summary>
/// Whose requests are counted together: an IPv4 address, or the 64 bits of an IPv6 network, which is what one subscriber has at
/// least (RFC 6177) and can send from all addresses of.
/// </summary>
public readonly record struct ClientKey(ulong Bits, bool IsIPv6)
{
    /// <param name="address">Null: the connection has none; all of those are one client.</param>
    public static ClientKey Of(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address is null || !address.TryWriteBytes(bytes, out int length))
        {
            return default;
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6)
        {
            return new ClientKey(BinaryPrimitives.ReadUInt64BigEndian(bytes), true);
        }

        return new ClientKey(BinaryPrimitives.ReadUInt32BigEndian(bytes[(length - 4)..]), false);
    }
}
