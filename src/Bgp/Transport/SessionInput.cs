using System.Net.Sockets;
using OrleansCdn.Bgp.Wire;

namespace OrleansCdn.Bgp.Transport;

internal enum SessionInputKind
{
    /// <summary>Look: the clock, or what was asked for.</summary>
    Wake,
    Connected,
    ConnectFailed,
    Accepted,
    Message,
    Unreadable,
    Sent,
    Closed,
}

/// <summary>What the tasks of a session tell its loop.</summary>
/// <param name="Kind">Which of the members count.</param>
/// <param name="Connection">0 for a wake and an accepted one.</param>
internal readonly record struct SessionInput(SessionInputKind Kind, long Connection = 0)
{
    /// <summary>Passes to the loop.</summary>
    public Socket? Socket { get; init; }

    public BgpMessageType MessageType { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    public BgpNotification? Error { get; init; }

    public int Unsent { get; init; }

    /// <summary>An error in words; empty or null: there was none.</summary>
    public string? Text { get; init; }
}
