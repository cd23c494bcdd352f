using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Contracts.Api;

/// <summary>What can be set on an upstream, on a carrier behind it, or on one prefix.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RouteAction>))]
public enum RouteAction
{
    Announce,

    /// <summary>From the upstream, or from a carrier behind it.</summary>
    Withdraw,

    /// <summary>Announce with the own AS number repeated.</summary>
    Prepend,

    /// <summary>The upstream keeps the route to itself and its customers.</summary>
    NoExport,

    /// <summary>The upstream passes the route on at internet exchanges alone.</summary>
    IxpOnly,

    /// <summary>These communities are sent as they are, in place of the config's.</summary>
    Communities,

    /// <summary>RFC 8326: the route is about to go, sessions stay.</summary>
    GracefulShutdown,

    /// <summary>Back to what the config says.</summary>
    Default,
}

/// <summary>One change, at one upstream or at all that it fits.</summary>
public sealed record RouteChangeRequest
{
    /// <summary>In place of a PoP's id: all of them.</summary>
    public const string AllPops = "all";

    /// <summary>Longest reason: as of a config.</summary>
    public const int MaxWhyLength = 500;

    /// <summary>Raw communities in one change: a large UPDATE carries hundreds, operators set a handful.</summary>
    public const int MaxCommunities = 32;

    /// <summary>Id of a PoP, or <see cref="AllPops"/>.</summary>
    public required string Pop { get; init; }

    /// <summary>Null: all upstreams of the PoP, or with <see cref="Carrier"/> those that reach it.</summary>
    public string? Upstream { get; init; }

    /// <summary>AS number, or a carrier's name in the config.</summary>
    public string? Carrier { get; init; }

    /// <summary><c>address/length</c>: only this prefix.</summary>
    public string? Prefix { get; init; }

    public required RouteAction Action { get; init; }

    /// <summary>With <see cref="RouteAction.Prepend"/>: 0 to 5.</summary>
    public int? Prepend { get; init; }

    /// <summary>With the actions that are on or off; null: on.</summary>
    public bool? On { get; init; }

    /// <summary>With <see cref="RouteAction.Communities"/>: <c>64500:1</c>, <c>64500:1:2</c>, <c>rt:64500:1</c> …</summary>
    public ImmutableArray<string>? Communities { get; init; }

    /// <summary>Null: now.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>When what was before comes back; null: never.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Change nothing; show what each upstream would see.</summary>
    public bool DryRun { get; init; }

    /// <summary>Also when a prefix is not announced anywhere any more.</summary>
    public bool Force { get; init; }

    /// <summary>Also when a ROA does not allow what would be announced; recorded.</summary>
    public bool OverrideRpki { get; init; }

    public string? Why { get; init; }

    /// <summary>Versions that a preview showed: refused when one of them is another by now.</summary>
    public ImmutableArray<ExpectedIntent>? Expected { get; init; }
}

public sealed record ExpectedIntent(string Pop, string Upstream, long Version);

/// <summary>Makes an earlier intent the newest.</summary>
public sealed record RouteRollbackRequest
{
    /// <summary>0: nothing beyond the config.</summary>
    public required long Version { get; init; }

    public bool DryRun { get; init; }

    public bool Force { get; init; }

    public bool OverrideRpki { get; init; }

    public string? Why { get; init; }

    /// <summary>The version that a preview showed; null: whatever it is.</summary>
    public long? ExpectedVersion { get; init; }
}

/// <summary>What a change did, will do, or would do.</summary>
public sealed record RouteChangeReply
{
    public required bool DryRun { get; init; }

    public required ImmutableArray<RouteChangeAt> Upstreams { get; init; }
}

public sealed record RouteChangeAt
{
    public required string Pop { get; init; }

    public required string Upstream { get; init; }

    public required RouteChangeState State { get; init; }

    /// <summary>Of the intent: after the change, or in a dry run before it.</summary>
    public required long Version { get; init; }

