using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Contracts.Control;

/// <summary>
/// The feed: one HTTP/2 request <c>POST /feed/v1/edge</c> whose body (edge to silo) and response (silo to edge) both stay
/// open and carry one JSON message a line, so that each direction has HTTP/2's own flow control. The edge says first
/// where it stands (<see cref="EdgeHello"/>); the silo answers with what is missing, then with what is new.
/// </summary>
public static class FeedProtocol
{
    public const int Version = 1;
    public const string EdgePath = "/feed/v1/edge";
    public const string LeaseAcquirePath = "/feed/v1/lease/acquire";
    public const string LeaseReportPath = "/feed/v1/lease/report";
    public const string ContentType = "application/x-ndjson";

    /// <summary>Each side sends something at least this often; twice this without a line means that the other is gone.</summary>
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(5);

    /// <summary>Silence after which a side gives the connection up.</summary>
    public static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(15);

    /// <summary>Longest line from an edge: a hello or heartbeat is under 4 KiB.</summary>
    public const int MaxEdgeLineBytes = 64 * 1024;

    /// <summary>Longest line from a silo: a config snapshot of 1 MiB of YAML as JSON.</summary>
    public const int MaxSiloLineBytes = 16 * 1024 * 1024;

    /// <summary>Purge entries in one message, so that one line stays below 1 MiB with URLs of 2 KiB.</summary>
    public const int MaxPurgesPerMessage = 512;
}

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(EdgeHello), "hello")]
[JsonDerivedType(typeof(EdgeHeartbeat), "heartbeat")]
[JsonDerivedType(typeof(EdgeAck), "ack")]
[JsonDerivedType(typeof(EdgeExplained), "explained")]
[JsonDerivedType(typeof(EdgePopularity), "popularity")]
[JsonDerivedType(typeof(EdgePrewarmed), "prewarmed")]
[JsonDerivedType(typeof(EdgeCovered), "covered")]
[JsonDerivedType(typeof(EdgeDnsExplained), "dns-explained")]
[JsonDerivedType(typeof(EdgeLeaving), "leaving")]
public abstract record EdgeMessage;

/// <summary>Always the first line.</summary>
public sealed record EdgeHello : EdgeMessage
{
    public required int Protocol { get; init; }

    public required string Pop { get; init; }

    public required string Edge { get; init; }

    /// <summary>Random per start of the process: a new one takes the place of an older connection of the same edge.</summary>
    public required string Instance { get; init; }

    public required string SoftwareVersion { get; init; }

    /// <summary>0: none.</summary>
    public required long ConfigVersion { get; init; }

    /// <summary>Epoch of that config; null: none. A silo of another epoch sends its config whatever the versions are.</summary>
    public string? ConfigEpoch { get; init; }

    /// <summary>What is applied and on disk.</summary>
    public required PurgeCursor Cursor { get; init; }

    /// <summary>Whether it knows <see cref="PurgesAhead"/>.</summary>
    public bool TakesAhead { get; init; }

    /// <summary>The <see cref="Control.Eligibility.Epoch"/> that is in force and on disk; null: it knows of no such thing.</summary>
    public long? Eligibility { get; init; }

    /// <summary>The DNS secrets that are on its disk, under an empty epoch if there are none; null: it takes none.</summary>
    public DnsHeld? Dns { get; init; }

    /// <summary>Where this edge really listens.</summary>
    public required EdgeAddresses Addresses { get; init; }
}

/// <summary>Texts of the form <c>host:port</c>; null where the edge does not listen.</summary>
public sealed record EdgeAddresses
{
    public string? Http { get; init; }

    public string? Https { get; init; }

    /// <summary>URL of the listener for other edges: <c>http://host:port</c> (loopback only) or <c>https://host:port</c>.</summary>
    public string? Peer { get; init; }

    /// <summary>URL.</summary>
    public string? Admin { get; init; }
}

public sealed record EdgeHeartbeat : EdgeMessage
{
    public required long ConfigVersion { get; init; }

    public required PurgeCursor Cursor { get; init; }

    public required EdgeCounters Counters { get; init; }

    /// <summary>As in <see cref="EdgeHello.Eligibility"/>.</summary>
    public long? Eligibility { get; init; }

