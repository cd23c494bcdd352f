namespace OrleansCdn.Dns.Server.Tcp;

/// <summary>What a connection waits for.</summary>
internal enum TcpPhase
{
    /// <summary>A query.</summary>
    Idle,

    /// <summary>The rest of a query.</summary>
    Reading,

    /// <summary>That the client takes its answers.</summary>
    Sending,
}
