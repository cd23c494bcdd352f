namespace OrleansCdn.Dns.Server;

/// <summary>What the listeners count. What a query asked and what it was answered is counted where it is answered.</summary>
public enum ServerCount
{
    /// <summary>Datagrams taken from sockets, whatever became of them.</summary>
    UdpQueries,
    UdpAnswers,
    UdpAnsweredBytes,

    /// <summary>System calls that took or sent a batch of datagrams.</summary>
    UdpCalls,

    TcpConnections,
    TcpQueries,
    TcpAnswers,
    TcpAnsweredBytes,

    // Not answered, over UDP.
    /// <summary>Shorter than a header or longer than any query is.</summary>
    DroppedLength,

    /// <summary>A response: two servers would answer each other for ever.</summary>
    DroppedResponse,

    /// <summary>Source port 0: nobody can be answered there (RFC 768).</summary>
    DroppedPort,

    /// <summary>The responder has no answer to it.</summary>
    DroppedUnanswerable,

    /// <summary>Answering it threw an exception: a mistake of ours, not of the client.</summary>
    Faults,

    /// <summary>Over the limit of its network, without a word.</summary>
    DroppedRate,

    /// <summary>Over the limit of its network, answered with TC so that a real client comes back over TCP.</summary>
    Slipped,

    /// <summary>Overload: its network sent more than its share.</summary>
    ShedShare,

    /// <summary>Overload: its answer would have been an error.</summary>
    ShedError,

    /// <summary>The kernel had no room for the answer or no way to its address.</summary>
    SendFailed,

    /// <summary>The kernel dropped queries since the receive queue was full.</summary>
    QueueOverflows,

    // Connections that ended for another reason than that the client left.
    /// <summary>Every connection there may be is in use, none of them idle.</summary>
    TcpRefusedFull,

    /// <summary>The client's network has all the connections that one may have.</summary>
    TcpRefusedNetwork,

    /// <summary>Idle, to make room for another one.</summary>
    TcpClosedForRoom,

    /// <summary>Idle for too long.</summary>
    TcpClosedIdle,

    /// <summary>A query that did not become whole in time.</summary>
    TcpClosedSlowQuery,

    /// <summary>Answers that were not read in time.</summary>
    TcpClosedSlowReader,

    /// <summary>What it sent is no query.</summary>
    TcpClosedMalformed,

    /// <summary>Not a counter: how many there are.</summary>
    Length,
}