    /// <summary>Null: the edge does not tell.</summary>
    public EdgeCondition? Condition { get; init; }

    /// <summary>The DNS secrets that are on its disk; null: there are none.</summary>
    public DnsHeld? Dns { get; init; }
}

/// <summary>The last line of an edge that stops because it was told to: it is gone, not out of sight.</summary>
public sealed record EdgeLeaving : EdgeMessage;

/// <summary>Everything up to <paramref name="Cursor"/> is applied and the cursor is on the edge's disk.</summary>
public sealed record EdgeAck(PurgeCursor Cursor) : EdgeMessage;

/// <summary>Answer to an <see cref="EdgeQuestion"/>.</summary>
/// <param name="Id">The question's.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(EdgeExplained), "explained")]
[JsonDerivedType(typeof(EdgeCovered), "covered")]
[JsonDerivedType(typeof(EdgeDnsExplained), "dns-explained")]
public abstract record EdgeAnswer(string Id) : EdgeMessage;

/// <summary>Answer to an <see cref="ExplainQuestion"/>.</summary>
public sealed record EdgeExplained(string Id, Explanation Explanation) : EdgeAnswer(Id);

/// <summary>Answer to a <see cref="CoverageQuestion"/>.</summary>
public sealed record EdgeCovered(string Id, Coverage Coverage) : EdgeAnswer(Id);

/// <summary>Answer to a <see cref="DnsQuestion"/>.</summary>
public sealed record EdgeDnsExplained(string Id, DnsExplanation Explanation) : EdgeAnswer(Id);

/// <summary>Totals since the edge's start, but for the gauges at the end.</summary>
public sealed record EdgeCounters
{
    public long Requests { get; init; }

    public long Hits { get; init; }

    public long StaleHits { get; init; }

    public long Misses { get; init; }

    /// <summary>Requests that joined a fill under way.</summary>
    public long Coalesced { get; init; }

    public long OriginFetches { get; init; }

    public long OriginErrors { get; init; }

    /// <summary>Further origins that were asked after one had failed.</summary>
    public long OriginRetries { get; init; }

    public long PeerFetches { get; init; }

    public long BytesSent { get; init; }

    public long Errors { get; init; }

    /// <summary>Requests that a site's limits refused.</summary>
    public long Limited { get; init; }

    /// <summary>Gauge.</summary>
    public long StoredObjects { get; init; }

    /// <summary>Gauge.</summary>
    public long StoredBytes { get; init; }

    /// <summary>Gauge.</summary>
    public long OpenConnections { get; init; }

    /// <summary>Gauge: origins of all sites that this edge knows nothing good of.</summary>
    public long SickOrigins { get; init; }
}

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(SiloWelcome), "welcome")]
[JsonDerivedType(typeof(SiloRefusal), "refused")]
[JsonDerivedType(typeof(ConfigSnapshot), "config")]
[JsonDerivedType(typeof(PurgeBatch), "purges")]
[JsonDerivedType(typeof(PurgeGap), "gap")]
[JsonDerivedType(typeof(PurgesAhead), "ahead")]
[JsonDerivedType(typeof(PeerDirectory), "peers")]
[JsonDerivedType(typeof(ExplainQuestion), "explain")]
[JsonDerivedType(typeof(PrewarmBatch), "prewarm")]
[JsonDerivedType(typeof(CoverageQuestion), "coverage")]
[JsonDerivedType(typeof(DnsQuestion), "dns")]
[JsonDerivedType(typeof(Eligibility), "eligibility")]
[JsonDerivedType(typeof(DnsSecrets), "dns-secrets")]
[JsonDerivedType(typeof(SiloHeartbeat), "heartbeat")]
public abstract record SiloMessage;

/// <summary>Always the first line of the response.</summary>
public sealed record SiloWelcome : SiloMessage
{
    public required int Protocol { get; init; }

    public required string Silo { get; init; }
}

/// <summary>The last line of a connection that the silo will not serve: what is wrong and how to mend it.</summary>
public sealed record SiloRefusal(string Reason) : SiloMessage;

/// <summary>Replaces the edge's config when <see cref="Version"/> is higher than what it has (I8: never by an older one).</summary>
public sealed record ConfigSnapshot : SiloMessage
{
    /// <summary>Random id of the config history; another one means another cluster state, whose versions start anew.</summary>
    public required string Epoch { get; init; }

