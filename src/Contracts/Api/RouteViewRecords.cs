using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Contracts.Api;

/// <summary>What every upstream is to see, what it sees, and where the two differ.</summary>
public sealed record RoutesReply
{
    /// <summary>0: no config has been applied yet.</summary>
    public required long ConfigVersion { get; init; }

    /// <summary>The operator's own; null: this CDN announces nothing.</summary>
    public uint? Asn { get; init; }

    public required ImmutableArray<PopRoutes> Pops { get; init; }
}

public sealed record PopRoutes
{
    public required string Pop { get; init; }

    public required ImmutableArray<AnnouncerState> Announcers { get; init; }

    public required ImmutableArray<UpstreamRoutes> Upstreams { get; init; }
}

/// <summary>The announcer of one server.</summary>
public sealed record AnnouncerState
{
    public required string Edge { get; init; }

    public required bool Connected { get; init; }

    /// <summary>Null: never seen since the silo's start.</summary>
    public DateTimeOffset? LastSeen { get; init; }

    public string? SoftwareVersion { get; init; }

    public string? Admin { get; init; }

    /// <summary>That it works on; 0: none, or not heard yet.</summary>
    public long ConfigVersion { get; init; }

    /// <summary>Why nothing is announced although it should be; null: nothing holds it back.</summary>
    public string? HeldBack { get; init; }

    /// <summary>Null: older software, or not heard yet.</summary>
    public FailoverStatus? Failover { get; init; }

    public ImmutableArray<string> Problems { get; init; } = [];
}

public sealed record UpstreamRoutes
{
    public required string Upstream { get; init; }

    public required UpstreamKind Kind { get; init; }

    public required uint Asn { get; init; }

    /// <summary>Whose catalogue its communities are from.</summary>
    public required string Provider { get; init; }

    /// <summary>Of the PoP: those whose announcers hold its sessions.</summary>
    public ImmutableArray<string> Servers { get; init; } = [];

    /// <summary>Of the intent; 0: nothing was ever set.</summary>
    public required long Version { get; init; }

    /// <summary>What is set beyond the config.</summary>
    public required RouteIntent Intent { get; init; }

    /// <summary>Of the desired state; 0: none yet.</summary>
    public required long Revision { get; init; }

    /// <summary>One for each prefix of the cluster.</summary>
    public required ImmutableArray<SeenRoute> Desired { get; init; }

    /// <summary>As the announcers said last.</summary>
    public required ImmutableArray<ObservedUpstream> Observed { get; init; }

    /// <summary>In words; empty: on the wire is what is desired.</summary>
    public required ImmutableArray<string> Difference { get; init; }

    /// <summary>Why config or intent are not what is desired.</summary>
    public ImmutableArray<string> Problems { get; init; } = [];

    public ImmutableArray<RouteSchedule> Schedules { get; init; } = [];

    /// <summary>What is asked for and how it is expressed, line by line.</summary>
    public ImmutableArray<string> Explanation { get; init; } = [];
}

/// <summary>One session of one announcer.</summary>
public sealed record ObservedUpstream
{
    public required string Edge { get; init; }

    /// <summary>False: the session is as the announcer said before its link to the silos broke; it goes on by itself.</summary>
    public required bool Connected { get; init; }

    public required ObservedSession Session { get; init; }
}

/// <summary>Every session of every announcer.</summary>
public sealed record BgpSessionsReply
{
    /// <summary>When this was put together; uptimes are against it.</summary>
    public required DateTimeOffset When { get; init; }

    public required ImmutableArray<BgpSessionState> Sessions { get; init; }

    /// <summary>Announcers that are to hold sessions and are not connected, as <c>POP/EDGE</c>.</summary>
    public required ImmutableArray<string> Missing { get; init; }
}

public sealed record BgpSessionState
{
    public required string Pop { get; init; }

    public required string Edge { get; init; }

    public required bool Connected { get; init; }

    public required ObservedSession Session { get; init; }
}
