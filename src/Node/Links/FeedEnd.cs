namespace OrleansCdn.Node.Links;

/// <summary>Why a connection of the feed ended; a closed list, for logs, status and tests.</summary>
public enum FeedEndReason
{
    /// <summary>This process stops.</summary>
    Stopping,

    /// <summary>The edge's own addresses became known, so that it introduces itself anew.</summary>
    AddressesChanged,

    /// <summary>No connection, no TLS session, or no answer to the request in time.</summary>
    Unreachable,

    /// <summary>The answer was not 200 with a feed over HTTP/2.</summary>
    NotAFeed,

    /// <summary>The silo said why it will not serve this edge.</summary>
    Refused,

    /// <summary>A line was longer than <see cref="Contracts.Control.FeedProtocol.MaxSiloLineBytes"/>.</summary>
    LineTooLong,

    /// <summary>A line was not a message.</summary>
    Malformed,

    /// <summary>A message that must not come at this point, or that contradicts what came before.</summary>
    ProtocolViolation,

    /// <summary>Nothing arrived within the silence limit.</summary>
    Silent,

    /// <summary>The silo does not read what this edge sends.</summary>
    Stalled,

    /// <summary>The silo closed the connection, or the network did.</summary>
    Closed,
}

/// <summary>How a connection ended.</summary>
/// <param name="Detail">One line for a person, safe to print: what was seen, and how to mend it where that is known.</param>
public sealed record FeedEnd(FeedEndReason Reason, string Detail);
