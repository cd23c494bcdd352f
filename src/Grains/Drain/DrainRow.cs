using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;

namespace OrleansCdn.Grains.Drain;

/// <summary>All that is durable of a PoP's drain: how it stands, and how it came to that. Immutable.</summary>
internal sealed record DrainRow
{
    public const int CurrentFormat = 1;

    /// <summary>Changes that can be looked at: two a week for a year.</summary>
    public const int MaxHistory = 100;

    /// <summary>Version of this record's stored form.</summary>
    public int Format { get; init; } = CurrentFormat;

    public DrainState State { get; init; }

    /// <summary>Oldest first; the last one led to <see cref="State"/>.</summary>
    public ImmutableArray<DrainChange> History { get; init; } = [];

    /// <summary>Of the last change; 0: there was none.</summary>
    public long Version => History.IsEmpty ? 0 : History[^1].Version;

    public PopDrain View(string pop) => new()
    {
        Pop = pop,
        State = State,
        Version = Version,
        Since = History.IsEmpty ? null : History[^1].When,
        Who = History.IsEmpty ? null : History[^1].Who,
        Why = History.IsEmpty ? null : History[^1].Why,
    };
}
