namespace OrleansCdn.Dns.Answering;

/// <summary>Where a query came from, and when.</summary>
public readonly struct QuerySource
{
    /// <summary>Of who asks; IPv4 mapped into <c>::ffff:0:0/96</c>, so that its low 32 bits are the IPv4 address.</summary>
    public required UInt128 Address { get; init; }

    public required bool IsIpv4 { get; init; }

    public required ushort Port { get; init; }

    public required bool IsTcp { get; init; }

    /// <summary>Since 1970-01-01 UTC: cookies and signatures carry times that others check.</summary>
    public required TimeSpan Now { get; init; }

    internal uint UnixTime => unchecked((uint)(Now.Ticks / TimeSpan.TicksPerSecond));
}
