using System.Net;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Dns;

/// <summary>A question about a nameserver's answer, as people write it.</summary>
/// <param name="Address">Of who asks.</param>
/// <param name="Name">Absolute, lower case, without the dot at its end.</param>
/// <param name="Subnet">Host bits are zero; null: none.</param>
public sealed record DnsAsked(IPAddress Address, string Name, IPNetwork? Subnet)
{
    /// <summary>RFC 1035 §2.3.4.</summary>
    private const int MaxLabelLength = 63;

    private const int MaxNameLength = 253;

    /// <returns>The question, or what is wrong with it and how to mend it.</returns>
    public static (DnsAsked? Asked, string? Error) Read(string address, string name, string? subnet)
    {
        if (!Endpoints.TryParseAddress(address, out IPAddress? from))
        {
            return (null, "the address is none: write who asks, a resolver or a client, such as 192.0.2.1 or 2001:db8::1");
        }

        string plain = name.ToLowerInvariant();
        plain = plain.EndsWith('.') ? plain[..^1] : plain;
        if (plain.Length is 0 or > MaxNameLength || plain.Split('.').Any(label => label.Length is 0 or > MaxLabelLength || label.Any(c => c is <= ' ' or > '~' or '\\')))
        {
            return (null, "the name is none: write it in full, such as www.cdn.example.net");
        }

        if (subnet is null)
        {
            return (new DnsAsked(Plain(from), plain, null), null);
        }

        return Network(subnet) is { } network
            ? (new DnsAsked(Plain(from), plain, network), null)
            : (null, "the subnet is none: write address/length, such as 192.0.2.0/24 or 2001:db8::/56");
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>With host bits set aside, as dig does.</summary>
    private static IPNetwork? Network(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !Endpoints.TryParseAddress(text[..slash], out IPAddress? address)
            || !byte.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out byte length))
        {
            return null;
        }

        byte[] octets = address.GetAddressBytes();
        if (length > 8 * octets.Length)
        {
            return null;
        }

        for (int bit = length; bit < 8 * octets.Length; bit++)
        {
            octets[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPNetwork(new IPAddress(octets), length);
    }
}