    public required long Version { get; init; }

    public required CdnConfig Config { get; init; }
}

/// <summary>Entries in order; after them everything up to <see cref="Through"/> is known.</summary>
public sealed record PurgeBatch : SiloMessage
{
    public required PurgeCursor Through { get; init; }

    public required ImmutableArray<PurgeEntry> Entries { get; init; }
}

/// <summary>
/// The log cannot tell what was purged between the edge's cursor and <paramref name="Through"/>: everything stored before
/// now must not be used without asking the origin.
/// </summary>
public sealed record PurgeGap(PurgeCursor Through) : SiloMessage;

/// <summary>
/// Entries that are being written to the log and may never be in it: applied at once, so that what they cover is not served while the disk
/// is waited for. They move no cursor, are acknowledged by nobody, and come again with the log. Only to edges whose hello says that they take them.
/// </summary>
/// <param name="Epoch">Of the log.</param>
/// <param name="Entries">At most <see cref="FeedProtocol.MaxPurgesPerMessage"/>; their sequences are what is hoped for.</param>
public sealed record PurgesAhead(string Epoch, ImmutableArray<PurgeEntry> Entries) : SiloMessage;

/// <summary>The edges that are connected now, at all PoPs; replaces what was known.</summary>
public sealed record PeerDirectory(ImmutableArray<PeerEdge> Edges) : SiloMessage;

/// <summary>Something that the edge looks up and answers, beside the feed.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ExplainQuestion), "explain")]
[JsonDerivedType(typeof(CoverageQuestion), "coverage")]
[JsonDerivedType(typeof(DnsQuestion), "dns")]
public abstract record EdgeQuestion : SiloMessage
{
    /// <summary>Names the question in the answer.</summary>
    public required string Id { get; init; }
}

/// <summary>What would such a purge cover of what this edge has stored, or which tags has the site? It answers with <see cref="EdgeCovered"/>.</summary>
public sealed record CoverageQuestion : EdgeQuestion
{
    /// <summary>Characters of all values: some 5,000 URLs of usual length under both schemes, and with escapes half a line (<see cref="FeedProtocol.MaxSiloLineBytes"/>).</summary>
    public const int MaxValueChars = 1024 * 1024;

    public required string Site { get; init; }

    /// <summary>Null: which tags are used most.</summary>
    public PurgeKind? Kind { get; init; }

    /// <summary>As in <see cref="PurgeEntry.Value"/>.</summary>
    public required ImmutableArray<string> Values { get; init; }

    /// <summary>
    /// Which of these URLs of the site, as popularity names them, are covered, or without <see cref="Kind"/>: stored and fresh? Together
    /// <see cref="MaxValueChars"/> characters. Null: it is counted instead.
    /// </summary>
    public ImmutableArray<string>? Candidates { get; init; }
}

/// <summary>What would this edge do with such a request? It answers with <see cref="EdgeExplained"/>.</summary>
public sealed record ExplainQuestion : EdgeQuestion
{
    public required string Method { get; init; }

    public required string Url { get; init; }

    public required ImmutableArray<HeaderField> Headers { get; init; }
}

/// <summary>What would this nameserver answer, and why? It answers with <see cref="EdgeDnsExplained"/>.</summary>
public sealed record DnsQuestion : EdgeQuestion
{
    /// <summary>Address of who asks.</summary>
    public required string Address { get; init; }

    /// <summary>Absolute, without the dot at its end.</summary>
    public required string Name { get; init; }

    /// <summary>As <c>address/length</c>; null: the query has none.</summary>
    public string? Subnet { get; init; }
}

/// <summary>Nothing is left to tell for now: the edge has been sent at least all that it lacked when it came.</summary>
public sealed record SiloHeartbeat : SiloMessage
{
    /// <summary>
    /// How long ago the silo compared itself with the purge log, if the edge has been sent all that it knew then: what was purged before
    /// is known to the edge. Null: it is not.
    /// </summary>
    public double? LogAgeSeconds { get; init; }
}

/// <param name="PeerUrl">Where it can be fetched from: <c>http://host:port</c> or <c>https://host:port</c>.</param>
public sealed record PeerEdge(string Pop, string Edge, string PeerUrl);
