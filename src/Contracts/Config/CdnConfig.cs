using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Contracts.Config;

/// <summary>
/// The whole configuration of a CDN: immutable, and valid by construction (see <see cref="ConfigReader"/>, the only
/// way to make one from text). It is replaced as a whole, never changed.
/// </summary>
public sealed record CdnConfig : IJsonOnDeserialized
{
    public required ClusterConfig Cluster { get; init; }

    /// <summary>In the order of the file; ids are unique.</summary>
    public required ImmutableArray<PopConfig> Pops { get; init; }

    /// <summary>In the order of the file; ids are unique, and so are host names across all sites.</summary>
    public required ImmutableArray<SiteConfig> Sites { get; init; }

    /// <summary>Null when this CDN answers no DNS.</summary>
    public DnsConfig? Dns { get; init; }

    /// <summary>Community catalogues of the operator's own, in the order of the file; one of the same name replaces a shipped one.</summary>
    public ImmutableArray<ProviderConfig> Providers { get => field.IsDefault ? [] : field; init; }

    /// <summary>Who is told of events, in the order of the file; names are unique.</summary>
    public ImmutableArray<NotificationConfig> Notifications { get => field.IsDefault ? [] : field; init; }

    public PopConfig? FindPop(string id)
    {
        foreach (PopConfig pop in Pops)
        {
            if (pop.Id == id)
            {
                return pop;
            }
        }

        return null;
    }

    public SiteConfig? FindSite(string id)
    {
        foreach (SiteConfig site in Sites)
        {
            if (site.Id == id)
            {
                return site;
            }
        }

        return null;
    }

    void IJsonOnDeserialized.OnDeserialized() => SnapshotCheck.ThrowIfBroken(this);
}

public sealed record ClusterConfig
{
    /// <summary>The CDN's name: it stands in <c>Via</c> and <c>CDN-Loop</c> (RFC 8586), so it is a token (RFC 9110 §5.6.2).</summary>
    public required string Name { get; init; }

    /// <summary>The operator's own AS number (RFC 6793, 4 octets); null for a CDN that announces nothing.</summary>
    public uint? Asn { get; init; }

    /// <summary>The anycast prefixes that may be announced; nothing else ever is.</summary>
    [JsonConverter(typeof(IPNetworkArrayConverter))]
    public required ImmutableArray<IPNetwork> Prefixes { get; init; }

    // Not in configs of before.
    public RouteFailoverConfig Failover { get => field ?? RouteFailoverConfig.Default; init; }
}

public sealed record PopConfig
{
    /// <summary>Short id, the cache name in <c>Cache-Status</c>: <c>[a-z][a-z0-9-]{0,31}</c>.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required LocationConfig Location { get; init; }

    /// <summary>
    /// All of its addresses are this PoP's servers' own: DNS gives them out with a number in the low 32 bits, by which the web side
    /// finds the query again (docs/dns-visits.md). IPv6, at most /96; null: it has none.
    /// </summary>
    [JsonConverter(typeof(IPNetworkConverter))]
    public IPNetwork? IdPrefix { get; init; }

    public required ImmutableArray<EdgeConfig> Edges { get; init; }

    public required ImmutableArray<UpstreamConfig> Upstreams { get; init; }

    /// <summary>Whether it has sessions that it could announce to.</summary>
    [JsonIgnore]
    public bool Announces => !Upstreams.IsEmpty;

    /// <summary>Whether the server of this name holds sessions with an upstream.</summary>
    public bool Holds(string edge) => Upstreams.Any(upstream => upstream.IsHeldBy(edge));
}

public sealed record LocationConfig
{
    /// <summary>Degrees north, −90 to 90.</summary>
    public required double Latitude { get; init; }

    /// <summary>Degrees east, −180 to 180.</summary>
    public required double Longitude { get; init; }

    /// <summary>ISO 3166-1 alpha-2, upper case.</summary>
    public required string Country { get; init; }

    /// <summary>AF, AN, AS, EU, NA, OC or SA.</summary>
    public required string Continent { get; init; }
}

/// <summary>One server of a PoP. A null endpoint means that the edge does not listen there.</summary>
public sealed record EdgeConfig
{
    /// <summary>Unique in the whole CDN.</summary>
    public required string Name { get; init; }

    [JsonConverter(typeof(IPEndPointConverter))]
    public IPEndPoint? Http { get; init; }

    [JsonConverter(typeof(IPEndPointConverter))]
    public IPEndPoint? Https { get; init; }

