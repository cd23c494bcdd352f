using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;

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

    /// <summary>Plans a window; durable when it returns.</summary>
    [Alias("Plan")]
    Task<MaintenanceOutcome> PlanAsync(MaintenanceOrder order, CancellationToken cancellationToken);

    /// <summary>Takes a window back; one in force ends.</summary>
    [Alias("RemoveWindow")]
    Task<MaintenanceOutcome> RemoveWindowAsync(MaintenanceRemoval removal, CancellationToken cancellationToken);

    /// <summary>Of all PoPs of the config.</summary>
    [Alias("Windows")]
    [AlwaysInterleave]
    Task<ImmutableArray<MaintenanceWindow>> WindowsAsync(CancellationToken cancellationToken);

    /// <summary>Lets what is planned begin and end; called every second by each silo, also when no edge is there that would.</summary>
    [Alias("Wake")]
    [AlwaysInterleave]
    Task WakeAsync(CancellationToken cancellationToken);

    /// <summary>Tells how a PoP's edges are, and returns the decision in force; the PoP is also pushed to for a while from now on.</summary>
    [Alias("Sync")]
    [AlwaysInterleave]
    Task<Eligibility> SyncAsync(PopSighting sighting, CancellationToken cancellationToken);

    /// <summary>Tells how a PoP's announcers are.</summary>
    [Alias("SeeAnnouncers")]
    [AlwaysInterleave]
    Task SeeAnnouncersAsync(AnnouncersSighting sighting, CancellationToken cancellationToken);

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

    /// <summary>As <see cref="OrderAsync"/>.</summary>
    [Alias("Plan")]
    Task<MaintenanceOutcome> PlanAsync(MaintenanceOrder order, CancellationToken cancellationToken);

    /// <summary>As <see cref="OrderAsync"/>.</summary>
    [Alias("RemoveWindow")]
    Task<MaintenanceOutcome> RemoveWindowAsync(MaintenanceRemoval removal, CancellationToken cancellationToken);

    /// <summary>As <see cref="OrderAsync"/>: whatever is due happens.</summary>
    /// <param name="refusal">Why no window may begin now; null: one may.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    [Alias("RunDue")]
    Task<PopDrain> RunDueAsync(string? refusal, CancellationToken cancellationToken);

    [Alias("View")]
    [AlwaysInterleave]
    Task<PopDrain> ViewAsync(CancellationToken cancellationToken);

    /// <summary>What the PoP's announcers are told; durable under its version.</summary>
    /// <param name="observed">The highest version that one of them has: orders to come are above it.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    [Alias("Orders")]
    Task<FailoverOrders> OrdersAsync(long observed, CancellationToken cancellationToken);

    /// <summary>Those that are not over, by their time; then those that are, the newest first.</summary>
    [Alias("Windows")]
    [AlwaysInterleave]
    Task<ImmutableArray<MaintenanceWindow>> WindowsAsync(CancellationToken cancellationToken);

    /// <summary>Oldest first.</summary>
    [Alias("History")]
    [AlwaysInterleave]
    Task<ImmutableArray<DrainChange>> HistoryAsync(CancellationToken cancellationToken);
}
