using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains;

/// <summary>One PoP: its edges, their feeds, and how far each has come. Key: PoP id.</summary>
[Alias("OrleansCdn.IPopGrain")]
public interface IPopGrain : IGrainWithStringKey
{
    /// <summary>Takes an edge in. An older connection of the same edge ends.</summary>
    [Alias("Connect")]
    [AlwaysInterleave]
    Task<PopConnected> ConnectAsync(EdgeHello hello, CancellationToken cancellationToken);

    [Alias("Disconnect")]
    [AlwaysInterleave]
    Task DisconnectAsync(string edge, string connection, EdgeDeparture departure, CancellationToken cancellationToken);

    /// <summary>Long poll: returns what the edge lacks as soon as there is something, or nothing at the end of the wait.</summary>
    [Alias("Next")]
    [AlwaysInterleave]
    Task<FeedUpdate> NextAsync(FeedPosition position, CancellationToken cancellationToken);

    [Alias("Report")]
    [AlwaysInterleave]
    Task ReportAsync(PopReport report, CancellationToken cancellationToken);

    /// <summary>Returns when every connected edge has applied the log up to the cursor, or at the end of the wait.</summary>
    [Alias("WaitFor")]
    [AlwaysInterleave]
    Task<PurgePopState> WaitForAsync(PurgeWait wait, CancellationToken cancellationToken);

    [Alias("Status")]
    [AlwaysInterleave]
    Task<PopStatus> StatusAsync(CancellationToken cancellationToken);

    /// <summary>Passes a question on to an edge and waits for its answer, or to the end of the wait.</summary>
    [Alias("Ask")]
    [AlwaysInterleave]
    Task<PopReply> AskAsync(PopQuestion question, CancellationToken cancellationToken);

    /// <summary>An edge's answer has arrived.</summary>
    [Alias("Answered")]
    [AlwaysInterleave]
    Task AnsweredAsync(PopAnswer answer, CancellationToken cancellationToken);

    /// <summary>An edge has told what is asked for most of a site; does not wait until that is taken in.</summary>
    [Alias("Popular")]
    [AlwaysInterleave]
    Task PopularAsync(PopPopularity report, CancellationToken cancellationToken);

    /// <summary>Passes tasks on to an edge, and tells by which connection it is there.</summary>
    [Alias("Prewarm")]
    [AlwaysInterleave]
    Task<PopPrewarmAnswer> PrewarmAsync(PopPrewarm prewarm, CancellationToken cancellationToken);

    /// <summary>A new config is in force.</summary>
    [Alias("ConfigChanged")]
    [AlwaysInterleave]
    Task ConfigChangedAsync(ConfigSnapshot snapshot, CancellationToken cancellationToken);

    /// <summary>The log has grown. Returns where this PoP stands now.</summary>
    [Alias("PurgesAppended")]
    [AlwaysInterleave]
    Task PurgesAppendedAsync(PurgePush push, CancellationToken cancellationToken);

    /// <summary>The log is being written: edges apply this early, and count nothing by it.</summary>
    [Alias("PurgesAhead")]
    [AlwaysInterleave]
    Task PurgesAheadAsync(PurgePushAhead push, CancellationToken cancellationToken);

    /// <summary>Another decision which PoPs are eligible. An older one changes nothing.</summary>
    [Alias("EligibilityChanged")]
    [AlwaysInterleave]
    Task EligibilityChangedAsync(Eligibility eligibility, CancellationToken cancellationToken);

    /// <summary>Returns when every connected edge has the eligibility on its disk, or at the end of the wait.</summary>
    [Alias("WaitForEligibility")]
    [AlwaysInterleave]
    Task<EligibilityPopState> WaitForEligibilityAsync(EligibilityWait wait, CancellationToken cancellationToken);

    /// <summary>Which DNS secrets the edges have on their disks, of those that serve DNS.</summary>
    [Alias("DnsHeld")]
    [AlwaysInterleave]
    Task<ImmutableArray<DnsEdgeHeld>> DnsHeldAsync(CancellationToken cancellationToken);

    /// <summary>Edges came or went, here or elsewhere.</summary>
    [Alias("PeersChanged")]
    [AlwaysInterleave]
    Task PeersChangedAsync(DirectoryView view, CancellationToken cancellationToken);
}

/// <summary>Which edges are connected, at all PoPs. Key: <see cref="GrainKeys.Cluster"/>. In memory only: PoPs repeat themselves.</summary>
[Alias("OrleansCdn.IDirectoryGrain")]
public interface IDirectoryGrain : IGrainWithStringKey
{
    /// <summary>Tells which edges a PoP has, and returns all; the PoP is also pushed to for a while from now on.</summary>
    [Alias("Sync")]
    [AlwaysInterleave]
    Task<DirectoryView> SyncAsync(PopPeers peers, CancellationToken cancellationToken);
}
