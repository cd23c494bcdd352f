using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Silo.Api.Drain;

/// <summary>All that is known of a drain at one moment.</summary>
internal sealed record DrainSight
{
    public required PopDrain Drain { get; init; }

    /// <summary>The edge that is asked about; null: the whole PoP.</summary>
    public string? Edge { get; init; }

    /// <summary>Whether DNS sends visitors to the PoP; null: nothing was decided.</summary>
    public PopEligibility? Eligibility { get; init; }

    /// <summary>By the decision in force visitors are to leave the edge.</summary>
    public bool IsEdgeOut { get; init; }

    /// <summary>Of the decision in force.</summary>
    public required long Epoch { get; init; }

    /// <summary>Of all PoPs: which edges answer by it.</summary>
    public required ImmutableArray<EligibilityPopState> Confirmations { get; init; }

    /// <summary>Servers of the PoP that announce.</summary>
    public required ImmutableArray<FailoverServer> Announcers { get; init; }

    public required FailoverPolicy Policy { get; init; }

    /// <summary>Open connections of visitors, by edge of the PoP; those that have not been heard are not among them.</summary>
    public required ImmutableArray<(string Edge, long Connections)> Connections { get; init; }

    public required DateTimeOffset Now { get; init; }
}
