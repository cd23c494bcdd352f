using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Bgp.Fsm;

public enum SessionActionKind
{
    /// <summary>Open a TCP connection under the id given; answered with Connected or ConnectFailed.</summary>
    Connect,

    /// <summary>Queue these octets, in order.</summary>
    Send,

    /// <summary>Send what is queued, for a second at most, and close; for an attempt: give it up.</summary>
    Close,

    /// <summary>Close at once: the peer takes nothing any more (RFC 9687 §4).</summary>
    Abort,

    /// <summary>The body of an UPDATE from the peer, for who wants to read it.</summary>
    Update,

    /// <summary>The session is in another state.</summary>
    StateChanged,
}

/// <param name="Kind">What is to be done.</param>
/// <param name="Connection">With which connection.</param>
/// <param name="Bytes">To send, or received; empty otherwise.</param>
/// <param name="From">Of a change of state.</param>
/// <param name="To">Of a change of state.</param>
public readonly record struct SessionAction(
    SessionActionKind Kind, long Connection = 0, ReadOnlyMemory<byte> Bytes = default, BgpState From = BgpState.Idle, BgpState To = BgpState.Idle);
