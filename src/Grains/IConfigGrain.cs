using Orleans;
using Orleans.Concurrency;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains;

/// <summary>The validated, versioned config of the cluster. Key: <see cref="GrainKeys.Cluster"/>.</summary>
[Alias("OrleansCdn.IConfigGrain")]
public interface IConfigGrain : IGrainWithStringKey
{
    [Alias("Apply")]
    Task<ConfigOutcome> ApplyAsync(ConfigApply apply, CancellationToken cancellationToken);

    [Alias("Rollback")]
    Task<ConfigOutcome> RollbackAsync(ConfigRollback rollback, CancellationToken cancellationToken);

    /// <summary>Null: that version never was, or is older than the history goes. Version 0: the one in force.</summary>
    [Alias("Version")]
    [AlwaysInterleave]
    Task<ConfigVersionReply?> VersionAsync(long version, CancellationToken cancellationToken);

    [Alias("History")]
    [AlwaysInterleave]
    Task<ConfigHistoryReply> HistoryAsync(CancellationToken cancellationToken);

    [Alias("Position")]
    [AlwaysInterleave]
    Task<ConfigPosition> PositionAsync(CancellationToken cancellationToken);

    /// <summary>The config in force; null before the first, or when the stored text is not valid for this software.</summary>
    [Alias("Current")]
    [AlwaysInterleave]
    Task<ConfigSnapshot?> CurrentAsync(CancellationToken cancellationToken);
}

/// <summary>Text of one version, in a row of its own so that the head stays small. Key: the version in decimal.</summary>
[Alias("OrleansCdn.IConfigVersionGrain")]
public interface IConfigVersionGrain : IGrainWithStringKey
{
    /// <summary>Durable when it returns. Replaces what an apply that did not get through may have left.</summary>
    [Alias("Write")]
    Task WriteAsync(ConfigText text, CancellationToken cancellationToken);

    /// <summary>An empty epoch: nothing is stored.</summary>
    [Alias("Read")]
    Task<ConfigText> ReadAsync(CancellationToken cancellationToken);

    [Alias("Clear")]
    Task ClearAsync(CancellationToken cancellationToken);
}
