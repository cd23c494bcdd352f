namespace OrleansCdn.Interop.Tests.Peers;

/// <summary>The implementations of others that Debian has.</summary>
public enum PeerKind
{
    Bird,
    Frr,
    GoBgp,
    ExaBgp,
}
