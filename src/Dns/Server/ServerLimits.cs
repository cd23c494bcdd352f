using OrleansCdn.Dns.Answering;

namespace OrleansCdn.Dns.Server;

/// <summary>What the listeners take, whoever comes.</summary>
internal static class ServerLimits
{
    /// <summary>Octets. A query is a name of 255, an OPT and its options; nothing sane is longer than a jumbo resolver's buffer.</summary>
    public const int MaxUdpQuery = 4096;

    public const int MaxUdpResponse = Responder.MaxUdpLength;

    /// <summary>Octets: two of length before each message (RFC 1035 §4.2.2).</summary>
    public const int MaxTcpMessage = Responder.MaxTcpLength;
    public const int TcpPrefix = sizeof(ushort);

    /// <summary>
    /// Octets of the kernel's receive queue, which it doubles for its own needs (socket(7)): some 5,000 queries, 30 ms of what one
    /// core answers. What waits longer is late.
    /// </summary>
    public const int ReceiveQueue = 2 * 1024 * 1024;

    /// <summary>Octets of the kernel's send queue.</summary>
    public const int SendQueue = 1024 * 1024;

    /// <summary>How long a thread waits for datagrams before it looks whether it has to stop.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);
}
