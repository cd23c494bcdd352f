using System.Collections.Immutable;

namespace OrleansCdn.Contracts.Control;

/// <summary>Bounds of what edges count of their URLs. All rates are requests per minute, the recent ones weighing more.</summary>
public static class PopularityLimits
{
    /// <summary>URLs that an edge counts of one site: ten times the list that people look at, so that its lower end is exact, too.</summary>
    public const int MaxUrls = 1024;

    /// <summary>Longer URLs count in the site's total only: they are searches and traces, and would fill what is sent up.</summary>
    public const int MaxUrlLength = 1024;

    /// <summary>Characters of URLs in one message, so that it fits a line (<see cref="FeedProtocol.MaxEdgeLineBytes"/>) with every character escaped.</summary>
    public const int MaxPartChars = 8 * 1024;

    /// <summary>URLs in one message: each has at most 150 bytes beside its URL.</summary>
    public const int MaxPartUrls = 100;

    /// <summary>A request counts half after so long: what was popular an hour ago weighs a sixty-fourth.</summary>
    public static readonly TimeSpan HalfLife = TimeSpan.FromMinutes(10);

    /// <summary>How often an edge tells; a site that is not told of for so long and a half-life counts half.</summary>
    public static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(10);
}

/// <summary>
/// What is asked for most of one site at one edge, in parts that follow one another; the last one puts the whole in the place of
/// what was told before.
/// </summary>
public sealed record EdgePopularity : EdgeMessage
{
    public required string Site { get; init; }

    /// <summary>From 0.</summary>
    public required int Part { get; init; }

    public required bool IsLast { get; init; }

    /// <summary>Requests for all URLs of the site, counted or not.</summary>
    public required double PerMinute { get; init; }

    /// <summary>Of those, the ones that were not answered from the cache.</summary>
    public required double MissesPerMinute { get; init; }

    /// <summary>An URL that is in no part has at most so many.</summary>
    public required double Floor { get; init; }

    /// <summary>The most popular first, over all parts.</summary>
    public required ImmutableArray<UrlPopularity> Urls { get; init; }
}

/// <param name="PerMinute">At most so many requests.</param>
/// <param name="Error">At least <paramref name="PerMinute"/> without this.</param>
/// <param name="MissesPerMinute">Of those that are certain.</param>
public sealed record UrlPopularity(string Url, double PerMinute, double Error, double MissesPerMinute);
