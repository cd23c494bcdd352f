using OrleansCdn.Dns.Server.Limiting;
using OrleansCdn.Dns.Server.Tcp;

namespace OrleansCdn.Dns.Server;

/// <summary>What a server is started with. Limits and log change while it runs.</summary>
public sealed record DnsServerOptions
{
    /// <summary>Sockets, each with a thread, on every UDP endpoint: as many as cores are to answer.</summary>
    public int UdpThreads { get; init; } = Environment.ProcessorCount;

    /// <summary>UDP without the calls that only Linux has.</summary>
    public bool IsPortable { get; init; }

    /// <summary>Null: no limit.</summary>
    public RateLimitSettings? RateLimit { get; init; }

    public TcpSettings Tcp { get; init; } = TcpSettings.Default;

    /// <summary>n: one of 2^n queries is written to the log; -1: none.</summary>
    public int LogSampleBits { get; init; } = -1;
}
