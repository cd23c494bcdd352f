using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Contracts.Cluster;

/// <summary>A job as it is given to its grain.</summary>
public sealed record PrewarmOrder
{
    public required string Site { get; init; }

    public required string Source { get; init; }

    public required string Who { get; init; }

    /// <summary>Canonical (<see cref="PurgeUrl"/>), each once.</summary>
    public required ImmutableArray<string> Urls { get; init; }

    /// <summary>In the order in which they are preferred as the first to fetch.</summary>
    public required ImmutableArray<PrewarmEdge> Edges { get; init; }

    /// <summary>PoP through which the origin is asked; null: none.</summary>
    public string? Shield { get; init; }

    public required double RequestsPerSecond { get; init; }

    public long? BytesPerSecond { get; init; }

    public required ImmutableArray<PrewarmEncoding> Encodings { get; init; }

    /// <summary>Of the job; a job that is there already is not made again. Null: a new one.</summary>
    public string? Id { get; init; }

    /// <summary>Address of the caller; null: not known.</summary>
    public string? From { get; init; }

    public PrewarmLane Lane { get; init; }

    /// <summary>How the URLs are found when it is the job's turn; null: <see cref="Urls"/> has them.</summary>
    public PrewarmPlan? Plan { get; init; }

    /// <summary>PoPs that are warmed: the other edges only give what they have. Empty: all.</summary>
    public ImmutableArray<string> Targets { get => field.IsDefault ? [] : field; init; }

    /// <summary>The job ends then, however far it is; null: when it is done.</summary>
    public DateTimeOffset? Deadline { get; init; }
}

/// <summary>One job at a time runs of each site and lane.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PrewarmLane>))]
public enum PrewarmLane
{
    /// <summary>What was asked for by URLs, sitemap or popularity.</summary>
    Ordinary,

    /// <summary>Of what a soft purge made stale. It does not wait for a long ordinary job.</summary>
    Refresh,

    /// <summary>Of a PoP that is to be announced again. It does not wait for anything else.</summary>
    WarmUp,
}

/// <summary>Which URLs a job is about, when nobody knows them yet: the edges are asked.</summary>
public sealed record PrewarmPlan
{
    /// <summary>What such a purge covers is refreshed, at the edges that have it; null: what other edges have is brought to the targets.</summary>
    public PurgeKind? Kind { get; init; }

    /// <summary>As in <see cref="PurgeEntry.Value"/>.</summary>
    public ImmutableArray<string> Values { get => field.IsDefault ? [] : field; init; }

    /// <summary>URLs at most, the most popular first.</summary>
    public required int Top { get; init; }
}

public sealed record PrewarmEdge(string Pop, string Edge);

/// <summary>The durable row of a job, without its URLs.</summary>
public sealed record PrewarmRow
{
    public const int CurrentFormat = 1;

    /// <summary>Version of this record's stored form.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Without its URLs; null: nothing is stored.</summary>
    public PrewarmOrder? Order { get; init; }

    public int Urls { get; init; }

    /// <summary>The rows of its URLs are being written: after a crash there is no such job.</summary>
    public bool IsIncomplete { get; init; }

    /// <summary>The URLs are still to be found (<see cref="PrewarmOrder.Plan"/>).</summary>
    public bool IsUnplanned { get; init; }

    public DateTimeOffset When { get; init; }

    public PrewarmState State { get; init; }

    public long OriginFetches { get; init; }

    public long PeerFetches { get; init; }

    public long Bytes { get; init; }

    public ImmutableArray<PrewarmPopState> Pops { get => field.IsDefault ? [] : field; init; }

    public ImmutableArray<PrewarmFailure> Failures { get => field.IsDefault ? [] : field; init; }
}

/// <summary>URLs of a part of a job, in a row that is written once.</summary>
public sealed record PrewarmUrls
{
    public ImmutableArray<string> Urls { get => field.IsDefault ? [] : field; init; }
}

/// <summary>How far a part of a job has come: for each edge in turn a byte for each URL.</summary>
public sealed record PrewarmCells
{
    public byte[] Cells { get => field ?? []; init; }
}

public sealed record PrewarmChunk(ImmutableArray<string> Urls, byte[] Cells);

/// <summary>Job ids in the order in which they were given.</summary>
public sealed record PrewarmDirectoryRow
{
    public ImmutableArray<PrewarmEntry> Jobs { get => field.IsDefault ? [] : field; init; }
}

public sealed record PrewarmEntry(string Id, string Site, bool IsOver, PrewarmLane Lane = PrewarmLane.Ordinary);

/// <summary>Tasks for one edge.</summary>
/// <param name="Connection">Of the edge, as the job knows it; null: not known yet. On another one nothing is taken.</param>
/// <param name="Batch">Null: only the connection is asked for.</param>
public sealed record PopPrewarm(string Edge, string? Connection, PrewarmBatch? Batch);

/// <param name="Connection">Of the edge now; null: it is not connected.</param>
/// <param name="IsTaken">The batch will be sent.</param>
public sealed record PopPrewarmAnswer(string? Connection, bool IsTaken);

[JsonConverter(typeof(JsonStringEnumConverter<PrewarmCommand>))]
public enum PrewarmCommand
{
    Pause,
    Resume,
    Cancel,
}

/// <param name="Reply">Null: there is no such job.</param>
/// <param name="IsDone">False: the job is over.</param>
public sealed record PrewarmCommandOutcome(PrewarmReply? Reply, bool IsDone);

/// <param name="Id">Null: too many jobs are under way.</param>
public sealed record PrewarmCreated(string? Id);
