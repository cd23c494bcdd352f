using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Dns;

/// <summary>Why an address is sent where it is: what is known of it, and which step of the chain decided.</summary>
public sealed record SteeringExplanation
{
    /// <summary>The address or network that was looked at: <c>192.0.2.0/24</c>.</summary>
    public required string Network { get; init; }

    public required SteeringStep Step { get; init; }

    /// <summary>The step in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>Of the rule, override or step, for short: what a TXT answer and a log line name.</summary>
    public required string Rule { get; init; }

    /// <summary>All PoPs, the best first, before any is left out that is not eligible.</summary>
    public required ImmutableArray<string> Pops { get; init; }

    /// <summary>The answer holds for a prefix of that length (RFC 7871 §7.2.1).</summary>
    public required int Scope { get; init; }

    /// <summary>Not global unicast: no database is asked.</summary>
    public bool IsSpecialPurpose { get; init; }

    /// <summary>Null: no database has it.</summary>
    public PlaceView? Place { get; init; }

    /// <summary>Null: no database has it.</summary>
    public NetworkView? As { get; init; }

    /// <summary>By which nearness was decided; empty: no place is known.</summary>
    public ImmutableArray<PopDistance> Distances { get => field.IsDefault ? [] : field; init; }

    /// <summary>Usable measurements of its network.</summary>
    public ImmutableArray<PopRtt> Measured { get => field.IsDefault ? [] : field; init; }

    /// <summary>The network that the measurements are of; null: none.</summary>
    public string? MeasuredNetwork { get; init; }

    /// <summary>The PoP that would have been first, had it room; null: nobody was sent elsewhere.</summary>
    public string? ShedFrom { get; init; }
}

/// <summary>Steps of the chain, in its order.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SteeringStep>))]
public enum SteeringStep
{
    PrefixOverride,
    AsnOverride,
    Rule,
    MeasuredRtt,
    Distance,
    Default,
}

/// <summary>What the database of places says.</summary>
/// <param name="Entry">The database's own network.</param>
/// <param name="Country">ISO 3166-1; null: not known.</param>
/// <param name="RegisteredCountry">Of the network's holder; null: not known.</param>
/// <param name="Continent">Two letters; null: not known.</param>
/// <param name="Latitude">Degrees north; null: not known.</param>
/// <param name="Longitude">Degrees east; null: not known.</param>
/// <param name="CoordinatesOf">What the coordinates are of, when the database has none: a place in the country.</param>
public sealed record PlaceView(
    string Entry,
    string? Country = null,
    string? RegisteredCountry = null,
    string? Continent = null,
    double? Latitude = null,
    double? Longitude = null,
    string? CoordinatesOf = null);

/// <summary>What the database of AS numbers says.</summary>
/// <param name="Entry">The database's own network.</param>
/// <param name="Asn">RFC 6793.</param>
/// <param name="Organization">Null: not known.</param>
public sealed record NetworkView(string Entry, uint Asn, string? Organization = null);

public sealed record PopDistance(string Pop, double Kilometres);

public sealed record PopRtt(string Pop, double Milliseconds, int Samples, DateTimeOffset Newest);
