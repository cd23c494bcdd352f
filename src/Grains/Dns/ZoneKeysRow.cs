using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Grains.Dns;

/// <summary>All that is durable of the keys of one zone. Immutable.</summary>
internal sealed record ZoneKeysRow
{
    public const int CurrentFormat = 1;

    /// <summary>As of config and routes.</summary>
    public const int MaxHistory = 100;

    /// <summary>Version of this record's stored form.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Counts up with each change of what edges publish or sign with.</summary>
    public long Revision { get; init; }

    /// <summary>Whether the config wants the zone signed.</summary>
    public bool Wanted { get; init; }

    public DnsWithdrawal Withdrawal { get; init; }

    /// <summary>With <see cref="DnsWithdrawal.DsLeaving"/>: when it is over.</summary>
    public DateTimeOffset? DsGoneAt { get; init; }

    /// <summary>Oldest first.</summary>
    public ImmutableArray<StoredKey> Keys { get; init; } = [];

    /// <summary>Oldest first.</summary>
    public ImmutableArray<DnsKeyEntry> History { get; init; } = [];
}

/// <summary>A key with its secret, and where it is on its way.</summary>
internal sealed record StoredKey
{
    /// <summary>Of this zone's keys none has the same.</summary>
    public required ushort Tag { get; init; }

    public required DnsKeyRole Role { get; init; }

    public required string PublicKey { get; init; }

    public required string PrivateKey { get; init; }

    public required DnsKeyState State { get; init; }

    /// <summary>When the state began.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The first revision in which edges see that state.</summary>
    public required long SinceRevision { get; init; }

    /// <summary>When it was first known that all edges have <see cref="SinceRevision"/>: times to live count from here.</summary>
    public DateTimeOffset? HeldSince { get; init; }

    /// <summary>The first of the zone: answers without signatures may be in caches.</summary>
    public bool IsFirst { get; init; }

    /// <summary>An emergency: only edges that a silo reaches are waited for, and no margin is added.</summary>
    public bool IsHurried { get; init; }

    /// <summary>With <see cref="DnsKeyState.DsPropagating"/>: time to live of DS records at the parent.</summary>
    public TimeSpan DsTtl { get; init; }

    /// <summary>Has the secure entry point bit: the parent's DS record can be of it.</summary>
    public bool IsEntryPoint => Role != DnsKeyRole.Zsk;

    public bool CanSignZone => Role != DnsKeyRole.Ksk;

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{Role} {Tag} {State}";
}
