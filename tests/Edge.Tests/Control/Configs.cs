using System.Net;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Edge.Tests.Control;

/// <summary>Small configs to work with.</summary>
internal static class Configs
{
    public static CdnConfig One(string siteHost = "www.example.net", EdgeConfig? edge = null, params SiteConfig[] sites) => new()
    {
        Cluster = new ClusterConfig { Name = "test", Prefixes = [] },
        Pops =
        [
            new PopConfig
            {
                Id = "waw",
                Name = "Warsaw",
                Location = new LocationConfig { Latitude = 52.2, Longitude = 21, Country = "PL", Continent = "EU" },
                Edges = [edge ?? new EdgeConfig { Name = "waw1", Http = new IPEndPoint(IPAddress.Loopback, 8080), MemoryBytes = 1 << 20 }],
                Upstreams = [],
            },
        ],
        Sites = sites.Length > 0 ? [.. sites] : [Site("www", null, siteHost)],
    };

    public static SiteConfig Site(string id, TlsConfig? tls, params string[] hosts) => new()
    {
        Id = id,
        Hosts = [.. hosts],
        Origins =
        [
            new OriginConfig
            {
                Url = new Uri("http://127.0.0.1:9000"),
                Protocol = OriginProtocol.Auto,
                AllowPrivate = true,
                ConnectTimeout = TimeSpan.FromSeconds(5),
                FirstByteTimeout = TimeSpan.FromSeconds(30),
                BetweenBytesTimeout = TimeSpan.FromSeconds(30),
                MaxConnections = 64,
            },
        ],
        Cache = new CacheConfig { DefaultTtl = TimeSpan.Zero, Grace = TimeSpan.FromMinutes(10), MaxObjectBytes = 1 << 20, Rules = [] },
        Coalescing = CoalescingScope.Pop,
        Tls = tls,
    };

    public static EdgeSnapshot Snapshot(long version, string epoch = "e1", string host = "www.example.net") => new(epoch, version, One(host));
}