    /// <summary>Where other edges fetch from this one; HTTP/2, reachable from the other PoPs.</summary>
    [JsonConverter(typeof(IPEndPointConverter))]
    public IPEndPoint? Peer { get; init; }

    /// <summary>Health and status of this edge; keep it on loopback or a management network.</summary>
    [JsonConverter(typeof(IPEndPointConverter))]
    public IPEndPoint? Admin { get; init; }

    [JsonConverter(typeof(IPEndPointConverter))]
    public IPEndPoint? Dns { get; init; }

    /// <summary>Unicast addresses of this server that DNS gives to visitors.</summary>
    [JsonConverter(typeof(IPAddressArrayConverter))]
    public ImmutableArray<IPAddress> Addresses { get => field.IsDefault ? [] : field; init; }

    /// <summary>Bytes of memory for cached objects, their metadata included.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Null: the cache is in memory alone.</summary>
    public DiskConfig? Disk { get; init; }
}

/// <summary>The part of an edge's cache that survives a restart.</summary>
public sealed record DiskConfig
{
    /// <summary>Directory on the edge's server, its alone.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes of files at most.</summary>
    public required long SizeBytes { get; init; }
}

/// <summary>A network that this PoP has a BGP session with, and the policy towards it and the carriers behind it.</summary>
public sealed record UpstreamConfig
{
    // Members that are not required were not in configs of before; edges keep such a one on disk.

    public required string Id { get; init; }

    public required UpstreamKind Kind { get; init; }

    /// <summary>The neighbour's AS number.</summary>
    public required uint Asn { get; init; }

    /// <summary>Name of the provider's community catalogue, for example <c>vultr</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>One BGP session with each.</summary>
    [JsonConverter(typeof(NeighborArrayConverter))]
    public required ImmutableArray<IPEndPoint> Neighbors { get; init; }

    /// <summary>Servers of the PoP that hold the sessions; empty: all of them.</summary>
    public ImmutableArray<string> Edges { get => field.IsDefault ? [] : field; init; }

    /// <summary>True when the server of this name holds its sessions.</summary>
    public bool IsHeldBy(string edge) => Edges.IsEmpty || Edges.Contains(edge);

    /// <summary>Address families of the sessions (RFC 4760); empty: see <see cref="ConfigDefaults.Families"/>.</summary>
    public ImmutableArray<RouteFamily> Families { get => field.IsDefault ? [] : field; init; }

    /// <summary>Proposed to the neighbours (RFC 4271 §4.2).</summary>
    public TimeSpan HoldTime { get => field == TimeSpan.Zero ? ConfigDefaults.HoldTime : field; init; }

    /// <summary>How far away the neighbours may be; 1: on the same link.</summary>
    public int Hops { get => field == 0 ? ConfigDefaults.Hops : field; init; }

    /// <summary>RFC 5082; only with <see cref="Hops"/> 1.</summary>
    public bool TtlSecurity { get; init; }

    /// <summary>File on the announcers' servers with the TCP-MD5 password (RFC 2385); null: none.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>False withdraws the prefix from this upstream altogether.</summary>
    public required bool Announce { get; init; }

    /// <summary>How often the own AS number is repeated towards this upstream, 0 to 5.</summary>
    public required int Prepend { get; init; }

    /// <summary>The upstream is to keep the route to itself.</summary>
    public bool NoExport { get; init; }

    /// <summary>The upstream is to pass the route on at internet exchanges alone.</summary>
    public bool IxpOnly { get; init; }

    /// <summary>Said beside what everything else compiles to. Each once.</summary>
    public ImmutableArray<Community> Communities { get => field.IsDefault ? [] : field; init; }

    /// <summary>Carriers reached through this upstream, with what each of them is to see.</summary>
    public required ImmutableArray<CarrierConfig> Carriers { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<UpstreamKind>))]
public enum UpstreamKind
{
    Transit,
    Peer,
    RouteServer,
}

/// <summary>Address family of routes: the unicast ones of RFC 4760.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RouteFamily>))]
public enum RouteFamily
{
    Ipv4,
    Ipv6,
}

public sealed record CarrierConfig
{
    public required string Name { get; init; }

    public required uint Asn { get; init; }

    /// <summary>0 to 5 (how far a provider's communities reach is the catalogue's affair).</summary>
    public required int Prepend { get; init; }

    /// <summary>Wins over <see cref="Prepend"/>.</summary>
    public required bool Withdraw { get; init; }
}
