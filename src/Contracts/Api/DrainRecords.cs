using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Contracts.Api;

/// <summary>To drain a PoP, or to put it in service again.</summary>
public sealed record DrainRequest
{
    /// <summary>A line for those who look at it later.</summary>
    public const int MaxWhyLength = 200;

    /// <summary>As of a purge.</summary>
    public const int DefaultDeadlineMs = PurgeRequest.DefaultDeadlineMs;

    /// <summary>The longest wait of a purge, too.</summary>
    public const int MaxDeadlineMs = 60_000;

    public string? Why { get; init; }

    /// <summary>When it ends by itself; null: an undrain ends it.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Drain also when no PoP, or no edge of the PoP, would be left in service.</summary>
    public bool Force { get; init; }

    /// <summary>Answer only when every edge has confirmed, or at the deadline.</summary>
    public bool Wait { get; init; }

    /// <summary>With <see cref="Wait"/>: 1 to <see cref="MaxDeadlineMs"/>; null: <see cref="DefaultDeadlineMs"/>.</summary>
    public int? DeadlineMs { get; init; }
}

public sealed record DrainReply
{
    /// <summary>How the PoP stands now.</summary>
    public required PopDrain Drain { get; init; }

    /// <summary>False: it was so already, and nothing was written.</summary>
    public required bool Changed { get; init; }

    /// <summary>Of the eligibility that says so; edges that have it answer by it.</summary>
    public required long Epoch { get; init; }

    /// <summary>Of all PoPs: DNS is answered everywhere.</summary>
    public required ImmutableArray<EligibilityPopState> Pops { get; init; }

    /// <summary>Whether every edge of the config has it.</summary>
    [JsonIgnore]
    public bool IsConfirmed => Pops.All(pop => pop.IsConfirmed);
}

/// <summary>Which edges of a PoP have an eligibility on their disks, and answer by it.</summary>
public sealed record EligibilityPopState
{
    public required string Pop { get; init; }

    public required ImmutableArray<EligibilityEdgeState> Edges { get; init; }

    [JsonIgnore]
    public bool IsConfirmed => Edges.All(edge => edge.Confirmed);
}

public sealed record EligibilityEdgeState(string Edge, bool Connected, bool Confirmed);

[JsonConverter(typeof(JsonStringEnumConverter<DrainState>))]
public enum DrainState
{
    InService,

    /// <summary>DNS sends no visitors there.</summary>
    Draining,
}

[JsonConverter(typeof(JsonStringEnumConverter<DrainAction>))]
public enum DrainAction
{
    Drain,
    Undrain,

    /// <summary>Announced or withdrawn, whatever probes and drains would have.</summary>
    Pin,
    Unpin,
}

/// <summary>What an operator wants of a PoP.</summary>
public sealed record PopDrain
{
    /// <summary>Of <see cref="Edges"/>: as many as edges ask each other.</summary>
    public const int MaxEdges = EdgeReach.MaxEdges;

    public required string Pop { get; init; }

    public required DrainState State { get; init; }

    /// <summary>Goes up with each change; 0: it was never drained.</summary>
    public required long Version { get; init; }

    /// <summary>When that began; null: it always was so.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Name of the token.</summary>
    public string? Who { get; init; }

    public string? Why { get; init; }

    /// <summary>When the drain ends by itself; null: an undrain ends it, or there is none.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Id of the maintenance window that drains it; null: an operator's word does, or nothing.</summary>
    public string? Window { get; init; }

    /// <summary>Edges of the PoP that are drained for themselves: its routes and its place in DNS stay.</summary>
    public ImmutableArray<EdgeDrain> Edges { get => field.IsDefault ? [] : field; init; }

    /// <summary>When time changes something of it next; null: nothing is planned.</summary>
    public DateTimeOffset? NextDue { get; init; }

    /// <summary>Stands above everything else, for its routes; null: it is not pinned.</summary>
    public PopPin? Pin { get; init; }

    /// <summary>Of what its announcers are told of all this; 0: they were never told anything.</summary>
    public long OrdersVersion { get; init; }

    /// <summary>Visitors are to go elsewhere.</summary>
    [JsonIgnore]
    public bool IsOut => State == DrainState.Draining || Pin is { Pin: FailoverPin.Withdrawn };
}

/// <param name="Pin">As what.</param>
/// <param name="Since">When that began.</param>
/// <param name="Who">Name of the token.</param>
/// <param name="Why">The operator's reason.</param>
public sealed record PopPin(FailoverPin Pin, DateTimeOffset Since, string Who, string? Why = null);

/// <summary>One edge of several that visitors are to leave.</summary>
/// <param name="Edge">Name.</param>
/// <param name="Since">When that began.</param>
/// <param name="Who">Name of the token.</param>
/// <param name="Why">The operator's reason.</param>
/// <param name="Until">When it ends by itself; null: an undrain ends it.</param>
public sealed record EdgeDrain(string Edge, DateTimeOffset Since, string Who, string? Why = null, DateTimeOffset? Until = null);

/// <summary>One change of it.</summary>
public sealed record DrainChange
{
    public required long Version { get; init; }

    public required DateTimeOffset When { get; init; }

    public required DrainAction Action { get; init; }

    /// <summary>Name of the token.</summary>
    public required string Who { get; init; }

    /// <summary>Address of the caller; null: not known.</summary>
    public string? From { get; init; }

    public string? Why { get; init; }

    /// <summary>Done although no PoP, or no edge of the PoP, was left in service.</summary>
    public bool Forced { get; init; }

    /// <summary>The edge that it is about; null: the whole PoP.</summary>
    public string? Edge { get; init; }

    /// <summary>Of a drain: when it ends by itself; null: an undrain ends it.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Id of the maintenance window that began or ended; null: it was none.</summary>
    public string? Window { get; init; }

    /// <summary>The time had come that <see cref="Who"/> had set.</summary>
    public bool ByTime { get; init; }

    /// <summary>With <see cref="DrainAction.Pin"/>: as what.</summary>
    public FailoverPin Pin { get; init; }
}
