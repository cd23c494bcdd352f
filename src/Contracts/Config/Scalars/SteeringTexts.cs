using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansCdn.Contracts.Config.Scalars;

/// <summary>Visitors' networks and servers' addresses in DNS.</summary>
internal static class SteeringTexts
{
    private const int IPv6Bits = 128;
    private const int IPv4Bits = 32;

    /// <summary>Other people's addresses: any block.</summary>
    public static readonly ScalarType<IPNetwork> Prefix = new(
        "address/length such as 192.0.2.0/24 or \"2001:db8:77::/48\"",
        ParsePrefix,
        value => value.ToString());

    /// <summary>Of a PoP, for numbers of 32 bits.</summary>
    public static readonly ScalarType<IPNetwork> IdPrefix = new(
        $"an IPv6 prefix of /{ConfigLimits.MinIdPrefixLength} to /{ConfigLimits.MaxIdPrefixLength} such as \"2001:db8:1000:a::/64\"",
        (string text, out IPNetwork value) => ParsePrefix(text, out value)
            ?? (value.BaseAddress.AddressFamily != AddressFamily.InterNetworkV6 ? "is not IPv6: its addresses must have room for 32 random bits"
                : value.PrefixLength is < ConfigLimits.MinIdPrefixLength or > ConfigLimits.MaxIdPrefixLength ? "is of no such length"
                : null),
        value => value.ToString());

    /// <summary>
    /// What visitors connect to. Private and loopback addresses pass: there are CDNs within a company, and labs.
    /// </summary>
    public static readonly ScalarType<IPAddress> Address = new(
        "an address of this very server, such as 192.0.2.10 or \"2001:db8::10\"",
        (string text, out IPAddress value) =>
        {
            if (!Endpoints.TryParseAddress(text, out IPAddress? address))
            {
                value = IPAddress.None;
                return IPEndPoint.TryParse(text, out _) && text.Contains(':', StringComparison.Ordinal) ? "has a port: DNS gives addresses alone" : "is not an address";
            }

            value = address;
            return Endpoints.IsAny(address) || Endpoints.IsManyHosts(address) ? "is not the address of one host"
                : address.IsIPv6LinkLocal ? "is a link-local address, which nobody else reaches"
                : address.IsIPv4MappedToIPv6 ? $"is an IPv4 address in IPv6: write {address.MapToIPv4()}"
                : null;
        },
        value => value.ToString());

    /// <summary>What a rule leads to.</summary>
    public static readonly ScalarType<string> Result = Tokens.Text("the id of a PoP, or a PoP's id-prefix", _ => null);

    public static readonly ScalarType<string> Pop = Tokens.Text("the id of a PoP", _ => null);

    /// <summary>SOA and SVCB count in 32 bits (RFC 1035 §3.3.13); 0 is left to those that have never counted.</summary>
    public static readonly ScalarType<uint> Serial = new(
        "a whole number from 1 to 4294967295",
        (string text, out uint value) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value > 0 ? null : "is not a serial number",
        value => value.ToString(CultureInfo.InvariantCulture));

    /// <summary>What a master file may have in it is looked at by who reads it; here, only that it is text.</summary>
    public static readonly ScalarType<string> Records = Tokens.Text(
        $"text of at most {ConfigLimits.MaxRecordsBytes} bytes",
        text => Encoding.UTF8.GetByteCount(text) > ConfigLimits.MaxRecordsBytes ? "is too long"
            : text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')) ? "has control characters in it"
            : null);

    /// <summary>Beside the config, so that a config and its zones can be moved together; absolute ones pass too.</summary>
    public static readonly ScalarType<string> ZoneFile = Tokens.Text(
        "the path of a zone file, relative to the config's",
        text => text.Length is 0 or > 4095 || text.Any(char.IsControl) || text.EndsWith('/') ? "is not a path of a file" : null);

    private static string? ParsePrefix(string text, out IPNetwork value)
    {
        value = default;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !Endpoints.TryParseAddress(text[..slash], out IPAddress? address)
            || !byte.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out byte length)
            || length > (address.AddressFamily == AddressFamily.InterNetwork ? IPv4Bits : IPv6Bits))
        {
            return "is not a prefix";
        }

        IPAddress first = OwnPrefixes.FirstAddress(address, length);
        if (!first.Equals(address))
        {
            return $"has bits set after its length: write {first}/{length}";
        }

        value = new IPNetwork(address, length);
        return null;
    }
}
