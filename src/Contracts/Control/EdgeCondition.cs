using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Control;

/// <summary>What of an edge may need a look. Part of a heartbeat, so it is bounded.</summary>
public sealed record EdgeCondition
{
    /// <summary>Origins that are named: some 500 bytes each, so that a heartbeat stays a quarter of a line (<see cref="FeedProtocol.MaxEdgeLineBytes"/>).</summary>
    public const int MaxSickOrigins = 32;

    /// <summary>Of a reason or an origin.</summary>
    public const int MaxTextLength = 256;

    public required EdgeDisk Disk { get; init; }

    /// <summary>Null: it knows of all purges, or has not been without them for long.</summary>
    public EdgeCutOff? CutOff { get; init; }

    /// <summary>Null: it answers no DNS.</summary>
    public EdgeDns? Dns { get; init; }

    /// <summary>Requests are served, and this edge asks that no visitors be sent to it; null: it does not.</summary>
    public DrainReason? WantsOut { get; init; }

    /// <summary>Null: it does not ask other edges.</summary>
    public EdgeReach? Reach { get; init; }

    // The generated JSON reader gives a member that was left out its type's default.
    /// <summary>By site; may be fewer than <see cref="EdgeCounters.SickOrigins"/> counts.</summary>
    public ImmutableArray<SickOrigin> SickOrigins { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>An origin that is passed over.</summary>
/// <param name="Origin">Scheme, host and port.</param>
/// <param name="Why">A token, for example <c>connect-failed</c>, or the status that a health check saw; null: not known.</param>
public sealed record SickOrigin(string Site, string Origin, string? Why = null);

[JsonConverter(typeof(JsonStringEnumConverter<EdgeDiskState>))]
public enum EdgeDiskState
{
    /// <summary>The config gives this edge no disk.</summary>
    Off,

    /// <summary>Nothing of it is served yet: the index is being read, or missed purges are not known yet.</summary>
    Opening,

    Open,

    /// <summary>What is there is served; nothing new is written.</summary>
    ReadOnly,

    /// <summary>Nothing of it is used; the edge goes on with its memory.</summary>
    Failed,
}

/// <summary>The part of an edge's cache that is on disk. Totals are since the edge's start.</summary>
public sealed record EdgeDisk
{
    public static readonly EdgeDisk None = new() { State = EdgeDiskState.Off };

    public required EdgeDiskState State { get; init; }

    /// <summary>What is waited for or went wrong; null where the state says it all.</summary>
    public string? Reason { get; init; }

    public long CapacityBytes { get; init; }

    public long Objects { get; init; }

    /// <summary>Of its files.</summary>
    public long Bytes { get; init; }

    /// <summary>Requests that were answered from it.</summary>
    public long Hits { get; init; }

    /// <summary>Responses that were not written because too much waited.</summary>
    public long WritesDropped { get; init; }

    /// <summary>Bodies that wait to be written.</summary>
    public long PendingBytes { get; init; }

    /// <summary>How far its journal of purges has come, flushed; null: there is none.</summary>
    public PurgeCursor? Journal { get; init; }
}
