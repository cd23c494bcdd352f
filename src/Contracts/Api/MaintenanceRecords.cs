using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Api;

/// <summary>To plan that a PoP is drained for some time.</summary>
public sealed record MaintenanceRequest
{
    public required string Pop { get; init; }

    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset Until { get; init; }

    public string? Why { get; init; }

    /// <summary>Also when windows of other PoPs overlap it, and it begins also when no other PoP is in service.</summary>
    public bool Force { get; init; }
}

/// <summary>A time in which a PoP is drained; it begins and ends by itself.</summary>
public sealed record MaintenanceWindow
{
    /// <summary>The PoP's id, a hyphen, and a number that goes up: <c>waw-3</c>.</summary>
    public required string Id { get; init; }

    public required string Pop { get; init; }

    public required MaintenanceState State { get; init; }

    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset Until { get; init; }

    public string? Why { get; init; }

    public bool Force { get; init; }

    /// <summary>Name of the token of who planned it.</summary>
    public required string Who { get; init; }

    /// <summary>Address of who planned it; null: not known.</summary>
    public string? Caller { get; init; }

    /// <summary>When it was planned.</summary>
    public required DateTimeOffset When { get; init; }

    /// <summary>Why it has not begun although its time has come, or how it ended otherwise than by itself.</summary>
    public string? Detail { get; init; }

    /// <summary>When it was over; null: it is not.</summary>
    public DateTimeOffset? Over { get; init; }

    /// <summary>Name of the token of who ended it; null: its time did.</summary>
    public string? EndedBy { get; init; }

    [JsonIgnore]
    public bool IsOver => State is not (MaintenanceState.Planned or MaintenanceState.Active);
}

[JsonConverter(typeof(JsonStringEnumConverter<MaintenanceState>))]
public enum MaintenanceState
{
    /// <summary>To come, or its time has come and it cannot begin: <see cref="MaintenanceWindow.Detail"/>.</summary>
    Planned,

    /// <summary>The PoP is drained by it.</summary>
    Active,

    /// <summary>It was in force, and is over.</summary>
    Done,

    /// <summary>An operator took it back before it began.</summary>
    Removed,

    /// <summary>Its time went by and it never began.</summary>
    Missed,
}

public sealed record MaintenanceReply
{
    /// <summary>By PoP, those to come by their time, then those that are over, the newest first.</summary>
    public required ImmutableArray<MaintenanceWindow> Windows { get; init; }
}
