using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Control;

/// <summary>The nameserver of an edge. Totals are since the edge's start.</summary>
public sealed record EdgeDns
{
    public required EdgeDnsState State { get; init; }

    /// <summary>Where it listens, over UDP and TCP; null: nowhere.</summary>
    public string? Endpoint { get; init; }

    /// <summary>What went wrong, also while it answers; null: nothing.</summary>
    public string? Problem { get; init; }

    /// <summary>Config that is answered from; behind the edge's own while databases are compiled.</summary>
    public long ConfigVersion { get; init; }

    /// <summary>Eligibility that is answered from.</summary>
    public long Epoch { get; init; }

    /// <summary>Zones that are answered for.</summary>
    public int Zones { get; init; }

    public long Queries { get; init; }

    /// <summary>Answers that named a PoP.</summary>
    public long Steered { get; init; }

    /// <summary>Answers SERVFAIL.</summary>
    public long Failures { get; init; }

    /// <summary>Queries that were not answered on purpose: rate limits, overload, what is no query.</summary>
    public long Dropped { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<EdgeDnsState>))]
public enum EdgeDnsState
{
    /// <summary>Zones and steering are being compiled for the first time.</summary>
    Starting,

    Answering,

    /// <summary>It does not listen; the problem says why.</summary>
    Failed,
}
