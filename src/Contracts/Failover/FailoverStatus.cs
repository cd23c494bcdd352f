using System.Collections.Immutable;

namespace OrleansCdn.Contracts.Failover;

/// <summary>How the failover of one server stands, for people: part of its announcer's report.</summary>
public sealed record FailoverStatus
{
    public required FailoverPhase Phase { get; init; }

    public required AnnouncementLevel Level { get; init; }

    /// <summary>When <see cref="Phase"/> began.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Why it is so.</summary>
    public required string Why { get; init; }

    /// <summary>Why it has not withdrawn although it would; null: nothing holds it back.</summary>
    public string? WaitsFor { get; init; }

    /// <summary>Of the operator's orders in force.</summary>
    public required long OrdersVersion { get; init; }

    /// <summary>Withdrawn because an operator wants it, and its connections are gone, or the time for them.</summary>
    public bool IsDrained { get; init; }

    /// <summary>Of visitors; null: not known.</summary>
    public int? Connections { get; init; }

    /// <summary>Servers that it has promised to stay.</summary>
    public ImmutableArray<string> Promised { get => field.IsDefault ? [] : field; init; }

    /// <summary>Of the damping of its own changes.</summary>
    public double Penalty { get; init; }

    /// <summary>Whether that holds an announcement back.</summary>
    public bool IsHeld { get; init; }

    /// <summary>Hard ones first.</summary>
    public ImmutableArray<HealthCheckStatus> Checks { get => field.IsDefault ? [] : field; init; }
}

/// <summary>One check of a server, with what was seen.</summary>
/// <param name="Check">Name, the same on all servers: <c>http</c>, <c>tls</c>, <c>disk</c> …</param>
/// <param name="IsHard">While it fails the server does not serve; others are told and shown, and withdraw nothing.</param>
/// <param name="IsOk">By the last look.</param>
/// <param name="Evidence">What was seen at the last look.</param>
/// <param name="Since">When <paramref name="IsOk"/> became so.</param>
public sealed record HealthCheckStatus(string Check, bool IsHard, bool IsOk, string Evidence, DateTimeOffset Since);
