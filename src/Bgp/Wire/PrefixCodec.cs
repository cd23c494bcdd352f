using System.Net;

namespace OrleansCdn.Bgp.Wire;

/// <summary>Prefixes on the wire: length in bits, then as many octets as hold them (RFC 4271 §4.3, RFC 4760 §5).</summary>
internal static class PrefixCodec
{
    public static int LengthOf(IPNetwork prefix) => 1 + ((prefix.PrefixLength + 7) / 8);

    /// <returns>Octets written.</returns>
    public static int Write(IPNetwork prefix, Span<byte> destination)
    {
        Span<byte> address = stackalloc byte[16];
        _ = prefix.BaseAddress.TryWriteBytes(address, out _);
        int octets = (prefix.PrefixLength + 7) / 8;
        destination[0] = (byte)prefix.PrefixLength;
        address[..octets].CopyTo(destination[1..]);
        return 1 + octets;
    }

    /// <summary>Takes one prefix off the front. Bits behind the length are of no meaning (RFC 4271 §4.3) and are cleared.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> rest, AddressFamily family, out IPNetwork prefix)
    {
        prefix = default;
        int width = family == AddressFamily.Ipv4Unicast ? 4 : 16;
        if (rest.IsEmpty || rest[0] > width * 8)
        {
            return false;
        }

        int bits = rest[0];
        int octets = (bits + 7) / 8;
        if (rest.Length < 1 + octets)
        {
            return false;
        }

        Span<byte> address = stackalloc byte[16];
        address.Clear();
        rest.Slice(1, octets).CopyTo(address);
        if (bits % 8 != 0)
        {
            address[octets - 1] &= (byte)(0xff << (8 - (bits % 8)));
        }

        prefix = new IPNetwork(new IPAddress(address[..width]), bits);
        rest = rest[(1 + octets)..];
        return true;
    }
}
