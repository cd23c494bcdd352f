using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Contracts.Api;

/// <summary>What a purge or a tag covers, or which tags a site has: edge by edge.</summary>
public sealed record CoverageReply
{
    public required string Site { get; init; }

    /// <summary>Every edge that was asked has answered and looked at all that it has stored.</summary>
    public required bool IsComplete { get; init; }

    public required ImmutableArray<PopCoverage> Pops { get; init; }
}

public sealed record PopCoverage(string Pop, ImmutableArray<EdgeCoverage> Edges);

public sealed record EdgeCoverage
{
    public required string Edge { get; init; }

    public required AnswerOutcome Outcome { get; init; }

    /// <summary>With <see cref="AnswerOutcome.Answered"/>.</summary>
    public Coverage? Coverage { get; init; }
}

// The generated JSON reader gives a member that was left out its type's default.
/// <summary>An edge's answer. What is on disk may be in memory as well.</summary>
public sealed record Coverage
{
    /// <summary>URLs that are named of each tier.</summary>
    public const int MaxSample = 10;

    /// <summary>Tags that are named.</summary>
    public const int MaxTags = 50;

    /// <summary>Of a URL or tag: so that the answer fits a line of the feed (<see cref="FeedProtocol.MaxEdgeLineBytes"/>) with every character escaped.</summary>
    public const int MaxTextLength = 192;

    public required CoveredTier Memory { get; init; }

    /// <summary>Null: there is no disk, or <see cref="Note"/> says why it was not looked at.</summary>
    public CoveredTier? Disk { get; init; }

    /// <summary>Why something was not looked at; null: nothing to say.</summary>
    public string? Note { get; init; }

    /// <summary>The most used first; only where no purge was asked about.</summary>
    public ImmutableArray<TagUse> Tags { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Different tags of the site; at least so many when <see cref="IsTagCountLeast"/>.</summary>
    public int TagCount { get; init; }

    /// <summary>There are more than an edge counts for an answer, or it has not looked at everything.</summary>
    public bool IsTagCountLeast { get; init; }

    /// <summary>A bit for each of <see cref="CoverageQuestion.Candidates"/>, the lowest of the first byte first; null: they were not asked for.</summary>
    public byte[]? Candidates { get; init; }

    /// <summary>With <see cref="Candidates"/>: some that are covered and no candidates, up to <see cref="MaxNamedChars"/> characters.</summary>
    public ImmutableArray<string> Named { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>With every character escaped, and with the bits of 10,000 candidates, still a line of the feed.</summary>
    public const int MaxNamedChars = 8 * 1024;

    /// <summary>Place in the purge log that the edge has applied: what older purges cover is not counted.</summary>
    public PurgeCursor PurgeCursor { get; init; }
}

/// <param name="Objects">Stored responses, each variant for itself. At least so many when not everything was looked at.</param>
/// <param name="Bytes">Of their bodies; in memory only the blocks of large objects that are there.</param>
/// <param name="Looked">Stored responses of all sites that were looked at.</param>
/// <param name="Total">That there are; about so many, since they come and go.</param>
/// <param name="Sample">Some of their URLs.</param>
public sealed record CoveredTier(long Objects, long Bytes, long Looked, long Total, bool IsComplete, ImmutableArray<string> Sample);

/// <param name="Objects">In memory that have it.</param>
/// <param name="DiskObjects">On disk.</param>
public sealed record TagUse(string Tag, long Objects, long DiskObjects);
