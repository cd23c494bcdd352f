using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Contracts.Config.Scalars;

/// <summary>Prefixes of one's own that the Internet would carry.</summary>
internal static class OwnPrefixes
{
    /// <summary>Networks filter longer ones (RFC 7454 §6.1.3).</summary>
    private const int LongestIPv4 = 24;
    private const int LongestIPv6 = 48;

    /// <summary>The largest IPv4 blocks ever given to one holder, and the shortest IPv6 ones that registries give (/16): shorter is a typing error.</summary>
    private const int ShortestIPv4 = 8;
    private const int ShortestIPv6 = 16;

    private static readonly IPNetwork[] Documentation =
    [
        IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("198.51.100.0/24"), IPNetwork.Parse("203.0.113.0/24"),
        IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("3fff::/20"),
    ];

    /// <summary>Documentation prefixes pass, so that examples and labs are valid files; other special-purpose ones (RFC 6890) do not.</summary>
    public static readonly ScalarType<IPNetwork> Prefix = new(
        $"address/length, IPv4 /{ShortestIPv4} to /{LongestIPv4}, IPv6 /{ShortestIPv6} to /{LongestIPv6}",
        Parse,
        value => value.ToString());

    private static string? Parse(string text, out IPNetwork value)
    {
        value = default;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !Endpoints.TryParseAddress(text[..slash], out IPAddress? address)
            || !byte.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out byte length))
        {
            return "is not a prefix";
        }

        bool v4 = address.AddressFamily == AddressFamily.InterNetwork;
        if (length > (v4 ? 32 : 128))
        {
            return "is not a prefix";
        }

        if (length > (v4 ? LongestIPv4 : LongestIPv6))
        {
            return $"is longer than the Internet carries, which is /{(v4 ? LongestIPv4 : LongestIPv6)}";
        }

        if (length < (v4 ? ShortestIPv4 : ShortestIPv6))
        {
            return "is larger than any network's own";
        }

        IPAddress first = FirstAddress(address, length);
        if (!first.Equals(address))
        {
            return $"has bits set after its length: write {first}/{length}";
        }

        value = new IPNetwork(address, length);
        return SpecialPurposeAddresses.Contains(address) && !Array.Exists(Documentation, block => block.Contains(address))
            ? "is for special purposes (RFC 6890) and is not routed on the Internet"
            : null;
    }

    internal static IPAddress FirstAddress(IPAddress address, int length)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int bit = length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPAddress(bytes);
    }
}
