using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Edge.Admin;

/// <summary>The nameserver, as <c>/status</c> shows it.</summary>
internal sealed record DnsReply
{
    public required EdgeDns Summary { get; init; }

    public required ImmutableArray<DnsZoneReply> Zones { get; init; }

    /// <summary>Databases of places and of AS numbers; empty: the config names none.</summary>
    public required ImmutableArray<GeoFileStatus> Databases { get; init; }

    /// <summary>Null: nothing is compiled.</summary>
    public DnsSteeringReply? Steering { get; init; }

    /// <summary>Ids of PoPs that visitors are sent to now.</summary>
    public required ImmutableArray<string> EligiblePops { get; init; }

    /// <summary>By name, those of queries and answers first; names are stable.</summary>
    public required ImmutableSortedDictionary<string, long> Counters { get; init; }

    /// <summary>Answers with random ids since the start; null: no name has any.</summary>
    public long? VisitsIssued { get; init; }
}

/// <param name="Name">Without the dot at its end.</param>
/// <param name="Serial">Of its SOA record; null: it is not answered for.</param>
/// <param name="Signed">By the config.</param>
/// <param name="Problem">Why it is not answered for, or with SERVFAIL; null: it is.</param>
/// <param name="Warnings">What looks wrong with its records.</param>
internal sealed record DnsZoneReply(string Name, uint? Serial, bool Signed, string? Problem, int Warnings);

/// <param name="Orders">Different orders of PoPs that visitors are given.</param>
/// <param name="Bytes">Of the tries.</param>
internal sealed record DnsSteeringReply(int Orders, long Bytes);
