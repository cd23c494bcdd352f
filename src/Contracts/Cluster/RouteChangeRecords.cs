using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Contracts.Cluster;

/// <summary>One thing that is set on one upstream.</summary>
public sealed record IntentChange
{
    public required RouteAction Action { get; init; }

    /// <summary>AS number of a carrier behind the upstream; null: the upstream itself.</summary>
    public uint? Carrier { get; init; }

    /// <summary><c>address/length</c>, of this prefix alone; null: of all.</summary>
    public string? Prefix { get; init; }

    /// <summary>With <see cref="RouteAction.Prepend"/>: 0 to 5.</summary>
    public int Prepend { get; init; }

    /// <summary>With the actions that are on or off.</summary>
    public bool On { get; init; } = true;

    /// <summary>With <see cref="RouteAction.Communities"/>.</summary>
    public ImmutableArray<Community> Communities { get; init; } = [];
}

/// <summary>Who changes routes, and why.</summary>
public sealed record RouteAuthor
{
    /// <summary>Name of the token.</summary>
    public required string Who { get; init; }

    /// <summary>Address of the caller; null: not known.</summary>
    public string? From { get; init; }

    public string? Why { get; init; }

    /// <summary>The same request again is the same change; null: it is one of its own.</summary>
    public string? RequestId { get; init; }

    /// <summary>The last path of a prefix may go.</summary>
    public bool Force { get; init; }

    /// <summary>What a ROA forbids may be announced; recorded in the history.</summary>
    public bool OverrideRpki { get; init; }
}

/// <summary>Changes the intent of one upstream, now or later, or only says what that would do.</summary>
public sealed record UpstreamChange
{
    /// <summary>Null: <see cref="RollbackTo"/> is given.</summary>
    public IntentChange? Set { get; init; }

    /// <summary>Makes the intent of an earlier version the newest; 0: nothing beyond the config.</summary>
    public long? RollbackTo { get; init; }

    public required RouteAuthor Author { get; init; }

    public bool DryRun { get; init; }

    /// <summary>Refused as a conflict unless this is the intent's version; null: whatever it is.</summary>
    public long? ExpectedVersion { get; init; }

    /// <summary>Null: now.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>When what was before comes back; null: never.</summary>
    public DateTimeOffset? Until { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<UpstreamVerdict>))]
public enum UpstreamVerdict
{
    /// <summary>Durable, and on its way to the announcers.</summary>
    Applied,

    /// <summary>Durable: it happens later.</summary>
    Scheduled,

    /// <summary>Possible; nothing was changed.</summary>
    DryRun,

    /// <summary>It is so already; no new version.</summary>
    Unchanged,

    /// <summary>The intent has another version than the caller expected.</summary>
    Conflict,

    /// <summary>See <see cref="UpstreamOutcome.Errors"/>.</summary>
    Invalid,

    /// <summary>That version never was, or is older than the history goes.</summary>
    UnknownVersion,

    /// <summary>There is no such schedule.</summary>
    UnknownSchedule,

    /// <summary>The config in force has no such upstream.</summary>
    NotConfigured,
}

public sealed record UpstreamOutcome
{
    public required UpstreamVerdict Verdict { get; init; }

    /// <summary>Of the intent, after the call.</summary>
    public required long Version { get; init; }

    /// <summary>What is wrong, each with what would be right.</summary>
    public ImmutableArray<string> Errors { get; init; } = [];

    /// <summary>What the neighbours see before and after; null with verdicts that change nothing.</summary>
    public RoutePreview? Preview { get; init; }
}

/// <param name="Id">Of the schedule.</param>
/// <param name="DryRun">Only say what it would do.</param>
public sealed record ScheduleRun(string Id, bool DryRun);

/// <param name="Id">Of the schedule.</param>
/// <param name="DryRun">Only say what it would do.</param>
/// <param name="Author">Who drops it.</param>
public sealed record ScheduleCancel(string Id, bool DryRun, RouteAuthor Author);

/// <summary>Drops a schedule of an upstream; one in force ends.</summary>
public sealed record ScheduleCancelOrder(string Pop, string Upstream, string Id, RouteAuthor Author);

/// <summary>Asks an upstream to compare itself with the config.</summary>
/// <param name="Config">In force; an upstream that knows an older one asks for it.</param>
/// <param name="ObservedRevision">The highest that an announcer works on: new revisions are above it.</param>
public sealed record UpstreamSync(ConfigPosition Config, long ObservedRevision);

/// <summary>One upstream as its grain has it.</summary>
public sealed record UpstreamView
{
    public required string Epoch { get; init; }

    /// <summary>Of the config that was compiled.</summary>
    public required long ConfigVersion { get; init; }

    /// <summary>Of the intent; 0: nothing was ever set.</summary>
    public required long Version { get; init; }

    public required RouteIntent Intent { get; init; }

    /// <summary>Null: the config has no such upstream, or nothing could be compiled yet.</summary>
    public DesiredUpstream? Desired { get; init; }

    /// <summary>Why what stands in the config or the intent is not what is desired.</summary>
    public ImmutableArray<string> Problems { get; init; } = [];

    public ImmutableArray<RouteSchedule> Schedules { get; init; } = [];

    /// <summary>What is asked for and how it is expressed, line by line.</summary>
    public ImmutableArray<string> Explanation { get; init; } = [];
}

/// <summary>Tells which upstream of a PoP has a new desired state.</summary>
public sealed record UpstreamPush(string Upstream, UpstreamView View);

/// <summary>Changes routes of one or many upstreams; see <see cref="RouteChangeRequest"/>.</summary>
public sealed record RouteOrder
{
    public required RouteChangeRequest Request { get; init; }

    public required RouteAuthor Author { get; init; }
}

/// <summary>Goes back, at one upstream.</summary>
public sealed record RouteRollbackOrder
{
    public required string Pop { get; init; }

    public required string Upstream { get; init; }

    public required RouteRollbackRequest Request { get; init; }

    public required RouteAuthor Author { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<RouteVerdict>))]
public enum RouteVerdict
{
    /// <summary>Done, scheduled, or shown: see the reply.</summary>
    Done,

    /// <summary>An intent has another version than the caller expected.</summary>
    Conflict,

    /// <summary>See <see cref="RouteOutcome.Errors"/>.</summary>
    Invalid,

    /// <summary>A prefix would not be announced anywhere any more.</summary>
    LastPath,

    /// <summary>There is no such PoP, upstream, version or schedule.</summary>
    Unknown,

    /// <summary>No config is in force.</summary>
    NoConfig,
}

public sealed record RouteOutcome
{
    public required RouteVerdict Verdict { get; init; }

    public ImmutableArray<string> Errors { get; init; } = [];

    /// <summary>With <see cref="RouteVerdict.Done"/>.</summary>
    public RouteChangeReply? Reply { get; init; }
}
