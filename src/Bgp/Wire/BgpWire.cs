namespace OrleansCdn.Bgp.Wire;

/// <summary>Sizes and numbers of RFC 4271 §4.</summary>
public static class BgpWire
{
    /// <summary>Marker (16), length (2), type (1): RFC 4271 §4.1.</summary>
    public const int HeaderLength = 19;

    /// <summary>RFC 4271 §4.1; extended messages (RFC 8654) are not offered.</summary>
    public const int MaxMessageLength = 4096;

    public const int MarkerLength = 16;

    public const byte Version = 4;

    /// <summary>Stands for an AS number of four octets where only two fit: RFC 6793 §9.</summary>
    public const ushort AsTrans = 23456;

    /// <summary>A port that IANA gave to BGP.</summary>
    public const int Port = 179;
}

public enum BgpMessageType : byte
{
    Open = 1,
    Update = 2,
    Notification = 3,
    Keepalive = 4,

    /// <summary>RFC 2918.</summary>
    RouteRefresh = 5,
}

/// <summary>The families that are spoken here, with their numbers of RFC 4760 (SAFI 1 in both).</summary>
public enum AddressFamily : ushort
{
    Ipv4Unicast = 1,
    Ipv6Unicast = 2,
}

/// <summary>Families of a session.</summary>
[Flags]
public enum AddressFamilies
{
    None = 0,
    Ipv4 = 1,
    Ipv6 = 2,
}

public static class AddressFamilyExtensions
{
    /// <summary>SAFI of unicast: RFC 4760 §6.</summary>
    internal const byte Unicast = 1;

    public static AddressFamilies AsFlag(this AddressFamily family) =>
        family == AddressFamily.Ipv4Unicast ? AddressFamilies.Ipv4 : AddressFamilies.Ipv6;

    public static AddressFamily FamilyOf(System.Net.IPNetwork prefix) =>
        prefix.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? AddressFamily.Ipv4Unicast : AddressFamily.Ipv6Unicast;

    public static string InWords(this AddressFamily family) => family == AddressFamily.Ipv4Unicast ? "ipv4-unicast" : "ipv6-unicast";
}
