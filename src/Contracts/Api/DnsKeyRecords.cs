using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Api;

/// <summary>What a key of a signed zone signs.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DnsKeyRole>))]
public enum DnsKeyRole
{
    /// <summary>Everything (combined signing key).</summary>
    Csk,

    /// <summary>The keys; the parent's DS record is of it.</summary>
    Ksk,

    /// <summary>Everything else.</summary>
    Zsk,
}

/// <summary>Where a key is on its way. Every state is left by time, but for <see cref="AwaitingDs"/> and <see cref="Active"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DnsKeyState>))]
public enum DnsKeyState
{
    /// <summary>In the DNSKEY records, until no cache can hold some without it. The first key of a zone signs from the start.</summary>
    Publishing,

    /// <summary>CDS and CDNSKEY ask the parent for its DS record. The operator says when that is there.</summary>
    AwaitingDs,

    /// <summary>Its DS record is at the parent, until no cache can hold what was there before.</summary>
    DsPropagating,

    /// <summary>Signs.</summary>
    Active,

    /// <summary>Signs no answers any more; published until no cache can hold one that it has signed.</summary>
    Retiring,
}

/// <summary>A zone that is to be unsigned again.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DnsWithdrawal>))]
public enum DnsWithdrawal
{
    None,

    /// <summary>CDS and CDNSKEY ask the parent to remove its DS records; the zone is signed until they are gone from every cache.</summary>
    AwaitingNoDs,

    /// <summary>The operator has said that the DS records are gone; caches may hold them.</summary>
    DsLeaving,
}

[JsonConverter(typeof(JsonStringEnumConverter<DnsKeyAction>))]
public enum DnsKeyAction
{
    /// <summary>A new key takes the place of the one that signs.</summary>
    Roll,

    /// <summary>Go on to the next state without waiting any longer.</summary>
    Activate,

    /// <summary>The parent has the DS record.</summary>
    DsSeen,

    /// <summary>The parent has no DS record any more.</summary>
    DsGone,

    /// <summary>Drop a key.</summary>
    Remove,

    /// <summary>Two keys in the place of one, before the zone's DS record is asked for.</summary>
    Split,
}

public sealed record DnsKeyView
{
    public required ushort Tag { get; init; }

    public required DnsKeyRole Role { get; init; }

    public required DnsKeyState State { get; init; }

    /// <summary>When the state began.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When the state ends by itself; null: not known yet, or not by itself.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>What is waited for, in words.</summary>
    public required string Waits { get; init; }

    public required ushort Flags { get; init; }

    /// <summary>Base64.</summary>
    public required string PublicKey { get; init; }

    public bool SignsKeys { get; init; }

    public bool SignsZone { get; init; }

    /// <summary>The parent's DS record of this key, or the one to give to it; null for keys that have none.</summary>
    public string? Ds { get; init; }
}

/// <summary>One thing that happened to the keys of a zone.</summary>
public sealed record DnsKeyEntry
{
    public required DateTimeOffset When { get; init; }

    /// <summary>Name of the token; <c>time</c> for what happens by itself, <c>config</c> for what a config has asked for.</summary>
    public required string Who { get; init; }

    /// <summary>Address of the caller; null: nobody called.</summary>
    public string? From { get; init; }

    public required string What { get; init; }

    public string? Why { get; init; }

    public bool Forced { get; init; }
}

/// <summary>The keys of a zone.</summary>
public sealed record DnsKeysReply
{
    public required string Zone { get; init; }

    /// <summary>Whether the config in force wants it signed.</summary>
    public required bool Wanted { get; init; }

    public DnsWithdrawal Withdrawal { get; init; }

    public required ImmutableArray<DnsKeyView> Keys { get; init; }

    /// <summary>DS records that the parent is to have, as lines of a master file; null: leave it as it is. Empty: none.</summary>
    public ImmutableArray<string>? ParentDs { get; init; }

    /// <summary>DNSKEY records of the same keys, for registrars that want those.</summary>
    public ImmutableArray<string> ParentDnskeys { get; init; } = [];

    /// <summary>Edges that serve DNS and are not known to have the newest keys, as <c>POP/EDGE</c>: key changes wait for them.</summary>
    public ImmutableArray<string> Behind { get; init; } = [];

    /// <summary>Newest first.</summary>
    public ImmutableArray<DnsKeyEntry> History { get; init; } = [];
}

public sealed record DnsKeyRequest
{
    public required DnsKeyAction Action { get; init; }

    /// <summary>Key tag; null: the only key that can be meant.</summary>
    public ushort? Tag { get; init; }

    /// <summary>With <see cref="DnsKeyAction.Roll"/> of a zone with two keys.</summary>
    public DnsKeyRole? Role { get; init; }

    /// <summary>With <see cref="DnsKeyAction.DsSeen"/> and <see cref="DnsKeyAction.DsGone"/>: the DS record's time to live at the parent; null: a day.</summary>
    public int? DsTtlSeconds { get; init; }

    /// <summary>With <see cref="DnsKeyAction.Roll"/>: do not wait for edges that no silo reaches, nor longer than times to live.</summary>
    public bool Emergency { get; init; }

    /// <summary>Do what may break validation in caches for a while.</summary>
    public bool Force { get; init; }

    /// <summary>For the audit trail.</summary>
    public string? Reason { get; init; }
}
