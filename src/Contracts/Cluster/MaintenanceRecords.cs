using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Contracts.Cluster;

/// <summary>An operator plans a window.</summary>
public sealed record MaintenanceOrder
{
    public required string Pop { get; init; }

    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset Until { get; init; }

    /// <summary>Name of the token.</summary>
    public required string Who { get; init; }

    /// <summary>Address of the caller; null: not known.</summary>
    public string? Caller { get; init; }

    public string? Why { get; init; }

    /// <summary>Also when windows of other PoPs overlap it, or no other PoP is in service when it begins.</summary>
    public bool Force { get; init; }
}

/// <summary>An operator takes a window back; one in force ends.</summary>
/// <param name="Id">Of the window.</param>
/// <param name="Who">Name of the token.</param>
/// <param name="Caller">Address of the caller; null: not known.</param>
/// <param name="Why">The operator's reason.</param>
public sealed record MaintenanceRemoval(string Id, string Who, string? Caller = null, string? Why = null);

[JsonConverter(typeof(JsonStringEnumConverter<MaintenanceVerdict>))]
public enum MaintenanceVerdict
{
    /// <summary>Durable.</summary>
    Done,

    /// <summary>It is planned already, by the same operator in the same words.</summary>
    Unchanged,

    /// <summary>Its times cannot be, or too much is planned.</summary>
    Invalid,

    /// <summary>Another window overlaps it.</summary>
    Overlaps,

    /// <summary>The config in force has no such PoP.</summary>
    UnknownPop,

    /// <summary>There is no such window, or it is over.</summary>
    UnknownWindow,

    /// <summary>No config is in force.</summary>
    NoConfig,
}

/// <param name="Verdict">What became of it.</param>
/// <param name="Window">With <see cref="MaintenanceVerdict.Done"/> and <see cref="MaintenanceVerdict.Unchanged"/>: as it stands.</param>
/// <param name="Error">With the other verdicts: what is wrong and how to mend it.</param>
public sealed record MaintenanceOutcome(MaintenanceVerdict Verdict, MaintenanceWindow? Window = null, string? Error = null);
