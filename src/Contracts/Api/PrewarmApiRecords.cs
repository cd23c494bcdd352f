using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Contracts.Api;

/// <summary>Asks for URLs of a site to be fetched to PoPs ahead of visitors. One of <see cref="Urls"/>, <see cref="Sitemap"/> and <see cref="Top"/> is given.</summary>
public sealed record PrewarmRequest
{
    public const int MaxUrls = 100_000;

    /// <summary>Requests per second when none is asked for: what a small application server answers beside its visitors.</summary>
    public const double DefaultRequestsPerSecond = 50;

    public const double MaxRequestsPerSecond = 10_000;

    public required string Site { get; init; }

    public ImmutableArray<string> Urls { get => field.IsDefault ? [] : field; init; }

    /// <summary>URL of a sitemap or sitemap index of the site, also gzipped.</summary>
    public string? Sitemap { get; init; }

    /// <summary>This many of the site's most popular URLs.</summary>
    public int? Top { get; init; }

    /// <summary>What the other PoPs have of the site's most popular URLs (<see cref="Top"/> of them) is brought to <see cref="Pops"/>, from there.</summary>
    public bool Missed { get; init; }

    /// <summary>With <see cref="Missed"/> and without <see cref="Top"/>: a site's day in a PoP is mostly these.</summary>
    public const int DefaultMissed = 1000;

    /// <summary>The job ends then, however far it is: 1 to <see cref="MaxDeadlineSeconds"/>; null: when it is done.</summary>
    public int? DeadlineSeconds { get; init; }

    public const int MaxDeadlineSeconds = 24 * 3600;

    /// <summary>Ids; empty: all.</summary>
    public ImmutableArray<string> Pops { get => field.IsDefault ? [] : field; init; }

    /// <summary>Requests per second to the origin, at most.</summary>
    public double? RequestsPerSecond { get; init; }

    /// <summary>Bytes per second from the origin, on average at most; null: no limit.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>Variants of responses that vary by <c>Accept-Encoding</c>; empty: all of <see cref="PrewarmEncoding"/>.</summary>
    public ImmutableArray<PrewarmEncoding> Encodings { get => field.IsDefault ? [] : field; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<PrewarmState>))]
public enum PrewarmState
{
    /// <summary>Another job of the site is running.</summary>
    Waiting,

    Running,

    Paused,

    /// <summary>Every URL was tried at every edge, and none failed.</summary>
    Done,

    /// <summary>Some URLs failed, or some edges could not be reached.</summary>
    Partial,

    /// <summary>Every URL failed, or no edge could be reached.</summary>
    Failed,

    Cancelled,
}

public sealed record PrewarmReply
{
    public required string Id { get; init; }

    public required string Site { get; init; }

    /// <summary>Where the URLs came from.</summary>
    public required string Source { get; init; }

    public required PrewarmState State { get; init; }

    public required DateTimeOffset When { get; init; }

    /// <summary>Name of the token.</summary>
    public required string Who { get; init; }

    /// <summary>Address of the caller; null: not known.</summary>
    public string? From { get; init; }

    /// <summary>When it ends, however far it is; null: when it is done.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>How many; 0 while they are being found.</summary>
    public required int Urls { get; init; }

    public required ImmutableArray<PrewarmPopState> Pops { get; init; }

    /// <summary>What was asked for.</summary>
    public required double RequestsPerSecond { get; init; }

    public long? BytesPerSecond { get; init; }

    /// <summary>What the origin's answers allow now, in requests per second.</summary>
    public required double Pace { get; init; }

    public required long OriginFetches { get; init; }

    public required long PeerFetches { get; init; }

    public required long Bytes { get; init; }

    /// <summary>The first of what was not stored or failed.</summary>
    public required ImmutableArray<PrewarmFailure> Failures { get; init; }
}

/// <summary>URLs by how they came out at all edges of a PoP: the sum of all is URLs times edges.</summary>
public sealed record PrewarmPopState
{
    public required string Pop { get; init; }

    public int Stored { get; init; }

    public int Fresh { get; init; }

    public int NotStored { get; init; }

    /// <summary>Not to be fetched there: a refresh is for edges that have it.</summary>
    public int Skipped { get; init; }

    public int Failed { get; init; }

    public int Left { get; init; }

    /// <summary>Edges that are not connected and have not done all.</summary>
    public ImmutableArray<string> Missing { get => field.IsDefault ? [] : field; init; }
}

public sealed record PrewarmFailure(string Url, string Pop, string Edge, PrewarmOutcome Outcome, string Reason);

public sealed record PrewarmListReply
{
    /// <summary>The newest first, without their failures.</summary>
    public required ImmutableArray<PrewarmReply> Prewarms { get; init; }
}
