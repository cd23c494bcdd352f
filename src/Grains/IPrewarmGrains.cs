using Orleans;
using Orleans.Concurrency;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains;

/// <summary>One prewarm job. Key: its id.</summary>
[Alias("OrleansCdn.IPrewarmJobGrain")]
public interface IPrewarmJobGrain : IGrainWithStringKey
{
    /// <summary>Durable when it returns. The job begins when it is its turn.</summary>
    [Alias("Create")]
    Task CreateAsync(PrewarmOrder order, CancellationToken cancellationToken);

    /// <summary>Called again and again, also after a restart.</summary>
    /// <param name="mayRun">It is this job's turn.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    /// <returns>Null: there is no such job.</returns>
    [Alias("Wake")]
    [AlwaysInterleave]
    Task<PrewarmState?> WakeAsync(bool mayRun, CancellationToken cancellationToken);

    /// <summary>Null: there is no such job.</summary>
    [Alias("Status")]
    [AlwaysInterleave]
    Task<PrewarmReply?> StatusAsync(CancellationToken cancellationToken);

    [Alias("Command")]
    Task<PrewarmCommandOutcome> CommandAsync(PrewarmCommand command, CancellationToken cancellationToken);

    /// <summary>Results of an edge.</summary>
    [Alias("Report")]
    [AlwaysInterleave]
    Task ReportAsync(PrewarmEdge edge, EdgePrewarmed results, CancellationToken cancellationToken);

    /// <summary>Forgets the job.</summary>
    [Alias("Clear")]
    Task ClearAsync(CancellationToken cancellationToken);
}

/// <summary>A part of a job's URLs, and how far it has come. Key: the job's id, a slash, the part's index in decimal.</summary>
[Alias("OrleansCdn.IPrewarmChunkGrain")]
public interface IPrewarmChunkGrain : IGrainWithStringKey
{
    /// <summary>Durable when it returns.</summary>
    [Alias("WriteUrls")]
    Task WriteUrlsAsync(PrewarmUrls urls, CancellationToken cancellationToken);

    /// <summary>Durable when it returns.</summary>
    [Alias("WriteCells")]
    Task WriteCellsAsync(PrewarmCells cells, CancellationToken cancellationToken);

    [Alias("Read")]
    Task<PrewarmChunk> ReadAsync(CancellationToken cancellationToken);

    [Alias("Clear")]
    Task ClearAsync(CancellationToken cancellationToken);
}

/// <summary>Which jobs there are, and whose turn it is. Key: <see cref="GrainKeys.Cluster"/>.</summary>
[Alias("OrleansCdn.IPrewarmDirectoryGrain")]
public interface IPrewarmDirectoryGrain : IGrainWithStringKey
{
    /// <summary>Durable when it returns.</summary>
    [Alias("Create")]
    Task<PrewarmCreated> CreateAsync(PrewarmOrder order, CancellationToken cancellationToken);

    /// <summary>Keeps the jobs going; called every second by each silo.</summary>
    [Alias("Wake")]
    Task WakeAsync(CancellationToken cancellationToken);

    /// <summary>Ids, the newest first.</summary>
    [Alias("List")]
    [AlwaysInterleave]
    Task<string[]> ListAsync(CancellationToken cancellationToken);
}
