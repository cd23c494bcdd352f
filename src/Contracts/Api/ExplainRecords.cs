using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Contracts.Api;

// The generated JSON reader does not keep initializers: a member that was left out is its type's default there.
/// <summary>Asks what the edges of a PoP would do with a request, and why.</summary>
public sealed record ExplainRequest
{
    /// <summary>Longest URL: what an edge accepts as a request line (8 KiB).</summary>
    public const int MaxUrlBytes = 8 * 1024;

    public const int MaxHeaders = 32;

    /// <summary>Name and value of one field together.</summary>
    public const int MaxHeaderBytes = 2 * 1024;

    /// <summary>Absolute, <c>http</c> or <c>https</c>.</summary>
    public required string Url { get; init; }

    public required string Pop { get; init; }

    /// <summary>Null: every edge of the PoP.</summary>
    public string? Edge { get; init; }

    /// <summary>Null: GET.</summary>
    public string? Method { get; init; }

    /// <summary>Fields of the request, which may choose a variant; absent: none.</summary>
    public ImmutableArray<HeaderField> Headers { get; init; } = [];
}

public sealed record HeaderField(string Name, string Value);

public sealed record ExplainReply
{
    /// <summary>As it was asked.</summary>
    public required string Url { get; init; }

    public required string Pop { get; init; }

    public required ImmutableArray<EdgeExplanation> Edges { get; init; }
}

public sealed record EdgeExplanation
{
    public required string Edge { get; init; }

    public required AnswerOutcome Outcome { get; init; }

    /// <summary>With <see cref="AnswerOutcome.Answered"/>.</summary>
    public Explanation? Explanation { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<AnswerOutcome>))]
public enum AnswerOutcome
{
    Answered,

    /// <summary>The edge has no connection to any silo.</summary>
    NotConnected,

    /// <summary>It is connected and has not answered in time.</summary>
    NoAnswer,

    /// <summary>Too many questions are under way at this PoP.</summary>
    Busy,
}

/// <summary>What an edge would do with a request now.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ExplainVerdict>))]
public enum ExplainVerdict
{
    /// <summary>Served from what is stored.</summary>
    Fresh,

    /// <summary>Served from what is stored, while one request refreshes it (RFC 5861 §3).</summary>
    StaleWhileRevalidate,

    /// <summary>Stored, and confirmed with the origin first.</summary>
    Stale,

    /// <summary>Not in memory; the disk has something for the key, which is read first. What it is, is told with the variants.</summary>
    OnDisk,

    /// <summary>Answered by a redirect of the site.</summary>
    Redirect,

    /// <summary>Filled from upstream.</summary>
    Miss,

    /// <summary>Fetched from upstream without waiting for others: the last answer could not be cached.</summary>
    HitForMiss,

    /// <summary>A rule of the site sends it to the origin.</summary>
    Bypass,

    /// <summary>Method or fields of the request send it to the origin.</summary>
    Uncacheable,

    /// <summary>No site of the config in force has the host.</summary>
    NoSite,

    /// <summary>The edge has no config, or is not ready to serve yet.</summary>
    NotReady,

    /// <summary>The question is not a request that an edge would take.</summary>
    Malformed,
}

/// <summary>An edge's answer. Times are seconds. Texts that come from an origin are cut to <see cref="MaxTextLength"/>.</summary>
public sealed record Explanation
{
    /// <summary>Of the largest answer, so that it fits a line of the feed (<see cref="FeedProtocol.MaxEdgeLineBytes"/>).</summary>
    public const int MaxBytes = 48 * 1024;

    public const int MaxTextLength = 256;

    /// <summary>Tags and selecting fields that are listed of one variant.</summary>
    public const int MaxListed = 32;

    public required ExplainVerdict Verdict { get; init; }

    /// <summary>One sentence for a person; null where the verdict says it all.</summary>
    public string? Detail { get; init; }

    public string? Site { get; init; }

    public ExplainedKey? Key { get; init; }

    /// <summary>The rule that matches by the request alone; null: none does.</summary>
    public ExplainedRule? Rule { get; init; }

    /// <summary>
    /// Those in memory, then those on disk, the one that the request selects before the others of its tier. May be fewer than
    /// <see cref="VariantCount"/> and <see cref="DiskVariantCount"/> together.
    /// </summary>
    public ImmutableArray<ExplainedVariant> Variants { get; init; } = [];

    /// <summary>In memory.</summary>
    public int VariantCount { get; init; }

    /// <summary>On disk; what is in memory may be on disk, too.</summary>
    public int DiskVariantCount { get; init; }

    /// <summary>Null: the edge knows of all purges, or has not been without them for as long as the site allows.</summary>
    public ExplainedCutOff? CutOff { get; init; }

    /// <summary>Why it is not told what the disk has; null: it is, or there is no disk.</summary>
    public string? DiskNote { get; init; }

    /// <summary>Fetches of this key under way.</summary>
    public int Fills { get; init; }

    /// <summary>Why the last answer for the key was not kept; null: nothing is known, or it was.</summary>
    public ExplainedNotStored? NotStored { get; init; }

