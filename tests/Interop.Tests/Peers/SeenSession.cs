namespace OrleansCdn.Interop.Tests.Peers;

/// <summary>Capabilities that matter here.</summary>
[Flags]
internal enum SeenCapabilities
{
    None = 0,
    Ipv4 = 1,
    Ipv6 = 2,
    RouteRefresh = 4,
    FourOctetAs = 8,
}

/// <summary>A session as its peer sees it.</summary>
/// <param name="IsEstablished">By the peer's word.</param>
/// <param name="Offered">What the announcer's OPEN has offered it.</param>
internal sealed record SeenSession(bool IsEstablished, SeenCapabilities Offered);
