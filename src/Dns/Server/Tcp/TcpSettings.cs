namespace OrleansCdn.Dns.Server.Tcp;

/// <summary>What connections may do.</summary>
public sealed record TcpSettings
{
    public static TcpSettings Default { get; } = new();

    /// <summary>At one time. Each costs some 10 KiB while its queries are short.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>Of one /24 or /56. A resolver needs one or two (RFC 7766 §6.2.2 asks it to keep to few).</summary>
    public int MaxConnectionsPerNetwork { get; init; } = 64;

    /// <summary>Without a query under way: Knot's default. While more than half of the connections are in use, a fifth of it (RFC 7766 §6.2.3).</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From a query's first octet to its last.</summary>
    public TimeSpan QueryTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For the client to take what it was answered: <see cref="ServerLimits.MaxTcpMessage"/> in that time is 6.5 KB/s.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary><see cref="IdleTimeout"/> as clients are told it: units of 100 ms (RFC 7828 §3.1).</summary>
    public ushort KeepaliveUnits => (ushort)Math.Clamp(IdleTimeout.TotalMilliseconds / 100, 0, ushort.MaxValue);
}