    public required long ConfigVersion { get; init; }

    /// <summary>Place in the purge log that the edge has applied.</summary>
    public required PurgeCursor PurgeCursor { get; init; }

    /// <summary>Purges that this process has applied: what variants' stamps are compared with.</summary>
    public required long PurgesApplied { get; init; }
}

/// <summary>The edge hears from no silo, and purges may be missing.</summary>
/// <param name="AfterSeconds">How long the site lets that pass.</param>
/// <param name="Seconds">How long it is; null: since the edge's start.</param>
public sealed record ExplainedCutOff(CutOffPolicy Policy, double AfterSeconds, double? Seconds = null);

/// <param name="Authority">Lower case, without a default port.</param>
/// <param name="Target">Path and query, cut to 2048 characters.</param>
/// <param name="Hash">The same on every edge.</param>
public sealed record ExplainedKey(string Scheme, string Authority, string Target, string Hash);

public sealed record ExplainedRule
{
    /// <summary>Place in the site's list, from 1.</summary>
    public required int Number { get; init; }

    public string? Path { get; init; }

    public ImmutableArray<string> Extensions { get; init; } = [];

    public ImmutableArray<string> ContentTypes { get; init; } = [];

    public ImmutableArray<string> Statuses { get; init; } = [];

    public bool Bypass { get; init; }

    public double? TtlSeconds { get; init; }

    public double? MinTtlSeconds { get; init; }

    public double? MaxTtlSeconds { get; init; }
}

public sealed record ExplainedVariant
{
    /// <summary>The request's fields choose this one (RFC 9111 §4.1).</summary>
    public required bool IsSelected { get; init; }

    /// <summary>The rule of the config in force that matches request and response; null: none does.</summary>
    public ExplainedRule? Rule { get; init; }

    public required int Status { get; init; }

    /// <summary>Names in <c>Vary</c>, and the value that the request had for which it was stored; a null value: the field was absent. Cookies and credentials are hidden.</summary>
    public ImmutableArray<ExplainedField> Vary { get; init; } = [];

    public string? ETag { get; init; }

    public string? LastModified { get; init; }

    /// <summary>RFC 9111 §4.2.3.</summary>
    public required double AgeSeconds { get; init; }

    public required double LifetimeSeconds { get; init; }

    public required LifetimeSource LifetimeSource { get; init; }

    /// <summary>Freshness left; negative: stale for so long.</summary>
    public required double TtlSeconds { get; init; }

    /// <summary>Past its lifetime it is served so long while it is refreshed.</summary>
    public required double StaleWhileRevalidateSeconds { get; init; }

    /// <summary>Past its lifetime it stands in so long for an origin that fails.</summary>
    public required double GraceSeconds { get; init; }

    /// <summary>The origin forbids to serve it stale (<c>must-revalidate</c> and its kin).</summary>
    public required bool NeverStale { get; init; }

    /// <summary>Null: it was not purged softly.</summary>
    public double? SoftPurgedSecondsAgo { get; init; }

    /// <summary>May be fewer than <see cref="TagCount"/>.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    public int TagCount { get; init; }

    /// <summary>Of <c>Cache-Groups</c> (RFC 9875); may be fewer than <see cref="GroupCount"/>.</summary>
    public ImmutableArray<string> Groups { get; init; } = [];

    public int GroupCount { get; init; }

    /// <summary>Purges that were applied when its fill began, or with which it was compared since.</summary>
    public required long PurgeStamp { get; init; }

    /// <summary>The purge that covers it; null: none does.</summary>
    public ExplainedPurge? Purge { get; init; }

    /// <summary>Of the whole body, also where only blocks of it are here.</summary>
    public required long BodyBytes { get; init; }

    public required StorageTier Tier { get; init; }

    /// <summary>Who gave it, or confirmed it last; null: not known.</summary>
    public ExplainedSource? Source { get; init; }
}

/// <param name="Name">Scheme, host and port of an origin; <c>pop/edge</c> of an edge.</param>
/// <param name="FromDisk">It has been on this edge's disk since.</param>
public sealed record ExplainedSource(FilledFrom From, string Name, bool FromDisk);

public sealed record ExplainedField(string Name, string? Value = null);

/// <param name="Sequence">Place in the purge log; 0: not known, or in no log (a group that an answer to an unsafe method invalidated).</param>
/// <param name="Kind">Null: it is older than all that is known of purges (a gap in the log).</param>
public sealed record ExplainedPurge(string Value, bool Soft, long Sequence, PurgeKind? Kind = null);

/// <param name="Reason">The token that <c>Cache-Status</c> has as <c>detail</c>, for example <c>not-stored-private</c>.</param>
/// <param name="SecondsAgo">When the answer came.</param>
/// <param name="HitForMissSeconds">So much longer requests do not wait for one another; 0: they do.</param>
public sealed record ExplainedNotStored(string Reason, double SecondsAgo, double HitForMissSeconds);

[JsonConverter(typeof(JsonStringEnumConverter<StorageTier>))]
public enum StorageTier
{
    Memory,
    Disk,
}
