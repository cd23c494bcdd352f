using System.Collections.Immutable;

namespace OrleansCdn.Contracts.Api;

/// <summary>What <c>cdn dns check</c> has found.</summary>
public sealed record DnsCheckReport
{
    /// <summary>In the order of the config.</summary>
    public required ImmutableArray<CheckedZone> Zones { get; init; }
}

public sealed record CheckedZone
{
    /// <summary>Without the dot at its end.</summary>
    public required string Name { get; init; }

    /// <summary>Of its SOA record. That of a zone that follows the config's version is known when the config is applied; null then.</summary>
    public uint? Serial { get; init; }

    /// <summary>Names with records or steered ones.</summary>
    public required int Names { get; init; }

    public required int Records { get; init; }

    /// <summary>By type, as in zone files.</summary>
    public required ImmutableSortedDictionary<string, int> RecordsByType { get; init; }

    public required int Steered { get; init; }

    /// <summary>Parts that other servers answer for.</summary>
    public required int Delegations { get; init; }

    public required bool Dnssec { get; init; }

    /// <summary>What is unwise and can be applied.</summary>
    public required ImmutableArray<ZoneWarning> Warnings { get; init; }
}

/// <param name="Line">Of the zone's records; 0: of the zone as a whole.</param>
/// <param name="Message">A sentence.</param>
public sealed record ZoneWarning(int Line, string Message);
