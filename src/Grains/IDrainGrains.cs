using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains;

/// <summary>
/// Which PoPs DNS sends visitors to: one decision for the whole network. Through here go all drains, one after the other, so that no two of
/// them together take the last PoP out. Key: <see cref="GrainKeys.Cluster"/>.
/// </summary>
[Alias("OrleansCdn.IEligibilityGrain")]
public interface IEligibilityGrain : IGrainWithStringKey
{
    /// <summary>Durable when it returns, and on its way to the PoPs.</summary>
    [Alias("Order")]
    Task<DrainOutcome> OrderAsync(DrainOrder order, CancellationToken cancellationToken);

    /// <summary>Tells how a PoP's edges are, and returns the decision in force; the PoP is also pushed to for a while from now on.</summary>
    [Alias("Sync")]
    [AlwaysInterleave]
    Task<Eligibility> SyncAsync(PopSighting sighting, CancellationToken cancellationToken);

    [Alias("View")]
    [AlwaysInterleave]
    Task<Eligibility> ViewAsync(CancellationToken cancellationToken);
}

/// <summary>What an operator wants of one PoP, with its history. Key: PoP id.</summary>
[Alias("OrleansCdn.IDrainGrain")]
public interface IDrainGrain : IGrainWithStringKey
{
    /// <summary>Durable when it returns. Only for <see cref="IEligibilityGrain"/>, which knows of the other PoPs.</summary>
    [Alias("Order")]
    Task<DrainOutcome> OrderAsync(DrainOrder order, CancellationToken cancellationToken);

    [Alias("View")]
    [AlwaysInterleave]
    Task<PopDrain> ViewAsync(CancellationToken cancellationToken);

    /// <summary>Oldest first.</summary>
    [Alias("History")]
    [AlwaysInterleave]
    Task<ImmutableArray<DrainChange>> HistoryAsync(CancellationToken cancellationToken);
}
