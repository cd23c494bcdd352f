using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Contracts.Cluster;

/// <summary>What the desk tells the keys of a zone, again and again.</summary>
public sealed record ZoneKeysSync
{
    /// <summary>Whether the config wants the zone signed.</summary>
    public required bool Wanted { get; init; }

    /// <summary>Every edge that serves DNS has the keys as they were under this revision, or newer ones; -1: not known.</summary>
    public required long Held { get; init; }

    /// <summary>The same of the edges that a silo reaches.</summary>
    public required long HeldByConnected { get; init; }
}

public sealed record ZoneKeysView
{
    public required long Revision { get; init; }

    /// <summary>Null: the zone is not signed.</summary>
    public ZoneKeys? Keys { get; init; }
}

public sealed record DnsKeyOrder
{
    public required DnsKeyRequest Request { get; init; }

    /// <summary>Name of the token.</summary>
    public required string Who { get; init; }

    public string? From { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<DnsKeyVerdict>))]
public enum DnsKeyVerdict
{
    /// <summary>Durable.</summary>
    Done,

    /// <summary>It was so already.</summary>
    Unchanged,

    /// <summary>Not now, not without force, or there is no such key.</summary>
    Refused,
}

public sealed record DnsKeyOutcome
{
    public required DnsKeyVerdict Verdict { get; init; }

    /// <summary>With <see cref="DnsKeyVerdict.Refused"/>: why, and what would be right.</summary>
    public string? Error { get; init; }

    public required DnsKeysReply Keys { get; init; }
}

/// <param name="Held">Null: not known.</param>
public sealed record DnsEdgeHeld(string Edge, bool Connected, DnsHeld? Held);

/// <param name="Config">The newest config that the caller knows.</param>
/// <param name="Known">What it has; null: nothing.</param>
public sealed record DnsAsk(ConfigPosition Config, DnsHeld? Known);
