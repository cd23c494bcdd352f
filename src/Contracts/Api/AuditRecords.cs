using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Contracts.Api;

/// <summary>A page of the audit trail, newest first.</summary>
public sealed record AuditReply
{
    /// <summary>Largest page.</summary>
    public const int MaxLimit = 1000;

    public const int DefaultLimit = 100;

    public required ImmutableArray<AuditEntry> Entries { get; init; }

    /// <summary>For <c>after</c>, to get the page that follows; null: this was the last one.</summary>
    public string? Next { get; init; }
}

/// <summary>Who did what, when, from where, and what became of it.</summary>
public sealed record AuditEntry
{
    public required DateTimeOffset When { get; init; }

    /// <summary>Name of the token.</summary>
    public required string Who { get; init; }

    /// <summary>Address of the caller; null: not known.</summary>
    public string? From { get; init; }

    public required AuditAction Action { get; init; }

    public required AuditOutcome Outcome { get; init; }

    /// <summary>Id of the purge, version of the config, upstream and version of its intent, PoP and version of its drain, or zone; null: refused.</summary>
    public string? Id { get; init; }

    /// <summary>Of a purge, as all that follows but <see cref="Count"/> and <see cref="Detail"/>.</summary>
    public string? Site { get; init; }

    public PurgeKind? Kind { get; init; }

    public bool? Soft { get; init; }

    /// <summary>Entries in the purge log (a URL has two, for its two schemes), or changes of the config or intent.</summary>
    public required int Count { get; init; }

    /// <summary>The first values, at most <see cref="MaxValues"/> and each shortened to <see cref="MaxValueLength"/> characters.</summary>
    public ImmutableArray<string> Values { get; init; } = [];

    /// <summary>Of a config or drain what its author said, of a route what was set and why, of keys what happened, of a refusal what the caller was told.</summary>
    public string? Detail { get; init; }

    public const int MaxValues = 3;
    public const int MaxValueLength = 200;

    /// <summary>The first of many values, as they stand in an entry.</summary>
    public static ImmutableArray<string> Sample(IEnumerable<string> values) =>
        [.. values.Where(value => value is { Length: > 0 }).Take(MaxValues).Select(value => value.Length <= MaxValueLength ? value : value[..(MaxValueLength - 1)] + "…")];
}

[JsonConverter(typeof(JsonStringEnumConverter<AuditAction>))]
public enum AuditAction
{
    Purge,

    /// <summary>A config was put in force.</summary>
    Apply,

    /// <summary>An earlier config was put in force again.</summary>
    Rollback,

    /// <summary>What an upstream sees was changed.</summary>
    Route,

    /// <summary>A time in which a PoP is drained was planned, or taken back.</summary>
    Maintenance,

    /// <summary>A PoP was drained.</summary>
    Drain,

    /// <summary>A PoP was put in service again.</summary>
    Undrain,

    /// <summary>A PoP was pinned announced or withdrawn.</summary>
    Pin,

    /// <summary>A pin was taken away.</summary>
    Unpin,

    /// <summary>Something happened to the keys of a signed zone.</summary>
    DnsKey,
}

[JsonConverter(typeof(JsonStringEnumConverter<AuditOutcome>))]
public enum AuditOutcome
{
    /// <summary>Durable, and part of the same durable write as what it is about.</summary>
    Done,

    /// <summary>Nothing was changed. Refusals are kept in the memory of the silo that gave them.</summary>
    Refused,
}
