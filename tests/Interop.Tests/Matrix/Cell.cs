using OrleansCdn.Interop.Tests.Peers;

namespace OrleansCdn.Interop.Tests.Matrix;

/// <summary>One case with one peer.</summary>
internal sealed class Cell(PeerKind peer)
{
    public PeerKind Peer => peer;

    /// <summary>What was measured; null: nothing is.</summary>
    public TimeSpan? Figure { get; set; }
}
