using System.Collections.Immutable;

namespace OrleansCdn.Contracts.Api;

/// <summary>What is asked for most of a site, over all edges that have told lately. Rates are requests per minute; a request weighs half after ten minutes.</summary>
public sealed record PopularityView
{
    /// <summary>Longest list.</summary>
    public const int MaxCount = 10_000;

    public required string Site { get; init; }

    /// <summary>Null: all PoPs.</summary>
    public string? Pop { get; init; }

    /// <summary>Edges whose counts are in it.</summary>
    public required int Edges { get; init; }

    /// <summary>For all URLs of the site.</summary>
    public required double PerMinute { get; init; }

    /// <summary>Those that were not answered from the cache.</summary>
    public required double MissesPerMinute { get; init; }

    /// <summary>The most popular first; fewer than were asked for when no more are known.</summary>
    public required ImmutableArray<PopularUrl> Urls { get; init; }
}

public sealed record PopularUrl
{
    /// <summary>Absolute, as purges name it.</summary>
    public required string Url { get; init; }

    /// <summary>At least so many.</summary>
    public required double PerMinute { get; init; }

    /// <summary>At most so many more: edges count a bounded number of URLs.</summary>
    public required double Error { get; init; }

    public required double MissesPerMinute { get; init; }

    /// <summary>0 to 1: of the site's requests.</summary>
    public required double Share { get; init; }
}
