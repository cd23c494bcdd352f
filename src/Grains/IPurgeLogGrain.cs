using Orleans;
using Orleans.Concurrency;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains;

/// <summary>The total order of purges. Key: <see cref="GrainKeys.Cluster"/>.</summary>
[Alias("OrleansCdn.IPurgeLogGrain")]
public interface IPurgeLogGrain : IGrainWithStringKey
{
    /// <summary>Returns after the durable write. Appends that arrive during one write share the next.</summary>
    [Alias("Append")]
    [AlwaysInterleave]
    Task<PurgeAppendOutcome> AppendAsync(PurgeAppend append, CancellationToken cancellationToken);

    [Alias("End")]
    [AlwaysInterleave]
    Task<PurgeCursor> EndAsync(CancellationToken cancellationToken);

    /// <summary>What follows <paramref name="after"/>.</summary>
    [Alias("Read")]
    [AlwaysInterleave]
    Task<PurgeRead> ReadAsync(PurgeCursor after, CancellationToken cancellationToken);

    /// <summary>As <see cref="ReadAsync"/>; the PoP is also pushed to for a while from now on.</summary>
    [Alias("Sync")]
    [AlwaysInterleave]
    Task<PurgeRead> SyncAsync(string pop, PurgeCursor after, CancellationToken cancellationToken);

    /// <summary>Null: no such purge, or older than the log goes back.</summary>
    [Alias("Find")]
    [AlwaysInterleave]
    Task<PurgeReceipt?> FindAsync(string id, CancellationToken cancellationToken);
}

/// <summary>A piece of the log. Key: its index in decimal.</summary>
[Alias("OrleansCdn.IPurgeSegmentGrain")]
public interface IPurgeSegmentGrain : IGrainWithStringKey
{
    /// <summary>Durable when it returns. Replaces the whole segment.</summary>
    [Alias("Write")]
    Task WriteAsync(PurgeSegment segment, CancellationToken cancellationToken);

    /// <summary>An empty epoch: nothing is stored.</summary>
    [Alias("Read")]
    Task<PurgeSegment> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Who appended what is stored here, without the entries themselves.</summary>
    [Alias("Receipts")]
    Task<PurgeSegmentReceipts> ReceiptsAsync(CancellationToken cancellationToken);

    [Alias("Clear")]
    Task ClearAsync(CancellationToken cancellationToken);
}
