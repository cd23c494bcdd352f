using System.Collections.Immutable;
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
}

/// <summary>What became of an append: a receipt, or a refusal because too much waits to be written.</summary>
/// <param name="Receipt">Null: busy, try again.</param>
public sealed record PurgeAppendOutcome(PurgeReceipt? Receipt);

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

    /// <summary>Of the appends whose last entry is in this segment, in order.</summary>
    public ImmutableArray<PurgeReceipt> Receipts { get; init; } = [];
}

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

/// <summary>Pushed to the PoPs after a durable append.</summary>
/// <param name="After">Where the entries connect; a PoP that stands elsewhere reads from the log instead.</param>
public sealed record PurgePush(PurgeCursor After, PurgeBatch Batch);
