using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Dns.Geo;

namespace OrleansCdn.Dns.Steering;

/// <summary>What the operator says of steering. PoPs are named by id; each list may be shorter than the number of PoPs.</summary>
public sealed record SteeringPolicy
{
    /// <summary>In the config's order; at least one.</summary>
    public required ImmutableArray<SteeringPop> Pops { get; init; }

    /// <summary>The longest that an address is in wins.</summary>
    public ImmutableArray<PrefixOverride> Prefixes { get; init; } = [];

    /// <summary>Each AS once.</summary>
    public ImmutableArray<AsnOverride> Asns { get; init; } = [];

    /// <summary>The first that matches wins.</summary>
    public ImmutableArray<SteeringRule> Rules { get; init; } = [];

    /// <summary>For those of whom nothing is known, and behind every shorter list; PoPs that it lacks follow in the config's order.</summary>
    public ImmutableArray<string> Default { get; init; } = [];
}

/// <param name="Id">The config's.</param>
/// <param name="Latitude">Degrees north.</param>
/// <param name="Longitude">Degrees east.</param>
public sealed record SteeringPop(string Id, double Latitude, double Longitude);

public sealed record PrefixOverride(IPNetwork Prefix, ImmutableArray<string> Pops);

public sealed record AsnOverride(uint Asn, ImmutableArray<string> Pops);

/// <summary>All conditions that are given must hold; a rule without any matches everybody.</summary>
public sealed record SteeringRule
{
    public required string Name { get; init; }

    /// <summary>The default value: any.</summary>
    public GeoCode Continent { get; init; }

    /// <summary>Empty: any.</summary>
    public ImmutableArray<GeoCode> Countries { get; init; } = [];

    /// <summary>Empty: any.</summary>
    public ImmutableArray<GeoCode> RegisteredCountries { get; init; } = [];

    /// <summary>Empty: any.</summary>
    public ImmutableArray<uint> Asns { get; init; } = [];

    public required ImmutableArray<string> Pops { get; init; }

    internal bool Matches(in GeoRecord place, uint asn) =>
        (!Continent.IsKnown || place.Continent == Continent)
        && (Countries.IsEmpty || (place.Country.IsKnown && Countries.Contains(place.Country)))
        && (RegisteredCountries.IsEmpty || (place.RegisteredCountry.IsKnown && RegisteredCountries.Contains(place.RegisteredCountry)))
        && (Asns.IsEmpty || (asn != 0 && Asns.Contains(asn)));
}
