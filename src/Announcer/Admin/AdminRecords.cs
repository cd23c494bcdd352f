using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Node.Admin;

namespace OrleansCdn.Announcer.Admin;

/// <summary>What an announcer is at.</summary>
internal enum AnnouncerHealth
{
    /// <summary>Every session is Established and says what it should.</summary>
    Ok,

    /// <summary>It announces, and something needs a look.</summary>
    Degraded,

    /// <summary>Nothing is announced.</summary>
    Held,
}

/// <summary>Answer of <c>/health</c>: 200 while something is announced or may be, else 503.</summary>
internal sealed record HealthReply
{
    public required AnnouncerHealth Status { get; init; }

    public required string Pop { get; init; }

    public required string Edge { get; init; }

    /// <summary>Null: nothing is held back.</summary>
    public string? HeldBack { get; init; }

    public required ImmutableArray<string> Problems { get; init; }

    /// <summary>Null: it has just begun.</summary>
    public FailoverPhase? Phase { get; init; }

    /// <summary>What the upstreams are told; null: as above.</summary>
    public AnnouncementLevel? Level { get; init; }

    public required int Sessions { get; init; }

    public required int Established { get; init; }
}

/// <summary>Answer of <c>/status</c>.</summary>
internal sealed record StatusReply
{
    public required HealthReply Health { get; init; }

    public required string SoftwareVersion { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Dotted quad.</summary>
    public required string RouterId { get; init; }

    /// <summary>Null: sessions are opened from here alone.</summary>
    public string? Listens { get; init; }

    /// <summary>Connections of nobody that is a neighbour.</summary>
    public required long Refused { get; init; }

    public required FeedReply Feed { get; init; }

    public FailoverStatus? Failover { get; init; }

    /// <summary>Words of others and rounds of checks that found the failover loop too busy.</summary>
    public required long FailoverDropped { get; init; }

    public DesiredAnnouncements? Desired { get; init; }

    public required ImmutableArray<ObservedSession> Sessions { get; init; }

    /// <summary>Resident memory of the process.</summary>
    public required long ResidentBytes { get; init; }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    WriteIndented = true,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthReply))]
[JsonSerializable(typeof(StatusReply))]
internal sealed partial class AdminJson : JsonSerializerContext;
