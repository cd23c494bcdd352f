using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Contracts.Cluster;

/// <summary>Entries for the purge log, all of one request.</summary>
public sealed record PurgeAppend
{
    public required string Site { get; init; }

    public required PurgeKind Kind { get; init; }

    /// <summary>In canonical form (<see cref="PurgeUrl"/> for URLs and prefixes); one empty text for <see cref="PurgeKind.Site"/>.</summary>
    public required ImmutableArray<string> Values { get; init; }

    public required bool Soft { get; init; }

    /// <summary>Name of the token.</summary>
    public required string Who { get; init; }

    /// <summary>Address of the caller; null: not known.</summary>
    public string? From { get; init; }

    /// <summary>Null: every append is one of its own.</summary>
    public PurgeKey? Key { get; init; }
}

/// <summary>An idempotency key as it is stored: never the caller's own text.</summary>
/// <param name="Hash">SHA-256 of token name and key, base64url, so that the keys of two tokens never meet.</param>
/// <param name="Content">SHA-256 of what is purged, base64url.</param>
public sealed record PurgeKey(string Hash, string Content);

/// <param name="Verdict">What became of the append.</param>
/// <param name="Receipt">With <see cref="PurgeAppendVerdict.Stored"/> and <see cref="PurgeAppendVerdict.Repeated"/>.</param>
public sealed record PurgeAppendOutcome(PurgeAppendVerdict Verdict, PurgeReceipt? Receipt);

[JsonConverter(typeof(JsonStringEnumConverter<PurgeAppendVerdict>))]
public enum PurgeAppendVerdict
{
    /// <summary>Durable.</summary>
    Stored,

    /// <summary>The same key came with the same content before: the receipt is the first one's, nothing was appended.</summary>
    Repeated,

    /// <summary>The key came with other content before; nothing was appended.</summary>
    KeyTaken,

    /// <summary>Too much waits to be written; nothing was appended.</summary>
    Busy,
}

/// <summary>Proof of a durable append. It is stored in the log with the entries that it stands for.</summary>
public sealed record PurgeReceipt
{
    /// <summary><see cref="PurgeId.Of"/>.</summary>
    public required string Id { get; init; }

    /// <summary>Of the append's last entry.</summary>
    public required PurgeCursor Cursor { get; init; }

    public required DateTimeOffset When { get; init; }

    public required string Who { get; init; }

    public required string Site { get; init; }

    public required PurgeKind Kind { get; init; }

    public required bool Soft { get; init; }

    /// <summary>Entries in the log.</summary>
    public required int Entries { get; init; }

    /// <summary>Address of the caller; null: not known.</summary>
    public string? From { get; init; }

    public PurgeKey? Key { get; init; }
}

/// <summary>A piece of the log, as it is stored: the row of a purge segment grain.</summary>
public sealed record PurgeSegment
{
    public const int CurrentFormat = 1;

    /// <summary>Version of this record's stored form.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Empty: nothing is stored.</summary>
    public string Epoch { get; init; } = "";

    /// <summary>From 0.</summary>
    public long Index { get; init; }

    public ImmutableArray<PurgeEntry> Entries { get; init; } = [];

    /// <summary>
    /// When its newest entry was planned, by the wall clock; never before that of the segment before it. Null: written by older software.
    /// </summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>Of the appends whose last entry is in this segment, in order.</summary>
    public ImmutableArray<PurgeReceipt> Receipts { get; init; } = [];
}

/// <summary>The receipts of a segment, for the audit trail.</summary>
/// <param name="Epoch">Empty: nothing is stored.</param>
/// <param name="Receipts">In the order of the log.</param>
public sealed record PurgeSegmentReceipts(string Epoch, ImmutableArray<PurgeReceiptSample> Receipts);

/// <param name="Receipt">Of an append.</param>
/// <param name="Values">Some of its values: the first ones that are in the same segment (<see cref="AuditEntry.Sample"/>).</param>
public sealed record PurgeReceiptSample(PurgeReceipt Receipt, ImmutableArray<string> Values);

/// <summary>What follows a cursor in the log.</summary>
public sealed record PurgeRead
{
    /// <summary>True: what was purged since the cursor is not known any more; <see cref="Through"/> is the end of the log.</summary>
    public required bool Gap { get; init; }

    /// <summary>Everything up to here is in <see cref="Entries"/> or before the cursor.</summary>
    public required PurgeCursor Through { get; init; }

    /// <summary>At most <see cref="FeedProtocol.MaxPurgesPerMessage"/>.</summary>
    public required ImmutableArray<PurgeEntry> Entries { get; init; }

    /// <summary>End of the log.</summary>
    public required PurgeCursor End { get; init; }
}

/// <summary>Pushed to the PoPs while an append is being written.</summary>
/// <param name="Through">Where the log will end when all of the group is durable; never a place that anybody has reached by this.</param>
/// <param name="Entries">Its beginning, as much as one message holds.</param>
public sealed record PurgePushAhead(PurgeCursor Through, ImmutableArray<PurgeEntry> Entries);

/// <summary>Pushed to the PoPs after a durable append.</summary>
/// <param name="After">Where the entries connect; a PoP that stands elsewhere reads from the log instead.</param>
public sealed record PurgePush(PurgeCursor After, PurgeBatch Batch);
