using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Api;

/// <summary>What has happened; docs/events.md says of each who tells it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EventKind>))]
public enum EventKind
{
    /// <summary>DNS sends visitors to a PoP, or no more.</summary>
    Eligibility,

    /// <summary>An operator drained a PoP.</summary>
    Drain,

    Undrain,

    /// <summary>An operator pinned a PoP announced or withdrawn.</summary>
    Pin,
    Unpin,

    /// <summary>A server's announcer decided something about its routes.</summary>
    Failover,

    /// <summary>A maintenance window was planned or taken back, or could not begin.</summary>
    Maintenance,

    /// <summary>A config version is in force.</summary>
    Config,

    /// <summary>An earlier config is in force again, as a new version.</summary>
    Rollback,

    /// <summary>What an upstream is to see was changed.</summary>
    Route,
    EdgeConnected,

    /// <summary>Another process under the same name took the connection over.</summary>
    EdgeReplaced,

    /// <summary>The edge said that it stops.</summary>
    EdgeLeft,

    /// <summary>The connection ended without a word.</summary>
    EdgeLost,
    AnnouncerConnected,
    AnnouncerReplaced,
    AnnouncerLost,
    SessionEstablished,
    SessionLost,

    /// <summary>A check of a server fails, or needs a look.</summary>
    CheckFailed,

    /// <summary>It is well again.</summary>
    CheckWell,

    /// <summary>Keys of a signed zone: a step of theirs, or of an operator.</summary>
    DnsKeys,

    /// <summary>Events came faster than they could be written down.</summary>
    EventsDropped,

    /// <summary>A webhook's receiver takes nothing.</summary>
    WebhookFailing,

    /// <summary>It takes deliveries again.</summary>
    WebhookRestored,

    /// <summary>Events were forgotten before a webhook could be told of them.</summary>
    WebhookMissed,
}

[JsonConverter(typeof(JsonStringEnumConverter<EventSeverity>))]
public enum EventSeverity
{
    Info,

    /// <summary>Worth a look.</summary>
    Warning,

    /// <summary>Somebody ought to do something.</summary>
    Problem,
}

/// <summary>One line of the time line.</summary>
public sealed record CdnEvent
{
    /// <summary>Goes up, with gaps; also across a log that was lost.</summary>
    public required long Id { get; init; }

    /// <summary>Of the first, when there are repeats.</summary>
    public required DateTimeOffset When { get; init; }

    public required EventKind Kind { get; init; }

    public required EventSeverity Severity { get; init; }

    public string? Pop { get; init; }

    /// <summary>The server: of an edge, or of the announcer beside it.</summary>
    public string? Edge { get; init; }

    public string? Upstream { get; init; }

    /// <summary>Name of the webhook that it is about.</summary>
    public string? Webhook { get; init; }

    /// <summary>In words.</summary>
    public required string What { get; init; }

    /// <summary>Reason or evidence; with repeats that of the last one.</summary>
    public string? Why { get; init; }

    /// <summary>Name of the token; null: no operator did it.</summary>
    public string? Who { get; init; }

    /// <summary>How often it happened.</summary>
    public required int Count { get; init; }

    /// <summary>With repeats: when it happened last.</summary>
    public DateTimeOffset? Last { get; init; }
}

public sealed record EventsReply
{
    public const int DefaultLimit = 100;

    /// <summary>Half of all that is kept.</summary>
    public const int MaxLimit = 1000;

    /// <summary>Longest wait for an event: that of a call to a grain.</summary>
    public const int MaxWaitMs = 20_000;

    /// <summary>Oldest first.</summary>
    public required ImmutableArray<CdnEvent> Events { get; init; }

    /// <summary>Where to go on: <c>after</c> of the next question.</summary>
    public required long Next { get; init; }

    /// <summary>Id of the oldest event that is kept, whatever was asked for; 0: there is none. Above <c>after</c> by more than one: some may have been missed.</summary>
    public required long Oldest { get; init; }
}
