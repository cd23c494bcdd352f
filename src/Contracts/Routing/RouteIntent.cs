using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Contracts.Routing;

/// <summary>
/// What an operator (or a schedule, or failover) wants of one upstream beyond what the config says. A null leaves the config's
/// value; an empty intent changes nothing.
/// </summary>
public sealed record RouteIntent
{
    public static readonly RouteIntent Empty = new();

    /// <summary>False withdraws every prefix from this upstream.</summary>
    public bool? Announce { get; init; }

    /// <summary>How often the own AS number is repeated towards this upstream, 0 to 5.</summary>
    public int? Prepend { get; init; }

    /// <summary>The upstream is to keep the route to itself (its customers, where the catalogue can say so).</summary>
    public bool? NoExport { get; init; }

    /// <summary>The upstream is to pass the route on at internet exchanges alone.</summary>
    public bool? IxpOnly { get; init; }

    /// <summary>Said beside what the catalogue compiles to, in place of the config's; null: the config's.</summary>
    public ImmutableArray<Community>? Communities { get; init; }

    /// <summary>Each AS number once; what is said here of a carrier replaces what the config says of it.</summary>
    public ImmutableArray<CarrierIntent> Carriers { get; init; } = [];

    /// <summary>Each prefix once; what is said here holds for that prefix alone.</summary>
    public ImmutableArray<PrefixIntent> Prefixes { get; init; } = [];

    /// <summary>RFC 8326: sessions go on and the route is marked as about to go.</summary>
    public bool? GracefulShutdown { get; init; }
}

/// <param name="Asn">The carrier's AS number; it need not stand in the config.</param>
/// <param name="Prepend">0 to 5.</param>
/// <param name="Withdraw">Wins over <paramref name="Prepend"/>.</param>
public sealed record CarrierIntent(uint Asn, int Prepend, bool Withdraw);

public sealed record PrefixIntent
{
    [JsonConverter(typeof(IPNetworkConverter))]
    public required IPNetwork Prefix { get; init; }

    public bool? Announce { get; init; }

    public int? Prepend { get; init; }

    /// <summary>In addition to the upstream's.</summary>
    public ImmutableArray<Community> Communities { get; init; } = [];
}
