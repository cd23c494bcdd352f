using System.Collections.Immutable;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Contracts.Config;

/// <summary>
/// The action communities of one provider: what can be said to it of a route, and how. Shipped ones are files of the catalogue;
/// an operator's own stand in the config under <c>providers</c>. Both are the same format.
/// </summary>
public sealed record ProviderConfig
{
    /// <summary>Name by which upstreams refer to it.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>Its AS number; null: the file speaks of several networks (the neighbour's number is put in).</summary>
    public uint? Asn { get; init; }

    /// <summary>Where its communities are published: an URL, or who said so.</summary>
    public required string Source { get; init; }

    /// <summary>When that was looked at.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>For people, and in the errors about what it cannot do.</summary>
    public string? Note { get; init; }

    /// <summary>The provider keeps the route to itself. Alternatives, see <see cref="ProviderCarriersConfig.Withdraw"/>; empty: none is known.</summary>
    public ImmutableArray<string> NoExport { get; init; } = [];

    /// <summary>The provider passes the route on at internet exchanges alone.</summary>
    public ImmutableArray<string> IxpOnly { get; init; } = [];

    /// <summary>What holds for every carrier that has no entry in <see cref="Carriers"/>.</summary>
    public ProviderCarriersConfig EachCarrier { get; init; } = new();

    /// <summary>Carriers with communities of their own, by AS number.</summary>
    public ImmutableArray<ProviderCarrierConfig> Carriers { get; init; } = [];

    /// <summary>What other communities mean, for explanations.</summary>
    public ImmutableArray<KnownCommunityConfig> Known { get; init; } = [];
}

/// <summary>How a provider is told what to do towards a carrier.</summary>
public sealed record ProviderCarriersConfig
{
    /// <summary>
    /// Templates of communities: <c>64600:{asn}</c>, with <c>{asn}</c> the carrier's AS number and <c>{neighbor}</c> the upstream's;
    /// with <c>+</c> between several that say it together.
    /// Alternatives: the first that the numbers fit into is said. Empty: it cannot be said.
    /// </summary>
    public ImmutableArray<string> Withdraw { get; init; } = [];

    /// <summary>The path is made longer by 1, 2 … more: one entry each, with alternatives.</summary>
    public ImmutableArray<ImmutableArray<string>> Prepend { get; init; } = [];
}

/// <param name="Asn">The carrier's AS number.</param>
/// <param name="Actions">In place of the general ones.</param>
public sealed record ProviderCarrierConfig(uint Asn, ProviderCarriersConfig Actions);

/// <param name="Community">As it is said.</param>
/// <param name="Meaning">In a few words.</param>
public sealed record KnownCommunityConfig(Community Community, string Meaning);
