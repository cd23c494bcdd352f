using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Control;

/// <summary>
/// A place in the purge log. Sequences count up without gaps within one epoch; another epoch means another log (its
/// disk was lost), so that nothing can be said about what was purged before.
/// </summary>
/// <param name="Epoch">Random id of the log; empty before the first contact.</param>
/// <param name="Sequence">Of the last entry that is included; 0 before the first.</param>
public readonly record struct PurgeCursor(string Epoch, long Sequence)
{
    /// <summary>Never null: a message that leaves it out gives a struct that no constructor made.</summary>
    public string Epoch { get => field ?? ""; init; } = Epoch;

    public static readonly PurgeCursor None = new("", 0);

    /// <summary>True when everything up to <paramref name="other"/> is included here.</summary>
    public bool Covers(PurgeCursor other) => Epoch == other.Epoch && Sequence >= other.Sequence;

    public override string ToString() => $"{Epoch}:{Sequence}";
}

[JsonConverter(typeof(JsonStringEnumConverter<PurgeKind>))]
public enum PurgeKind
{
    /// <summary>Value: scheme, authority, path and query, as a visitor asks for it; all variants go.</summary>
    Url,

    /// <summary>Value: a tag of <c>Surrogate-Key</c> or <c>Cache-Tag</c>, compared byte by byte within its site.</summary>
    Tag,

    /// <summary>Value: empty; everything of the site goes.</summary>
    Site,

    /// <summary>
    /// Value: authority and the beginning of path and query (<see cref="PurgeUrl.AuthorityAndTarget"/>), compared byte by byte; both schemes.
    /// </summary>
    Prefix,

    /// <summary>Value: a host name without a port; everything of it goes, at every port and under both schemes.</summary>
    Host,
}

/// <summary>One entry of the purge log.</summary>
public sealed record PurgeEntry
{
    public required long Sequence { get; init; }

    /// <summary>Site id. Tags and URLs of one site never reach another.</summary>
    public required string Site { get; init; }

    public required PurgeKind Kind { get; init; }

    public required string Value { get; init; }

    /// <summary>Soft: the object is stale from now on, its validators stay usable. Hard: it is not used for anything again.</summary>
    public required bool Soft { get; init; }
}
