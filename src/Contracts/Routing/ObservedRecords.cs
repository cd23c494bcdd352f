using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Contracts.Routing;

/// <summary>What one announcer really does: sent whole on each change of it (at most once a second) and every minute.</summary>
public sealed record AnnouncerReport : AnnouncerMessage
{
    /// <summary>Of the desired state that the announcer works on; empty: none.</summary>
    public required string Epoch { get; init; }

    public required long ConfigVersion { get; init; }

    public required ImmutableArray<ObservedSession> Sessions { get; init; }

    /// <summary>Why nothing is announced although it should be (the server has not answered its probe yet, a watchdog …); null: nothing holds it back.</summary>
    public string? HeldBack { get; init; }

    /// <summary>Null: older software.</summary>
    public FailoverStatus? Failover { get; init; }

    /// <summary>Things that an operator has to mend: a password file that cannot be read, a route outside of the allow-list …</summary>
    public ImmutableArray<string> Problems { get; init; } = [];
}

/// <summary>States of RFC 4271 §8.2.2.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BgpState>))]
public enum BgpState
{
    Idle,
    Connect,
    Active,
    OpenSent,
    OpenConfirm,
    Established,
}

public sealed record ObservedSession
{
    public required string Upstream { get; init; }

    /// <summary>As in the desired state: <c>address:port</c>.</summary>
    public required string Neighbor { get; init; }

    public required uint PeerAsn { get; init; }

    public required BgpState State { get; init; }

    /// <summary>When <see cref="State"/> was entered.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When the next attempt begins; null: not waiting.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>Of the upstream: what is being brought onto the wire.</summary>
    public required long Revision { get; init; }

    /// <summary>Local address of the connection; null: not connected.</summary>
    public string? LocalAddress { get; init; }

    /// <summary>Dotted quad; null: no OPEN received.</summary>
    public string? PeerRouterId { get; init; }

    /// <summary>Seconds, negotiated; 0: no keepalives.</summary>
    public int? HoldSeconds { get; init; }

    public int? KeepaliveSeconds { get; init; }

    /// <summary>What the peer's OPEN offers, in words: <c>multiprotocol ipv6-unicast</c>, <c>route-refresh</c>, <c>4-octet AS 64515</c> …</summary>
    public ImmutableArray<string> PeerCapabilities { get; init; } = [];

    /// <summary>Null: there was none since the process began.</summary>
    public SessionError? LastError { get; init; }

    public required SessionCounters Counters { get; init; }

    /// <summary>Adj-RIB-Out: what the peer has been sent and not been told to forget.</summary>
    public required ImmutableArray<DesiredRoute> Advertised { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<SessionErrorOrigin>))]
public enum SessionErrorOrigin
{
    /// <summary>A NOTIFICATION from the peer.</summary>
    Received,

    /// <summary>A NOTIFICATION to the peer.</summary>
    Sent,

    /// <summary>The connection failed or ended without one.</summary>
    Connection,
}

/// <param name="When">UTC.</param>
/// <param name="Origin">Who said it.</param>
/// <param name="Code">Error code of RFC 4271 §4.5; null without NOTIFICATION.</param>
/// <param name="Subcode">Its subcode.</param>
/// <param name="Text">In words with the RFC's names: <c>Cease/Maximum Number of Prefixes Reached</c>, a shutdown text of RFC 9003, or the socket's error.</param>
public sealed record SessionError(
    DateTimeOffset When,
    SessionErrorOrigin Origin,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Code,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? Subcode,
    string Text);

/// <summary>Totals since the process began.</summary>
public sealed record SessionCounters
{
    /// <summary>Times that the session became Established.</summary>
    public long Established { get; init; }

    public long ConnectAttempts { get; init; }

    public long MessagesIn { get; init; }

    public long MessagesOut { get; init; }

    public long UpdatesIn { get; init; }

    public long UpdatesOut { get; init; }

    public long KeepalivesIn { get; init; }

    public long KeepalivesOut { get; init; }

    public long RouteRefreshesIn { get; init; }

    public long NotificationsIn { get; init; }

    public long NotificationsOut { get; init; }

    public long BytesIn { get; init; }

    public long BytesOut { get; init; }
}
