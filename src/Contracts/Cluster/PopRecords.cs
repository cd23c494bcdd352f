using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Contracts.Cluster;

/// <summary>Answer to an edge's hello.</summary>
public sealed record PopConnected
{
    /// <summary>Names this connection in all that follows; null when it is refused.</summary>
    public string? Connection { get; init; }

    /// <summary>What is wrong and how to mend it; null when it is welcome.</summary>
    public string? Refusal { get; init; }

    /// <summary>End of the purge log at this moment: an edge that has come so far has missed nothing.</summary>
    public PurgeCursor? LogEnd { get; init; }
}

/// <summary>What a connection has sent to its edge so far, and how long it is willing to wait for more.</summary>
public sealed record FeedPosition
{
    public required string Edge { get; init; }

    public required string Connection { get; init; }

    /// <summary>Empty: no config was sent on this connection yet.</summary>
    public required string ConfigEpoch { get; init; }

    public required long ConfigVersion { get; init; }

    public required PurgeCursor Cursor { get; init; }

    /// <summary>Of the peer directory; empty: none was sent yet.</summary>
    public required string PeersVersion { get; init; }

    /// <summary>The last of what was pushed ahead of the log that was sent (<see cref="PurgesAhead"/>); null: this edge takes none.</summary>
    public long? Ahead { get; init; }

    /// <summary>Epoch of the eligibility that the edge has or was sent; null: this edge takes none.</summary>
    public long? Eligibility { get; init; }

    /// <summary>The DNS secrets that were sent, or that it came with; null: this edge takes none.</summary>
    public DnsHeld? Dns { get; init; }

    public required TimeSpan Wait { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<FeedVerdict>))]
public enum FeedVerdict
{
    /// <summary>Messages to send; none when the wait is over.</summary>
    Messages,

    /// <summary>A newer connection of the same edge has taken this one's place.</summary>
    Superseded,

    /// <summary>The PoP's grain was restarted: say hello again.</summary>
    Unknown,

    /// <summary>The config names this edge no longer.</summary>
    Removed,
}

/// <summary>What an edge lacks, and where it stands after that.</summary>
public sealed record FeedUpdate
{
    public required FeedVerdict Verdict { get; init; }

    public ImmutableArray<SiloMessage> Messages { get; init; } = [];

    /// <summary>With <see cref="FeedVerdict.Messages"/>: the position for the next call.</summary>
    public FeedPosition? Next { get; init; }

    /// <summary>See <see cref="SiloHeartbeat.LogAgeSeconds"/>.</summary>
    public TimeSpan? LogAge { get; init; }
}

/// <summary>Sign of life of an edge.</summary>
public sealed record PopReport
{
    public required string Edge { get; init; }

    public required string Connection { get; init; }

    /// <summary>What is applied and on the edge's disk.</summary>
    public required PurgeCursor Cursor { get; init; }

    /// <summary>Null: not reported this time.</summary>
    public long? ConfigVersion { get; init; }

    /// <summary>Epoch of the eligibility on the edge's disk; null: not reported this time.</summary>
    public long? Eligibility { get; init; }

    /// <summary>Null: not reported this time.</summary>
    public EdgeCounters? Counters { get; init; }

    /// <summary>Null: not reported this time.</summary>
    public EdgeCondition? Condition { get; init; }

    /// <summary>Null: not reported this time.</summary>
    public DnsHeld? Dns { get; init; }
}

/// <summary>Asks one edge.</summary>
/// <param name="Wait">Longest wait for the answer.</param>
public sealed record PopQuestion(string Edge, EdgeQuestion Question, TimeSpan Wait);

/// <param name="Answer">With <see cref="AnswerOutcome.Answered"/>.</param>
public sealed record PopReply(AnswerOutcome Outcome, EdgeAnswer? Answer = null);

/// <summary>An edge's answer, and the connection that it came by.</summary>
public sealed record PopAnswer(string Edge, string Connection, EdgeAnswer Answer);

/// <summary>Asks a PoP to answer when its edges have applied the log up to a place.</summary>
public sealed record PurgeWait
{
    public required PurgeCursor Cursor { get; init; }

    /// <summary>Time of the append; acknowledgements are timed from here.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Zero: answer at once.</summary>
    public required TimeSpan Wait { get; init; }
}

/// <summary>The connected edges of one PoP, for the directory.</summary>
public sealed record PopPeers
{
    public required string Pop { get; init; }

    public required ImmutableArray<PeerEdge> Edges { get; init; }
}

/// <summary>All connected edges.</summary>
/// <param name="Version">Changes with the content; comparable for equality only.</param>
public sealed record DirectoryView(string Version, ImmutableArray<PeerEdge> Edges);
