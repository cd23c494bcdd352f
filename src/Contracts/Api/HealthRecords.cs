using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Contracts.Api;

/// <summary>Whether each server is well, and what that is concluded from.</summary>
public sealed record HealthReply
{
    /// <summary>When this was put together; ages are against it.</summary>
    public required DateTimeOffset When { get; init; }

    /// <summary>0: no config has been applied yet.</summary>
    public required long ConfigVersion { get; init; }

    /// <summary>In the order of the config.</summary>
    public required ImmutableArray<HealthPop> Pops { get; init; }
}

public sealed record HealthPop
{
    public required string Pop { get; init; }

    /// <summary>Whether DNS sends visitors there, and why; null: not decided yet, or not known at the moment.</summary>
    public PopEligibility? Eligibility { get; init; }

    public required ImmutableArray<HealthServer> Servers { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<HealthVerdict>))]
public enum HealthVerdict
{
    /// <summary>Every check is well.</summary>
    Ok,

    /// <summary>Visitors are answered, and something needs a look.</summary>
    NeedsLook,

    /// <summary>Nobody who would know has been heard: the last word may be old.</summary>
    Unknown,

    /// <summary>A hard check fails: visitors are not answered.</summary>
    Failing,
}

/// <summary>One server: its edge, and the announcer beside it.</summary>
public sealed record HealthServer
{
    public required string Server { get; init; }

    public required HealthVerdict Verdict { get; init; }

    /// <summary>The edge is connected to a silo.</summary>
    public required bool EdgeConnected { get; init; }

    /// <summary>Null: not since the silo's start.</summary>
    public DateTimeOffset? EdgeLastSeen { get; init; }

    /// <summary>The announcer is connected to a silo; null: none has been heard of, and by the config there need be none.</summary>
    public bool? AnnouncerConnected { get; init; }

    /// <summary>Null: not since the silo's start.</summary>
    public DateTimeOffset? AnnouncerLastSeen { get; init; }

    /// <summary>What BGP concludes, and the checks with their evidence, as the announcer said last; null: it has not.</summary>
    public FailoverStatus? Failover { get; init; }

    /// <summary>Its BGP sessions.</summary>
    public required int Sessions { get; init; }

    /// <summary>Those of them that are Established.</summary>
    public required int Established { get; init; }

    /// <summary>Other edges that are connected and say whether this one answers them.</summary>
    public ImmutableArray<HealthSeenBy> SeenBy { get => field.IsDefault ? [] : field; init; }

    /// <summary>Origins that its edge passes over, by site.</summary>
    public ImmutableArray<SickOrigin> SickOrigins { get => field.IsDefault ? [] : field; init; }
}

/// <param name="By">The edge that asks, as <c>POP/EDGE</c>.</param>
/// <param name="Answers">False: it gets no answer.</param>
public sealed record HealthSeenBy(string By, bool Answers);
