using System.Net;

namespace OrleansCdn.Dns.FromConfig;

/// <summary>RDATA of an HTTPS record for the name itself (RFC 9460 §2.2): parameters in ascending order of their keys.</summary>
internal static class HttpsRdata
{
    // RFC 9460 §14.3.2.
    private const ushort Alpn = 1;
    private const ushort Port = 3;
    private const ushort Ipv4Hint = 4;
    private const ushort Ipv6Hint = 6;

    /// <summary>What the edges' TLS listeners speak beside HTTP/1.1, which is meant without being said (§7.1.2).</summary>
    private static ReadOnlySpan<byte> H2 => [2, (byte)'h', (byte)'2'];

    /// <param name="port">Null: that of the scheme.</param>
    /// <param name="ipv4">Hints; may be none.</param>
    /// <param name="ipv6">Hints; may be none.</param>
    public static byte[] Of(ushort? port, IEnumerable<IPAddress> ipv4, IEnumerable<IPAddress> ipv6)
    {
        // Priority 1: a service, not an alias; target ".": the name itself.
        List<byte> rdata = [0, 1, 0];
        Add(rdata, Alpn, H2);
        if (port is ushort number)
        {
            Add(rdata, Port, [(byte)(number >> 8), (byte)number]);
        }

        AddHints(rdata, Ipv4Hint, ipv4);
        AddHints(rdata, Ipv6Hint, ipv6);
        return [.. rdata];
    }

    private static void AddHints(List<byte> rdata, ushort key, IEnumerable<IPAddress> addresses)
    {
        byte[] octets = [.. addresses.SelectMany(address => address.GetAddressBytes())];
        if (octets.Length > 0)
        {
            Add(rdata, key, octets);
        }
    }

    private static void Add(List<byte> rdata, ushort key, ReadOnlySpan<byte> value)
    {
        rdata.AddRange([(byte)(key >> 8), (byte)key, (byte)(value.Length >> 8), (byte)value.Length]);
        rdata.AddRange(value);
    }
}
