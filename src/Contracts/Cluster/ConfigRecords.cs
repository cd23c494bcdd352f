using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Contracts.Cluster;

/// <summary>Puts a new config in force, or only says what it would change.</summary>
public sealed record ConfigApply
{
    public required string Yaml { get; init; }

    public required bool DryRun { get; init; }

    /// <summary>Refused as a conflict unless this is the version in force; null: whatever is in force is replaced.</summary>
    public long? ExpectedVersion { get; init; }

    /// <summary>Name of the token.</summary>
    public required string Who { get; init; }

    /// <summary>Address of the caller; null: not known.</summary>
    public string? From { get; init; }

    public string? Why { get; init; }
}

/// <summary>Makes an earlier version the new one.</summary>
public sealed record ConfigRollback
{
    public required long Version { get; init; }

    public required string Who { get; init; }

    /// <summary>Address of the caller; null: not known.</summary>
    public string? From { get; init; }

    public string? Why { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<ConfigVerdict>))]
public enum ConfigVerdict
{
    /// <summary>Durable and in force.</summary>
    Applied,

    /// <summary>Valid; nothing was changed.</summary>
    DryRun,

    /// <summary>The text in force already; no new version.</summary>
    Unchanged,

    /// <summary>Another version is in force than the caller expected.</summary>
    Conflict,

    /// <summary>See <see cref="ConfigOutcome.Errors"/>.</summary>
    Invalid,

    /// <summary>That version never was, or is older than the history goes.</summary>
    UnknownVersion,
}

public sealed record ConfigOutcome
{
    public required ConfigVerdict Verdict { get; init; }

    /// <summary>In force after the call.</summary>
    public required long Version { get; init; }

    public ImmutableArray<ConfigChange> Changes { get; init; } = [];

    public ImmutableArray<ConfigError> Errors { get; init; } = [];
}

/// <summary>What is in force, without its text.</summary>
/// <param name="Epoch">Random id of this config history.</param>
/// <param name="Version">0: nothing was applied yet.</param>
public sealed record ConfigPosition(string Epoch, long Version);

/// <summary>Text of one version as it is stored; the row of a config version grain.</summary>
public sealed record ConfigText
{
    public const int CurrentFormat = 1;

    /// <summary>Version of this record's stored form.</summary>
    public int Format { get; init; } = CurrentFormat;

    public string Epoch { get; init; } = "";

    public long Version { get; init; }

    public string Yaml { get; init; } = "";
}