    /// <summary>Of the desired state after the change; an announcer that reports it has put it on the wire.</summary>
    public required long Revision { get; init; }

    public required RoutePreview Preview { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<RouteChangeState>))]
public enum RouteChangeState
{
    Applied,
    Scheduled,
    DryRun,
    Unchanged,
}

/// <summary>What one upstream sees before and after.</summary>
public sealed record RoutePreview
{
    public required ImmutableArray<SeenRoute> Before { get; init; }

    public required ImmutableArray<SeenRoute> After { get; init; }

    /// <summary>Difference of the two intents.</summary>
    public required ImmutableArray<ConfigChange> Changes { get; init; }

    /// <summary>What is asked for then and how it is expressed, line by line, without what was so before.</summary>
    public required ImmutableArray<string> Explanation { get; init; }
}

/// <summary>One prefix as a neighbour sees it.</summary>
public sealed record SeenRoute
{
    [JsonConverter(typeof(IPNetworkConverter))]
    public required System.Net.IPNetwork Prefix { get; init; }

    public required bool Announced { get; init; }

    /// <summary><c>64500 64500</c>; empty when it is not announced.</summary>
    public required string AsPath { get; init; }

    public required ImmutableArray<Community> Communities { get; init; }

    public bool Equals(SeenRoute? other) =>
        other is not null && Prefix == other.Prefix && Announced == other.Announced && AsPath == other.AsPath
        && Communities.AsSpan().SequenceEqual(other.Communities.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Prefix, Announced, AsPath, Communities.Length);
}

/// <summary>An intent as it was: who set it, when, why, and what it was before.</summary>
public sealed record IntentVersion
{
    public required long Version { get; init; }

    public required DateTimeOffset When { get; init; }

    /// <summary>Name of the token; <c>schedule</c> where a schedule has ended.</summary>
    public required string Who { get; init; }

    /// <summary>Address of the caller; null: not known.</summary>
    public string? From { get; init; }

    public string? Why { get; init; }

    /// <summary>In words.</summary>
    public required string What { get; init; }

    /// <summary>Against the version before.</summary>
    public required ImmutableArray<ConfigChange> Changes { get; init; }

    public required RouteIntent Intent { get; init; }

    public long? RolledBackTo { get; init; }

    /// <summary>Id of the schedule that did it.</summary>
    public string? Schedule { get; init; }

    public bool Forced { get; init; }

    /// <summary>A ROA spoke against it, and was overridden.</summary>
    public bool RpkiOverridden { get; init; }

    public string? RequestId { get; init; }
}

public sealed record RouteHistoryReply(string Pop, string Upstream, ImmutableArray<IntentVersion> Versions);

[JsonConverter(typeof(JsonStringEnumConverter<ScheduleState>))]
public enum ScheduleState
{
    /// <summary>Its time has not come.</summary>
    Pending,

    /// <summary>In force, until its end.</summary>
    Active,

    /// <summary>It was not possible when its time came: <see cref="RouteSchedule.Failure"/>.</summary>
    Failed,
}

/// <summary>A change that happens later, ends later, or both.</summary>
public sealed record RouteSchedule
{
    public required string Id { get; init; }

    public required ScheduleState State { get; init; }

    /// <summary>Null: at once.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Null: it stays.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>In words.</summary>
    public required string What { get; init; }

    public required Cluster.IntentChange Set { get; init; }

    public required Cluster.RouteAuthor Author { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset When { get; init; }

    /// <summary>With <see cref="ScheduleState.Active"/>: what comes back at the end, as far as nobody has changed it meanwhile.</summary>
    public RouteIntent? Before { get; init; }

    /// <summary>With <see cref="ScheduleState.Active"/>: what it has set.</summary>
    public RouteIntent? After { get; init; }

    public string? Failure { get; init; }
}

public sealed record ScheduleAt(string Pop, string Upstream, RouteSchedule Schedule);

public sealed record SchedulesReply(ImmutableArray<ScheduleAt> Schedules);
