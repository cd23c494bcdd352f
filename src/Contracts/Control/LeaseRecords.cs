using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Control;

/// <summary>An edge that is about to fill an object asks whether another one already does.</summary>
public sealed record LeaseRequest
{
    /// <summary><see cref="LeaseKey.Of"/>: scope and hash of the object's key.</summary>
    public required string Key { get; init; }

    public required string Pop { get; init; }

    public required string Edge { get; init; }

    /// <summary>Where others can fetch what this edge fills.</summary>
    public string? PeerUrl { get; init; }

    /// <summary>Longest time that the caller waits for an answer; the silo answers <see cref="LeaseVerdict.Slow"/> by then.</summary>
    public required TimeSpan Wait { get; init; }

    /// <summary>What the edge has applied. A holder that was told of the object before a later purge is not named.</summary>
    public required PurgeCursor Cursor { get; init; }

    /// <summary>Holder that was named before and could not give the object; it is forgotten.</summary>
    public string? FailedHolder { get; init; }
}

public static class LeaseKey
{
    /// <summary>Grain key: <c>waw/HASH</c> for the scope of a PoP, <c>*/HASH</c> for the whole cluster.</summary>
    public static string Of(string? pop, string keyHash) => $"{pop ?? "*"}/{keyHash}";
}

[JsonConverter(typeof(JsonStringEnumConverter<LeaseVerdict>))]
public enum LeaseVerdict
{
    /// <summary>The caller fills, from shield or origin, and reports how it went.</summary>
    Fill,

    /// <summary>Another edge has it or streams it: fetch from there.</summary>
    FetchFrom,

    /// <summary>Not cacheable: go on alone.</summary>
    Uncacheable,

    /// <summary>The wait is over and the filler has not said anything: go on alone.</summary>
    Slow,
}

public sealed record LeaseReply
{
    public required LeaseVerdict Verdict { get; init; }

    /// <summary>With <see cref="LeaseVerdict.Fill"/>.</summary>
    public string? LeaseId { get; init; }

    /// <summary>With <see cref="LeaseVerdict.FetchFrom"/>.</summary>
    public PeerEdge? Holder { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<LeaseOutcome>))]
public enum LeaseOutcome
{
    /// <summary>The header is here and storable: others may fetch from this edge, the body may still be under way.</summary>
    Streaming,

    /// <summary>Complete and stored.</summary>
    Stored,

    Uncacheable,

    /// <summary>One of those who wait becomes the next to fill.</summary>
    Failed,
}

public sealed record LeaseReport
{
    public required string Key { get; init; }

    public required string LeaseId { get; init; }

    public required LeaseOutcome Outcome { get; init; }

    /// <summary>The edge's cursor when the fill began.</summary>
    public required PurgeCursor Cursor { get; init; }

    /// <summary>How long the object stays fresh, for how long the edge is worth asking.</summary>
    public TimeSpan? Lifetime { get; init; }
}
