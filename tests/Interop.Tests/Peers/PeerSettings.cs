using System.Net;

namespace OrleansCdn.Interop.Tests.Peers;

/// <summary>What a peer is configured with; the announcer connects to it.</summary>
internal sealed record PeerSettings
{
    /// <summary>The founding network's: it needs four octets.</summary>
    public const uint DefaultAnnouncerAsn = 201726;

    public required IPAddress Local { get; init; }

    public required IPAddress Announcer { get; init; }

    public uint Asn { get; init; } = 64515;

    public uint AnnouncerAsn { get; init; } = DefaultAnnouncerAsn;

    public bool Ipv4 { get; init; } = true;

    public bool Ipv6 { get; init; }

    /// <summary>TCP-MD5; null: none.</summary>
    public string? Password { get; init; }

    /// <summary>GTSM.</summary>
    public bool TtlSecurity { get; init; }

    public int Hops { get; init; } = 1;

    /// <summary>IPv4 prefixes beyond which it ends the session; null: no limit.</summary>
    public int? MaxPrefixes { get; init; }

    /// <summary>False: it does not offer the capability of RFC 6793, where it can be told not to, and knows the announcer as AS_TRANS.</summary>
    public bool FourOctetAs { get; init; } = true;

    /// <summary>What it knows the announcer as.</summary>
    public uint RemoteAsn => FourOctetAs ? AnnouncerAsn : Bgp.Wire.BgpWire.AsTrans;
}
