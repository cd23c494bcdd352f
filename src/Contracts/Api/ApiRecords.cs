using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Contracts.Api;

/// <summary>Routes of a silo's HTTP API. Errors are problem details (RFC 9457).</summary>
public static class ApiRoutes
{
    public const string Status = "/v1/status";
    public const string Config = "/v1/config";
    public const string ConfigHistory = "/v1/config/history";
    public const string ConfigVersion = "/v1/config/versions/{version}";
    public const string ConfigRollback = "/v1/config/rollback";
    public const string Purges = "/v1/purges";
    public const string Purge = "/v1/purges/{id}";
    public const string Audit = "/v1/audit";
    public const string Events = "/v1/events";
    public const string Notifications = "/v1/notifications";
    public const string NotificationTest = "/v1/notifications/{name}/test";
    public const string Explain = "/v1/explain";

    public const string DnsExplain = "/v1/dns/explain";
    public const string Tags = "/v1/sites/{site}/tags";
    public const string Top = "/v1/sites/{site}/top";
    public const string Prewarms = "/v1/prewarms";
    public const string Prewarm = "/v1/prewarms/{id}";
    public const string PrewarmPause = "/v1/prewarms/{id}/pause";
    public const string PrewarmResume = "/v1/prewarms/{id}/resume";
    public const string PrewarmCancel = "/v1/prewarms/{id}/cancel";
    public const string Routes = "/v1/routes";
    public const string RouteHistory = "/v1/routes/{pop}/{upstream}/history";
    public const string RouteChanges = "/v1/routes/changes";
    public const string RouteRollback = "/v1/routes/{pop}/{upstream}/rollback";
    public const string RouteSchedules = "/v1/routes/schedules";
    public const string RouteSchedule = "/v1/routes/{pop}/{upstream}/schedules/{id}";
    public const string Drain = "/v1/pops/{pop}/drain";
    public const string Undrain = "/v1/pops/{pop}/undrain";
    public const string DrainEdge = "/v1/pops/{pop}/edges/{edge}/drain";
    public const string UndrainEdge = "/v1/pops/{pop}/edges/{edge}/undrain";
    public const string Maintenance = "/v1/maintenance";
    public const string MaintenanceWindow = "/v1/maintenance/{id}";
    public const string Pin = "/v1/pops/{pop}/pin/{pin}";
    public const string Unpin = "/v1/pops/{pop}/unpin";
    public const string Failover = "/v1/failover";
    public const string BgpSessions = "/v1/bgp/sessions";
    public const string DnsKeys = "/v1/dns/keys/{zone}";
    public const string Servers = "/v1/health";
    public const string OpenApi = "/v1/openapi.json";
    public const string Health = "/health";

    /// <summary>Largest config text.</summary>
    public const int MaxConfigBytes = 1024 * 1024;

    /// <summary>Values in one purge request.</summary>
    public const int MaxPurgeValues = 10_000;

    /// <summary>Longest URL or tag in a purge: what an edge accepts as a request line (8 KiB).</summary>
    public const int MaxPurgeValueBytes = 8 * 1024;

    /// <summary>Field of a purge request: the same key within a day is the same purge.</summary>
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>Characters of an idempotency key: a UUID has 36.</summary>
    public const int MaxIdempotencyKeyLength = 255;

    /// <summary>Field of an answer: <c>true</c> when it is the receipt of an earlier request with the same key.</summary>
    public const string IdempotentReplayed = "Idempotent-Replayed";
}

public sealed record StatusReply
{
    public required string Cluster { get; init; }

    public required string Silo { get; init; }

    public required string SoftwareVersion { get; init; }

    /// <summary>0: no config has been applied yet.</summary>
    public required long ConfigVersion { get; init; }

    /// <summary>End of the purge log.</summary>
    public required PurgeCursor Cursor { get; init; }

    /// <summary>Of the decision which PoPs are eligible; null: not known at the moment.</summary>
    public long? EligibilityEpoch { get; init; }

    public required ImmutableArray<PopStatus> Pops { get; init; }
}

public sealed record PopStatus
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required ImmutableArray<EdgeStatus> Edges { get; init; }

    /// <summary>Whether DNS sends visitors there, and why; null: not decided yet, or not known at the moment.</summary>
    public PopEligibility? Eligibility { get; init; }

    /// <summary>Its servers that announce; empty: none does, or they are not known at the moment.</summary>
    public ImmutableArray<FailoverServer> Announcers { get => field.IsDefault ? [] : field; init; }
}

public sealed record EdgeStatus
{
    public required string Name { get; init; }

    public required bool Connected { get; init; }

    /// <summary>Null: never seen since the silo's start.</summary>
    public DateTimeOffset? LastSeen { get; init; }

    public long ConfigVersion { get; init; }

    public PurgeCursor Cursor { get; init; }

    /// <summary>Epoch of the eligibility that it has on its disk; null: it takes none, or has not been heard.</summary>
    public long? EligibilityEpoch { get; init; }

    public string? SoftwareVersion { get; init; }

    public EdgeAddresses? Addresses { get; init; }

    public EdgeCounters? Counters { get; init; }

    /// <summary>Its disk and its sick origins; null: not heard yet.</summary>
    public EdgeCondition? Condition { get; init; }

    /// <summary>An operator drains this edge for itself; a drain of the whole PoP is in <see cref="PopStatus.Eligibility"/>.</summary>
    public bool IsDrained { get; init; }

    /// <summary>Of an edge that is not connected: how long, and what its sites do about it by the config in force. Null: it is, or not for long enough.</summary>
    public EdgeCutOff? CutOff { get; init; }
}

