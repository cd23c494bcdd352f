using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Api;

/// <summary>How far a drain, or its way back, has come.</summary>
public sealed record DrainProgressReply
{
    /// <summary>What operators want.</summary>
    public required PopDrain Drain { get; init; }

    /// <summary>The edge that it is about; null: the whole PoP.</summary>
    public string? Edge { get; init; }

    /// <summary>Which way it goes.</summary>
    public required DrainAction Towards { get; init; }

    /// <summary>In the order in which they are done; those that a PoP without announcers has not are left out.</summary>
    public required ImmutableArray<DrainStepView> Steps { get; init; }

    [JsonIgnore]
    public bool IsDone => Steps.All(step => step.State == DrainStepState.Done);
}

/// <param name="Step">Which.</param>
/// <param name="State">How far.</param>
/// <param name="Detail">In words: what has been reached, or what is waited for.</param>
/// <param name="SecondsLeft">Until it is over by itself, at most; null: that is not known.</param>
public sealed record DrainStepView(DrainStepKind Step, DrainStepState State, string Detail, int? SecondsLeft = null);

[JsonConverter(typeof(JsonStringEnumConverter<DrainStepKind>))]
public enum DrainStepKind
{
    /// <summary>Edges answer DNS by the decision.</summary>
    Dns,

    /// <summary>Upstreams are told to prefer other ways (RFC 8326).</summary>
    Deprefer,

    /// <summary>The routes are taken back.</summary>
    Withdraw,

    /// <summary>Visitors' connections end.</summary>
    Connections,

    /// <summary>Caches are warmed before routes come back.</summary>
    WarmUp,

    /// <summary>The routes are announced as ever.</summary>
    Announce,
}

[JsonConverter(typeof(JsonStringEnumConverter<DrainStepState>))]
public enum DrainStepState
{
    /// <summary>An earlier step comes first.</summary>
    Pending,

    UnderWay,

    /// <summary>Something holds it back that time alone does not end.</summary>
    HeldBack,

    Done,
}
