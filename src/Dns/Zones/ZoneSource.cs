using System.Collections.Immutable;
using OrleansCdn.Dns.Answering;

namespace OrleansCdn.Dns.Zones;

/// <summary>What a zone is compiled from.</summary>
public sealed record ZoneSource
{
    /// <summary>Without the dot at its end.</summary>
    public required string Name { get; init; }

    /// <summary>Its NS records; the first stands in the SOA record.</summary>
    public required ImmutableArray<string> Nameservers { get; init; }

    /// <summary>In the SOA record; null: hostmaster in the zone.</summary>
    public string? Hostmaster { get; init; }

    /// <summary>Seconds, of records that say none.</summary>
    public required uint Ttl { get; init; }

    /// <summary>Seconds for which it may be kept that something is not there.</summary>
    public required uint NegativeTtl { get; init; }

    /// <summary>In the SOA record, also in place of the one that the records have: it follows the config, and so never goes back.</summary>
    public required uint Serial { get; init; }

    /// <summary>A master file; null: none.</summary>
    public string? Records { get; init; }

    public ImmutableArray<SteeredSource> Steered { get; init; } = [];
}

/// <param name="Name">Relative to the zone; <c>@</c>: its own.</param>
/// <param name="Answers">What is chosen from; without PoPs when a zone is only checked.</param>
/// <param name="HasText">TXT answers are its own; also where nothing is there yet that makes them.</param>
public sealed record SteeredSource(string Name, SteeredName Answers, bool HasText = false);
