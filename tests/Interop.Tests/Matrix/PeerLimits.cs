using OrleansCdn.Interop.Tests.Peers;

namespace OrleansCdn.Interop.Tests.Matrix;

/// <summary>The one place that says what a peer cannot do, or does otherwise than the others.</summary>
internal static class PeerLimits
{
    /// <summary>Cases that a peer cannot have, and why.</summary>
    public static readonly IReadOnlyDictionary<(PeerKind Peer, string Case), string> NotInPeer = new Dictionary<(PeerKind, string), string>
    {
        [(PeerKind.GoBgp, "route-refresh")] = "It answers ROUTE-REFRESH and sends none: `softresetin` works on the routes that it has kept.",
    };

    /// <summary>Cases that pass in another way than the text of the row says.</summary>
    public static readonly IReadOnlyDictionary<(PeerKind Peer, string Case), string> Otherwise = new Dictionary<(PeerKind, string), string>
    {
        [(PeerKind.ExaBgp, "max-prefix")] = "It has no limit of prefixes: its API is told to end the session with Cease/1.",
        [(PeerKind.ExaBgp, "gtsm")] = "Under Debian's Python (without `IP_MINTTL`) it sends with TTL 255 and checks nothing: only the announcer refuses.",
    };

    /// <summary>Whether its side of GTSM refuses anything.</summary>
    public static bool ChecksTtl(PeerKind peer) => peer != PeerKind.ExaBgp;
}
