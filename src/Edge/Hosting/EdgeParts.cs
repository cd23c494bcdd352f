using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Control;
using OrleansCdn.Edge.Dns;
using OrleansCdn.Edge.Health.Local;
using OrleansCdn.Edge.Http;
using OrleansCdn.Edge.Tls;

namespace OrleansCdn.Edge.Hosting;

/// <summary>Answers the requests of the public and the peer listener.</summary>
internal delegate Task RequestHandler(HttpContext context, ListenerRole role);

/// <summary>What lives as long as the process and is shared by data plane, control link and admin listener.</summary>
internal sealed class EdgeParts
{
    private volatile EdgeAddresses _addresses = new();
    private volatile DnsService? _dns;

    public required EdgeState State { get; init; }

    public required EdgeMetrics Metrics { get; init; }

    public required LeaseClient Leases { get; init; }

    public required LinkIdentity Identity { get; init; }

    public required SiteCertificates Certificates { get; init; }

    public required FeedStatusBoard Feed { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILoggerFactory Loggers { get; init; }

    /// <summary>The server's disks and memory.</summary>
    public Func<HostFacts> Host { get; set; } = static () => HostFacts.Unknown;

    /// <summary>Null until there is one.</summary>
    public DnsService? Dns
    {
        get => _dns;
        set => _dns = value;
    }

    /// <summary>Where this edge listens; empty until it does.</summary>
    public EdgeAddresses Addresses
    {
        get => _addresses;
        set => _addresses = value;
    }
}
