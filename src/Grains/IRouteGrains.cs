using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Grains;

/// <summary>What one upstream is to see: the operator's intent with its history and schedules, and what it compiles to. Key: <c>POP/UPSTREAM</c>.</summary>
[Alias("OrleansCdn.IUpstreamGrain")]
public interface IUpstreamGrain : IGrainWithStringKey
{
    /// <summary>Durable when it returns, and the PoP is told. Only for <see cref="IRouteDeskGrain"/>, which knows of the other upstreams.</summary>
    [Alias("Change")]
    Task<UpstreamOutcome> ChangeAsync(UpstreamChange change, CancellationToken cancellationToken);

    /// <summary>Begins or ends a schedule whose time has come.</summary>
    [Alias("RunSchedule")]
    Task<UpstreamOutcome> RunScheduleAsync(ScheduleRun run, CancellationToken cancellationToken);

    /// <summary>Marks a schedule as one that was not possible.</summary>
    [Alias("RefuseSchedule")]
    Task RefuseScheduleAsync(string id, string reason, CancellationToken cancellationToken);

    /// <summary>Drops a schedule; one in force ends.</summary>
    [Alias("CancelSchedule")]
    Task<UpstreamOutcome> CancelScheduleAsync(ScheduleCancel cancel, CancellationToken cancellationToken);

    /// <summary>Compiles anew when the config is another one.</summary>
    [Alias("Sync")]
    Task<UpstreamView> SyncAsync(UpstreamSync sync, CancellationToken cancellationToken);

    [Alias("View")]
    [AlwaysInterleave]
    Task<UpstreamView> ViewAsync(CancellationToken cancellationToken);

    /// <summary>Oldest first.</summary>
    [Alias("History")]
    [AlwaysInterleave]
    Task<ImmutableArray<IntentVersion>> HistoryAsync(CancellationToken cancellationToken);
}

/// <summary>
/// The upstreams of one PoP put together, its announcers, and what they report. In memory: it learns all of it anew. Key: PoP id.
/// </summary>
[Alias("OrleansCdn.IPopRoutesGrain")]
public interface IPopRoutesGrain : IGrainWithStringKey
{
    /// <summary>Takes an announcer in. An older connection of the same server's announcer ends.</summary>
    [Alias("Connect")]
    [AlwaysInterleave]
    Task<PopConnected> ConnectAsync(AnnouncerHello hello, CancellationToken cancellationToken);

    [Alias("Disconnect")]
    [AlwaysInterleave]
    Task DisconnectAsync(string edge, string connection, CancellationToken cancellationToken);

    /// <summary>Long poll: returns the desired state when it is not the one that was sent last, or nothing at the end of the wait.</summary>
    [Alias("Next")]
    [AlwaysInterleave]
    Task<AnnouncerUpdate> NextAsync(AnnouncerPosition position, CancellationToken cancellationToken);

    [Alias("Heard")]
    [AlwaysInterleave]
    Task HeardAsync(AnnouncerWord word, CancellationToken cancellationToken);

    /// <summary>An upstream has a new desired state.</summary>
    [Alias("UpstreamChanged")]
    [AlwaysInterleave]
    Task UpstreamChangedAsync(UpstreamPush push, CancellationToken cancellationToken);

    /// <summary>A new config is in force; returns before it is compiled.</summary>
    [Alias("ConfigChanged")]
    [AlwaysInterleave]
    Task ConfigChangedAsync(CancellationToken cancellationToken);

    [Alias("View")]
    [AlwaysInterleave]
    Task<PopRoutes> ViewAsync(CancellationToken cancellationToken);
}

/// <summary>
/// Through here go all changes of routes, one after the other, so that no two of them together take the last path away.
/// Key: <see cref="GrainKeys.Cluster"/>.
/// </summary>
[Alias("OrleansCdn.IRouteDeskGrain")]
public interface IRouteDeskGrain : IGrainWithStringKey
{
    [Alias("Change")]
    Task<RouteOutcome> ChangeAsync(RouteOrder order, CancellationToken cancellationToken);

    [Alias("Rollback")]
    Task<RouteOutcome> RollbackAsync(RouteRollbackOrder order, CancellationToken cancellationToken);

    [Alias("CancelSchedule")]
    Task<RouteOutcome> CancelScheduleAsync(ScheduleCancelOrder order, CancellationToken cancellationToken);

    /// <summary>Runs the schedules whose time has come; called every second by each silo.</summary>
    [Alias("Wake")]
    Task WakeAsync(CancellationToken cancellationToken);
}