/// <summary>What applying a config changes or changed.</summary>
public sealed record ConfigApplyReply
{
    /// <summary>The version now in force; in a dry run the one that it is compared with.</summary>
    public required long Version { get; init; }

    public required bool DryRun { get; init; }

    public required ImmutableArray<ConfigChange> Changes { get; init; }
}

public sealed record ConfigVersionReply
{
    public required ConfigVersionInfo Info { get; init; }

    public required string Yaml { get; init; }
}

public sealed record ConfigVersionInfo
{
    public required long Version { get; init; }

    public required DateTimeOffset When { get; init; }

    /// <summary>Name of the token.</summary>
    public required string Who { get; init; }

    /// <summary>Address of the caller; null: not known.</summary>
    public string? From { get; init; }

    public string? Why { get; init; }

    /// <summary>Set when this version is an earlier one again.</summary>
    public long? RolledBackTo { get; init; }

    public required int Changes { get; init; }
}

public sealed record ConfigHistoryReply(ImmutableArray<ConfigVersionInfo> Versions);

public sealed record ConfigRollbackRequest
{
    public required long Version { get; init; }

    /// <summary>Also when a ROA does not allow what would be announced; noted with the reason.</summary>
    public bool OverrideRpki { get; init; }

    public string? Why { get; init; }
}

// The generated JSON reader does not keep initializers: a member that was left out is its type's default there.
public sealed record PurgeRequest
{
    /// <summary>An edge on another continent has acknowledged within a second, or is not reachable.</summary>
    public const int DefaultDeadlineMs = 10_000;

    public required string Site { get; init; }

    public required PurgeKind Kind { get; init; }

    /// <summary>URLs, tags, prefixes (<c>https://host/path</c> or <c>host/path</c>) or hosts; empty or absent for <see cref="PurgeKind.Site"/>.</summary>
    public ImmutableArray<string> Values { get; init; } = [];

    public bool Soft { get; init; }

    /// <summary>With <see cref="Soft"/>: what was purged is fetched again ahead of visitors, as a prewarm job.</summary>
    public bool Refresh { get; init; }

    /// <summary>Purge nothing; tell what would go (<see cref="CoverageReply"/>).</summary>
    public bool DryRun { get; init; }

    /// <summary>Answer only when every connected edge has acknowledged, or at the deadline.</summary>
    public bool Wait { get; init; }

    /// <summary>With <see cref="Wait"/>: 1 ms to 60 s; null: <see cref="DefaultDeadlineMs"/>.</summary>
    public int? DeadlineMs { get; init; }
}

public sealed record PurgeReply
{
    /// <summary>Can be asked for again: <see cref="ApiRoutes.Purge"/>.</summary>
    public required string Id { get; init; }

    /// <summary>The purge holds wherever this is covered.</summary>
    public required PurgeCursor Cursor { get; init; }

    public required PurgeState State { get; init; }

    /// <summary>Time of the durable append.</summary>
    public required DateTimeOffset When { get; init; }

    public required string Who { get; init; }

    public required ImmutableArray<PurgePopState> Pops { get; init; }

    /// <summary>Of a request with <see cref="PurgeRequest.Refresh"/>.</summary>
    public PurgeRefresh? Refresh { get; init; }
}

/// <param name="Id">Of the prewarm job (<see cref="ApiRoutes.Prewarm"/>); null: there is none.</param>
/// <param name="Note">Why there is none.</param>
public sealed record PurgeRefresh(string? Id = null, string? Note = null)
{
    /// <summary>URLs of one refresh, the most popular first: as many as popularity knows of a site.</summary>
    public const int MaxUrls = PopularityView.MaxCount;
}

[JsonConverter(typeof(JsonStringEnumConverter<PurgeState>))]
public enum PurgeState
{
    /// <summary>Durable, and on its way.</summary>
    Accepted,

    /// <summary>Acknowledged by every edge of the config.</summary>
    Done,

    /// <summary>Some edges cannot be reached; they apply it before they serve from what they kept.</summary>
    Partial,
}

public sealed record PurgePopState
{
    public required string Pop { get; init; }

    public required PurgeState State { get; init; }

    public required ImmutableArray<PurgeEdgeState> Edges { get; init; }
}

public sealed record PurgeEdgeState
{
    public required string Edge { get; init; }

    public required bool Connected { get; init; }

    public required bool Acknowledged { get; init; }

    /// <summary>From the append to the acknowledgement; null while there is none, or when it was not watched.</summary>
    public double? Milliseconds { get; init; }
}

/// <summary>One mistake in a config file.</summary>
public sealed record ConfigError
{
    /// <summary>From 1; 0 when the mistake is not at one place.</summary>
    public required int Line { get; init; }

    /// <summary>From 1.</summary>
    public required int Column { get; init; }

    /// <summary>For example <c>sites.www.origins[0].url</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The offending value as it stands in the file, shortened to 80 characters; null where something is missing.</summary>
    public string? Value { get; init; }

    public required string Message { get; init; }

    /// <summary>What would be right, or the nearest known key.</summary>
    public string? Allowed { get; init; }
}

/// <summary>One difference between two configs.</summary>
public sealed record ConfigChange
{
    /// <summary>For example <c>sites.www.cache.default-ttl</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Null: added.</summary>
    public string? Before { get; init; }

    /// <summary>Null: removed.</summary>
    public string? After { get; init; }
}

/// <summary>Problem details (RFC 9457) with this API's extensions.</summary>
public sealed record ApiProblem
{
    public string? Type { get; init; }

    public string? Title { get; init; }

    public int? Status { get; init; }

    public string? Detail { get; init; }

    /// <summary>With 422 on a config: every mistake at once.</summary>
    [JsonPropertyName("configErrors")]
    public ImmutableArray<ConfigError>? ConfigErrors { get; init; }
}
