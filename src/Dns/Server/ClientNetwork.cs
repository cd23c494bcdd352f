namespace OrleansCdn.Dns.Server;

/// <summary>
/// The network that a client counts as: /24 or /56. A resolver's or a spoofed victim's neighbours are one with it, as in every
/// implementation of response rate limiting.
/// </summary>
public static class ClientNetwork
{
    public const int Ipv4Bits = 24;
    public const int Ipv6Bits = 56;

    /// <param name="address">IPv6, or IPv4 mapped to it.</param>
    public static UInt128 Of(UInt128 address, bool isIpv4) => address & (UInt128.MaxValue << (isIpv4 ? 32 - Ipv4Bits : 128 - Ipv6Bits));
}
