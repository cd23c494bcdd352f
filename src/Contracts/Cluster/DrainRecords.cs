using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Contracts.Cluster;

/// <summary>An operator wants a PoP or one of its edges drained, or in service again.</summary>
public sealed record DrainOrder
{
    public required string Pop { get; init; }

    /// <summary>Name of the edge; null: the whole PoP.</summary>
    public string? Edge { get; init; }

    public required DrainAction Action { get; init; }

    /// <summary>Name of the token.</summary>
    public required string Who { get; init; }

    /// <summary>Address of the caller; null: not known.</summary>
    public string? From { get; init; }

    public string? Why { get; init; }

    /// <summary>Of a drain: when it ends by itself; null: an undrain ends it.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Also when no PoP, or no edge of the PoP, would be left in service.</summary>
    public bool Force { get; init; }

    /// <summary>With <see cref="DrainAction.Pin"/>: as what.</summary>
    public FailoverPin Pin { get; init; }

    /// <summary>It would leave the PoP without visitors.</summary>
    [JsonIgnore]
    public bool TakesOut => Action == DrainAction.Drain || (Action == DrainAction.Pin && Pin == FailoverPin.Withdrawn);
}

[JsonConverter(typeof(JsonStringEnumConverter<DrainVerdict>))]
public enum DrainVerdict
{
    /// <summary>Durable, and on its way to the edges.</summary>
    Done,

    /// <summary>It is so already; who made it so stays written down.</summary>
    Unchanged,

    /// <summary>The config in force has no such PoP.</summary>
    UnknownPop,

    /// <summary>The PoP has no such edge.</summary>
    UnknownEdge,

    /// <summary>No other PoP is in service.</summary>
    LastPop,

    /// <summary>No other edge of the PoP is known to serve.</summary>
    LastEdge,

    /// <summary>The time that was given cannot be.</summary>
    WrongTime,

    /// <summary>No config is in force.</summary>
    NoConfig,
}

/// <param name="Verdict">What became of the order.</param>
/// <param name="Drain">With <see cref="DrainVerdict.Done"/> and <see cref="DrainVerdict.Unchanged"/>: how the PoP stands after it.</param>
/// <param name="Epoch">Of the eligibility that says so.</param>
/// <param name="Error">With the other verdicts: what is wrong and how to mend it.</param>
public sealed record DrainOutcome(DrainVerdict Verdict, PopDrain? Drain = null, long Epoch = 0, string? Error = null);

/// <summary>How a PoP tells its edges, for the decision who is eligible.</summary>
/// <param name="Pop">Id.</param>
/// <param name="Edges">All of the config.</param>
/// <param name="Epoch">The highest eligibility that one of them has; decisions to come are above it.</param>
public sealed record PopSighting(string Pop, ImmutableArray<EdgeSighting> Edges, long Epoch);

/// <param name="Edge">Name.</param>
/// <param name="Sight">As its own PoP sees it: never <see cref="EdgeSight.Silent"/>, which takes other PoPs.</param>
/// <param name="Reach">What it finds of other edges; null: it does not ask them, or is not heard itself.</param>
public sealed record EdgeSighting(string Edge, EdgeSight Sight, EdgeReach? Reach = null);

[JsonConverter(typeof(JsonStringEnumConverter<EdgeSight>))]
public enum EdgeSight
{
    /// <summary>Not heard. It may serve all the same: that a silo has lost sight of it says nothing of its visitors.</summary>
    Unknown,

    /// <summary>Connected, without complaint.</summary>
    Serving,

    /// <summary>Connected, and it wants no visitors itself.</summary>
    WantsOut,

    /// <summary>It has said that it stops.</summary>
    Left,

    /// <summary>No silo hears it, and edges of other PoPs get no answer from it: it does not serve.</summary>
    Silent,
}

/// <summary>How a PoP's announcers stand, for the decision who is eligible.</summary>
/// <param name="Pop">Id.</param>
/// <param name="Servers">All that announce by the config.</param>
public sealed record AnnouncersSighting(string Pop, ImmutableArray<AnnouncerSighting> Servers);

/// <param name="Server">Name.</param>
/// <param name="Sight">By what it said of late.</param>
/// <param name="Words">With <see cref="AnnouncerSight.Withdrawn"/>, for people: why.</param>
public sealed record AnnouncerSighting(string Server, AnnouncerSight Sight, string? Words = null);

[JsonConverter(typeof(JsonStringEnumConverter<AnnouncerSight>))]
public enum AnnouncerSight
{
    /// <summary>It says nothing, or has only begun: its routes may be anywhere.</summary>
    Unknown,

    /// <summary>It has routes with its upstreams, preferred or less so.</summary>
    Announced,

    /// <summary>It has taken its routes back, and has not brought them again.</summary>
    Withdrawn,
}

/// <summary>How a connection of an edge ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EdgeDeparture>))]
public enum EdgeDeparture
{
    /// <summary>Somehow: nothing is known of the edge.</summary>
    Lost,

    /// <summary>The edge has said that it stops.</summary>
    Left,
}

/// <summary>Asks a PoP to answer when its connected edges have an eligibility on their disks.</summary>
/// <param name="Epoch">At least this.</param>
/// <param name="Wait">Zero: answer at once.</param>
public sealed record EligibilityWait(long Epoch, TimeSpan Wait);
