using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Contracts.Config;

/// <summary>What the edges answer in DNS, and how they choose a PoP for a visitor (docs/dns.md).</summary>
public sealed record DnsConfig
{
    // Members that are not required were not in configs of before; edges keep such a one on disk.

    /// <summary>In the order of the file; names are unique. At least one.</summary>
    public required ImmutableArray<DnsZoneConfig> Zones { get; init; }

    /// <summary>Null: visitors' places are not known.</summary>
    public GeoFilesConfig? Geo { get; init; }

    public ClientSubnetConfig ClientSubnet { get => field ?? ClientSubnetConfig.Default; init; }

    public ResponseRateConfig RateLimit { get => field ?? ResponseRateConfig.Default; init; }

    /// <summary>The longest prefix wins, prefixes win over AS numbers.</summary>
    public ImmutableArray<SteeringOverrideConfig> Overrides { get => field.IsDefault ? [] : field; init; }

    /// <summary>The first that matches decides.</summary>
    public ImmutableArray<SteeringRuleConfig> Rules { get => field.IsDefault ? [] : field; init; }

    /// <summary>Ids of PoPs, the most wanted first, for visitors of whom nothing is known; empty: all, in the order of the file.</summary>
    public ImmutableArray<string> Default { get => field.IsDefault ? [] : field; init; }

    /// <summary>How long an answer that sends visitors somewhere may be remembered; zero: there is none.</summary>
    [JsonIgnore]
    public TimeSpan LongestSteeredTtl => Zones.Where(zone => !zone.Steered.IsEmpty).Select(zone => zone.Ttl).DefaultIfEmpty().Max();
}

/// <summary>Databases of places and networks in MaxMind's format, on the edges' own disks.</summary>
public sealed record GeoFilesConfig
{
    /// <summary>Path of one that knows countries or cities; null: none.</summary>
    public string? Country { get; init; }

    /// <summary>Path of one that knows AS numbers; null: none.</summary>
    public string? Asn { get; init; }
}

/// <summary>How much of a visitor's address is looked at when a resolver sends it (RFC 7871 §11.1), in bits; 0: nothing.</summary>
public sealed record ClientSubnetConfig
{
    public static readonly ClientSubnetConfig Default = new()
    {
        Ipv4Bits = ConfigDefaults.ClientSubnetIpv4Bits,
        Ipv6Bits = ConfigDefaults.ClientSubnetIpv6Bits,
    };

    public required int Ipv4Bits { get; init; }

    public required int Ipv6Bits { get; init; }
}

/// <summary>Answers over UDP to one network (/24, /56) that are alike.</summary>
public sealed record ResponseRateConfig
{
    public static readonly ResponseRateConfig Default = new()
    {
        ResponsesPerSecond = ConfigDefaults.DnsResponsesPerSecond,
        Slip = ConfigDefaults.DnsSlip,
    };

    /// <summary>0: as many as are asked for.</summary>
    public required int ResponsesPerSecond { get; init; }

    /// <summary>One of so many that are too many is answered with TC instead of dropped; 0: none.</summary>
    public required int Slip { get; init; }
}

/// <summary>Visitors that are sent to certain PoPs whatever else is known of them. Either a prefix or an AS number.</summary>
public sealed record SteeringOverrideConfig
{
    [JsonConverter(typeof(IPNetworkConverter))]
    public IPNetwork? Prefix { get; init; }

    public uint? Asn { get; init; }

    /// <summary>Ids, the most wanted first.</summary>
    public required ImmutableArray<string> Pops { get; init; }
}

/// <summary>One of the operator's rules: all conditions that are there must hold.</summary>
public sealed record SteeringRuleConfig
{
    public required string Name { get; init; }

    /// <summary>AF, AN, AS, EU, NA, OC or SA.</summary>
    public string? Continent { get; init; }

    /// <summary>ISO 3166-1 alpha-2, upper case: where the network is used. One of them must be the visitor's.</summary>
    public ImmutableArray<string> Countries { get => field.IsDefault ? [] : field; init; }

    /// <summary>Where the network is registered.</summary>
    public ImmutableArray<string> RegisteredCountries { get => field.IsDefault ? [] : field; init; }

    public ImmutableArray<uint> Asns { get => field.IsDefault ? [] : field; init; }

    /// <summary>Ids, the most wanted first. An <see cref="PopConfig.IdPrefix"/> in the file is its PoP's id here.</summary>
    public required ImmutableArray<string> Pops { get; init; }
}

public sealed record DnsZoneConfig
{
    // Members that are not required were not in configs of before; edges keep such a one on disk.

    /// <summary>Absolute, lower case, without the trailing dot.</summary>
    public required string Name { get; init; }

    /// <summary>Absolute, lower case, without the trailing dot. At least one.</summary>
    public required ImmutableArray<string> Nameservers { get; init; }

    /// <summary>Mailbox of the SOA record as a domain name; null: <c>hostmaster</c> in the zone.</summary>
    public string? Hostmaster { get; init; }

    /// <summary>Time to live of steered answers, and of records that say none.</summary>
    public required TimeSpan Ttl { get; init; }

    /// <summary>How long it may be remembered that a name is not there (RFC 2308 §5).</summary>
    public TimeSpan NegativeTtl { get => field == TimeSpan.Zero ? ConfigDefaults.DnsNegativeTtl : field; init; }

    /// <summary>Null: follows the config's version.</summary>
    public uint? Serial { get; init; }

    /// <summary>Answers are signed.</summary>
    public bool Dnssec { get; init; }

    /// <summary>Its other records in master file format (RFC 1035 §5), relative to the zone; null: none.</summary>
    public string? Records { get; init; }

    /// <summary>The file that <see cref="Records"/> came from, for messages; null: they stand in the config itself.</summary>
    public string? RecordsFile { get; init; }

    /// <summary>Names whose addresses are chosen for each visitor.</summary>
    public required ImmutableArray<SteeredNameConfig> Steered { get; init; }

    /// <summary><see cref="Hostmaster"/> with its default.</summary>
    [JsonIgnore]
    public string Mailbox => Hostmaster ?? $"hostmaster.{Name}";
}

[JsonConverter(typeof(SteeredNameConverter))]
public sealed record SteeredNameConfig
{
    /// <summary>Relative to the zone, lower case; <c>@</c>: the apex.</summary>
    public required string Name { get; init; }

    /// <summary>AAAA answers carry a number in their low 32 bits, see <see cref="PopConfig.IdPrefix"/>.</summary>
    public bool RandomId { get; init; }

    /// <summary>TXT answers say why the visitor is sent where they are.</summary>
    public bool Explain { get; init; }
}
