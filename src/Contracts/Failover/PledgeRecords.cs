namespace OrleansCdn.Contracts.Failover;

/// <summary>How one announcer stands, as it tells all others. What is said of time is said as a duration: clocks are not compared.</summary>
public sealed record PeerView
{
    public required string Server { get; init; }

    public required string Pop { get; init; }

    /// <summary>Random, of the process.</summary>
    public required long Instance { get; init; }

    /// <summary>Goes up; an older word never replaces a newer one of the same process.</summary>
    public required long Sequence { get; init; }

    public required FailoverPhase Phase { get; init; }

    public required AnnouncementLevel Level { get; init; }

    /// <summary>At least one upstream has its routes.</summary>
    public required bool IsOnWire { get; init; }

    /// <summary>Its edge answers, by its own probe.</summary>
    public required bool IsWell { get; init; }

    /// <summary>Name of the check that failed last, be it once; null: the last one was answered.</summary>
    public string? FailingCheck { get; init; }

    /// <summary>Since when, counted back from when this was said.</summary>
    public TimeSpan FailingFor { get; init; }
}

/// <param name="Id">Random; a pledge counts for this request alone.</param>
/// <param name="Server">Who asks.</param>
/// <param name="Pop">Where it is.</param>
/// <param name="IsVoluntary">Its edge answers, and an operator wants it out.</param>
/// <param name="Check">The check that fails; null when voluntary.</param>
public sealed record PledgeRequest(long Id, string Server, string Pop, bool IsVoluntary, string? Check = null);

/// <param name="Id">Of the request.</param>
/// <param name="Server">Who answers.</param>
/// <param name="Pop">Where it is.</param>
/// <param name="IsGranted">It stays announced for <see cref="FailoverPolicy.PledgeTime"/>.</param>
/// <param name="Why">Of a denial, for people; null when granted.</param>
public sealed record PledgeAnswer(long Id, string Server, string Pop, bool IsGranted, string? Why = null);
