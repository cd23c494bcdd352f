using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OrleansCdn.Contracts.Config.Scalars;

/// <summary>
/// Where an edge listens, and the addresses of BGP neighbours. Strict where <see cref="IPEndPoint.Parse(string)"/> is
/// not: that one takes <c>80</c> for the address 0.0.0.80 and <c>010.0.0.1</c> for 8.0.0.1.
/// </summary>
internal static class Endpoints
{
    /// <summary>Every address of the server, or a certain one. Port 0 takes a free one, for tests and labs.</summary>
    public static readonly ScalarType<IPEndPoint> Listen = Endpoint(
        "address:port with IPv6 in brackets, such as \"[::]:443\" or 192.0.2.10:443",
        _ => null);

    private static readonly ScalarType<IPEndPoint> NeighborWithPort = Endpoint("", _ => null);

    /// <summary>
    /// Other edges are told this address, so it must be one that they can connect to.
    /// </summary>
    public static readonly ScalarType<IPEndPoint> Peer = Endpoint(
        "address:port of this very server, such as 192.0.2.10:8443",
        address => IsAny(address) ? "is every address: name the one that other edges reach this server at" : null);

    /// <summary>
    /// Anyone who reaches this listener can read the edge's state, so a public address is refused, and so is every
    /// address at once, which is how such listeners end up on the Internet. Loopback, private networks (RFC 1918,
    /// RFC 4193), the shared space of overlay networks (100.64.0.0/10) and other special-purpose addresses are a
    /// management network's.
    /// </summary>
    public static readonly ScalarType<IPEndPoint> Admin = Endpoint(
        "address:port on loopback or a private network, such as 127.0.0.1:9180",
        address => IsAny(address) ? "is every address, public ones too"
            : SpecialPurposeAddresses.Contains(address) ? null
            : "is a public address");

    /// <summary>A BGP neighbour. Link-local IPv6 addresses need an interface, which a config for several servers cannot name.</summary>
    public static readonly ScalarType<IPEndPoint> Neighbor = new(
        "an IPv4 or IPv6 address, with another port than 179 as 192.0.2.1:1179 or \"[2001:db8::1]:1179\"",
        (string text, out IPEndPoint value) =>
        {
            if (TryParseAddress(text, out IPAddress? address))
            {
                value = new IPEndPoint(address, ConfigDefaults.BgpPort);
            }
            else if (NeighborWithPort.Parse(text, out value) is string problem)
            {
                return text.Contains(':', StringComparison.Ordinal) ? problem : "is not an address";
            }

            return value.Port == 0 ? "has port 0, which nobody can connect to"
                : IsAny(value.Address) || IsManyHosts(value.Address) ? "is not the address of one host"
                : value.Address.IsIPv6LinkLocal ? "is a link-local address, which means nothing without an interface"
                : null;
        },
        value => value.Port != ConfigDefaults.BgpPort ? value.ToString() : value.Address.ToString());

    public static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    public static bool TryParsePort(ReadOnlySpan<char> text, out int port)
    {
        port = 0;
        return text.Length is > 0 and <= 5
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port <= IPEndPoint.MaxPort;
    }

    /// <summary>Dotted decimal without leading zeros, or IPv6 without zone.</summary>
    public static bool TryParseAddress(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address)
        && !text.Contains('%', StringComparison.Ordinal)
        && !text.Contains('[', StringComparison.Ordinal)
        && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text);

    private static ScalarType<IPEndPoint> Endpoint(string allowed, Func<IPAddress, string?> problem) => new(
        allowed,
        (string text, out IPEndPoint value) =>
        {
            value = null!;
            int colon = text.LastIndexOf(':');
            bool bracketed = text.StartsWith('[');
            if (colon < 0 || bracketed != (colon > 0 && text[colon - 1] == ']'))
            {
                return bracketed || IPAddress.TryParse(text, out _) ? "has no port" : "is not an address and a port";
            }

            string host = bracketed ? text[1..(colon - 1)] : text[..colon];
            if (!TryParseAddress(host, out IPAddress? address) || bracketed != (address.AddressFamily == AddressFamily.InterNetworkV6))
            {
                return "is not an address and a port";
            }

            if (!TryParsePort(text.AsSpan(colon + 1), out int port))
            {
                return "has no port from 0 to 65535";
            }

            if (IsManyHosts(address))
            {
                return "is a multicast or broadcast address";
            }

            value = new IPEndPoint(address, port);
            return problem(address);
        },
        value => value.ToString());

    public static bool IsManyHosts(IPAddress address) =>
        address.IsIPv6Multicast || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] >= 224);
}
