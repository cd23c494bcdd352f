using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Control;

/// <summary>What a visitor's <c>Accept-Encoding</c> says; responses that vary by it are fetched once for each.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PrewarmEncoding>))]
public enum PrewarmEncoding
{
    /// <summary>No such field.</summary>
    Identity,

    /// <summary><c>gzip</c>: most programs.</summary>
    Gzip,

    /// <summary><c>gzip, br</c>: Safari.</summary>
    Brotli,

    /// <summary><c>gzip, br, zstd</c>: Chromium and Firefox.</summary>
    Zstd,
}

/// <summary>URLs of one job for one edge to fetch ahead of its visitors. It answers with <see cref="EdgePrewarmed"/>, also in parts.</summary>
public sealed record PrewarmBatch : SiloMessage
{
    /// <summary>Tasks in one message: half a second of a fast job, and below 1 MiB with the longest URLs.</summary>
    public const int MaxTasks = 64;

    /// <summary>Longest URL: what an edge accepts as a request line.</summary>
    public const int MaxUrlBytes = 8 * 1024;

    /// <summary>Id of the job.</summary>
    public required string Job { get; init; }

    /// <summary>The URLs are this site's.</summary>
    public required string Site { get; init; }

    /// <summary>No task is executed before this much of the purge log is applied.</summary>
    public required PurgeCursor Cursor { get; init; }

    /// <summary>In which order variants are fetched; those after the first only where the response varies by it.</summary>
    public required ImmutableArray<PrewarmEncoding> Encodings { get; init; }

    public required ImmutableArray<PrewarmTask> Tasks { get; init; }
}

/// <param name="Id">Of the task within its job.</param>
/// <param name="Url">Absolute.</param>
/// <param name="From">An edge that has it, as <c>pop/edge</c>: it is asked first; null: none is known.</param>
public sealed record PrewarmTask(int Id, string Url, string? From = null);

/// <summary>What became of tasks.</summary>
public sealed record EdgePrewarmed(string Job, ImmutableArray<PrewarmResult> Results) : EdgeMessage;

[JsonConverter(typeof(JsonStringEnumConverter<PrewarmOutcome>))]
public enum PrewarmOutcome
{
    /// <summary>Fetched, and kept.</summary>
    Stored,

    /// <summary>It was there and fresh: nothing was fetched.</summary>
    Fresh,

    /// <summary>An answer came that may not be or was not kept.</summary>
    NotStored,

    Failed,

    /// <summary>The edge has not applied the purges that the task asks for; nothing was fetched.</summary>
    Behind,

    /// <summary>The edge has too many tasks; nothing was fetched.</summary>
    Busy,
}

/// <summary>How one task came out at one edge, over all its variants.</summary>
public sealed record PrewarmResult
{
    /// <summary>Longest reason: a token and a status.</summary>
    public const int MaxReasonLength = 80;

    public required int Task { get; init; }

    public required PrewarmOutcome Outcome { get; init; }

    /// <summary>A token, for example <c>not-stored-no-store</c> or <c>origin-connect-failed</c>; null where the outcome says it all.</summary>
    public string? Reason { get; init; }

    /// <summary>Of bodies that were fetched.</summary>
    public long Bytes { get; init; }

    /// <summary>Slowest fetch of a variant; 0: none was fetched.</summary>
    public double Milliseconds { get; init; }

    /// <summary>Variants that came from the origin, directly or through the shield.</summary>
    public int OriginFetches { get; init; }

    /// <summary>Variants that another edge had.</summary>
    public int PeerFetches { get; init; }

    /// <summary>The origin answered with a 5xx, too late or not at all.</summary>
    public bool IsOriginTrouble { get; init; }
}
