using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Grains.Drain;

/// <summary>All that is durable of a PoP's drains: how it stands, how it came to that, and what is planned. Immutable.</summary>
internal sealed record DrainRow
{
    /// <summary>2: drains that end by themselves, edges, maintenance windows, pins and the version of orders.</summary>
    public const int CurrentFormat = 2;

    /// <summary>Changes that can be looked at: two a week for a year.</summary>
    public const int MaxHistory = 100;

    /// <summary>Windows of one PoP that are to come or in force: one for every night of a month, as schedules of routes.</summary>
    public const int MaxWindows = 32;

    /// <summary>Windows that are over and can still be looked at; the oldest goes first.</summary>
    public const int MaxPastWindows = 32;

    /// <summary>Version of this record's stored form.</summary>
    public int Format { get; init; } = CurrentFormat;

    public DrainState State { get; init; }

    /// <summary>When <see cref="State"/> began; null: with <see cref="Order"/>, or it always was so.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The change of the whole PoP that is in force; null: there was none, or the row is of format 1.</summary>
    public DrainChange? Order { get; init; }

    /// <summary>Null: the PoP is not pinned.</summary>
    public PopPin? Pin { get; init; }

    /// <summary>Of <see cref="Orders"/>; 0: nothing was ever ordered.</summary>
    public long OrdersVersion { get; init; }

    /// <summary>Edges that are drained for themselves.</summary>
    public ImmutableArray<EdgeDrain> Edges { get => field.IsDefault ? [] : field; init; }

    /// <summary>Those that are not over, by their time; then those that are, the newest first.</summary>
    public ImmutableArray<MaintenanceWindow> Windows { get => field.IsDefault ? [] : field; init; }

    /// <summary>Number of the last window that was planned.</summary>
    public long LastWindow { get; init; }

    /// <summary>Oldest first: of the whole PoP and of its edges.</summary>
    public ImmutableArray<DrainChange> History { get; init; } = [];

    /// <summary>Of the last change; 0: there was none.</summary>
    public long Version => History.IsEmpty ? 0 : History[^1].Version;

    /// <summary>See <see cref="Order"/>.</summary>
    public DrainChange? InForce => Order ?? History.LastOrDefault(change => change.Edge is null && change.Action is DrainAction.Drain or DrainAction.Undrain);

    /// <summary>What its announcers are told.</summary>
    public FailoverOrders Orders => new(OrdersVersion, State == DrainState.Draining, Pin?.Pin ?? FailoverPin.None);

    /// <summary>When the drain of the whole PoP ends by itself.</summary>
    public DateTimeOffset? Until => State == DrainState.Draining ? InForce?.Until : null;

    /// <summary>Id of the window that drains the PoP.</summary>
    public string? Window => State == DrainState.Draining ? InForce?.Window : null;

    public IEnumerable<MaintenanceWindow> OpenWindows => Windows.Where(window => !window.IsOver);

    public PopDrain View(string pop) => new()
    {
        Pop = pop,
        State = State,
        Version = Version,
        Since = Since ?? InForce?.When,
        Who = InForce?.Who,
        Why = InForce?.Why,
        Until = Until,
        Window = Window,
        Edges = Edges,
        NextDue = DrainTimes.NextDue(this),
        Pin = Pin,
        OrdersVersion = OrdersVersion,
    };
}
