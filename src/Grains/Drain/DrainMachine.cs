using System.Collections.Immutable;
using System.Diagnostics;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Grains.Drain;

/// <summary>
/// What operators want of a PoP and of its edges, now and planned; without I/O. What follows for routes is each announcer's own
/// (<c>OrleansCdn.Failover</c>), what follows for DNS the board's (<see cref="EligibilityBoard"/>).
/// </summary>
/// <remarks>
/// <code>
///                        Drain                Undrain       its time is over   a window begins    the window ends
/// InService              Draining             -             -                  Draining           -
/// Draining by a word     other end, if any    InService     InService           (it waits)         -
/// Draining by a window   by a word            InService     -                   -                  InService
/// </code>
/// An undrain is the operator's word for all that is under way: it ends the window in force, and windows whose time has come and that wait.
/// A pin is beside all of it: it stands above what the announcers would do, and changes no drain.
/// </remarks>
internal static partial class DrainMachine
{
    /// <param name="row">As it is.</param>
    /// <param name="happening">What happens.</param>
    /// <param name="now">Time of day.</param>
    /// <param name="observed">The highest version of orders that an announcer is known to have: newer ones have to be above it.</param>
    public static DrainStep Step(DrainRow row, DrainEvent happening, DateTimeOffset now, long observed = 0)
    {
        bool isBehind = RisingNumber.Least(observed, now) > row.OrdersVersion;
        DrainStep step = Take(row, happening, now, isBehind);
        bool isOrdered = isBehind && step.Row.Version != row.Version && step.Row.History[^1].Edge is null;
        bool isOld = step.Row is { OrdersVersion: 0, Orders: { IsDraining: true } or { Pin: not FailoverPin.None } };
        return isOrdered || isOld || step.Row.Orders != row.Orders
            ? step with { Row = step.Row with { Format = DrainRow.CurrentFormat, OrdersVersion = RisingNumber.Next(row.OrdersVersion, observed, now) } }
            : step;
    }

    private static DrainStep Take(DrainRow row, DrainEvent happening, DateTimeOffset now, bool isBehind) => happening switch
    {
        OrdersWanted => new DrainStep(row, DrainVerdict.Unchanged),
        DrainOrdered { Order: var order } when DrainTimes.Wrong(order.Until, now) is { } wrong => new DrainStep(row, DrainVerdict.WrongTime, Error: wrong),
        DrainOrdered { Order: { Action: DrainAction.Pin or DrainAction.Unpin } order } => OrderPin(row, order, now, isBehind),
        DrainOrdered { Order: { Edge: { } edge } order } => OrderEdge(row, order, edge, now),
        DrainOrdered { Order: var order } => Order(row, order, now, isBehind),
        WindowPlanned { Order: var order } => Plan(row, order, now),
        WindowRemoved { Removal: var removal } => Remove(row, removal, now),
        TimeCame came => new DrainStep(RunDue(row, came.Refusal, now), DrainVerdict.Done),
        _ => throw new UnreachableException($"event {happening.GetType().Name}"),
    };

    private static DrainStep Order(DrainRow row, DrainOrder order, DateTimeOffset now, bool isBehind)
    {
        // Asked for again, by a retry or by somebody else: who made it so stays written down. Unless announcers have orders of a database that was
        // lost: to them it is not so.
        bool isSo = !isBehind && (order.Action == DrainAction.Undrain
            ? row.State == DrainState.InService
            : row.State == DrainState.Draining && row.Window is null && row.Until == order.Until);
        if (isSo)
        {
            return new DrainStep(row, DrainVerdict.Unchanged);
        }

        DrainRow next = order.Action == DrainAction.Drain
            ? EndWindows(row, window => window.State == MaintenanceState.Active, $"{order.Who} has drained the PoP", order.Who, now)
            : EndWindows(row, window => window.State == MaintenanceState.Active || window.From <= now, $"{order.Who} has put the PoP in service again", order.Who, now);
        return new DrainStep(Change(next, Made(order, now)), DrainVerdict.Done);
    }

    private static DrainStep OrderPin(DrainRow row, DrainOrder order, DateTimeOffset now, bool isBehind)
    {
        FailoverPin pin = order.Action == DrainAction.Pin ? order.Pin : FailoverPin.None;
        if (!isBehind && (row.Pin?.Pin ?? FailoverPin.None) == pin)
        {
            return new DrainStep(row, DrainVerdict.Unchanged);
        }

        PopPin? pinned = pin == FailoverPin.None ? null : new PopPin(pin, now, order.Who, order.Why);
        return new DrainStep(Written(row with { Pin = pinned }, Made(order, now) with { Pin = pin }), DrainVerdict.Done);
    }

    private static DrainStep OrderEdge(DrainRow row, DrainOrder order, string edge, DateTimeOffset now)
    {
        EdgeDrain? known = row.Edges.FirstOrDefault(drain => drain.Edge == edge);
        bool isSo = order.Action == DrainAction.Undrain ? known is null : known is not null && known.Until == order.Until;
        if (isSo)
        {
            return new DrainStep(row, DrainVerdict.Unchanged);
        }

        if (order.Action == DrainAction.Drain && known is null && row.Edges.Length >= PopDrain.MaxEdges)
        {
            return new DrainStep(row, DrainVerdict.UnknownEdge, Error: $"{PopDrain.MaxEdges} edges of the PoP are drained already");
        }

        ImmutableArray<EdgeDrain> others = known is null ? row.Edges : row.Edges.Remove(known);
        ImmutableArray<EdgeDrain> edges = order.Action == DrainAction.Undrain
            ? others
            : others.Add(new EdgeDrain(edge, known?.Since ?? now, order.Who, order.Why ?? known?.Why, order.Until));
        return new DrainStep(Written(row with { Edges = edges }, Made(order, now)), DrainVerdict.Done);
    }

    private static DrainChange Made(DrainOrder order, DateTimeOffset now) => new()
    {
        Version = 0,
        When = now,
        Action = order.Action,
        Who = order.Who,
        From = order.From,
        Why = order.Why,
        Forced = order.Force,
        Edge = order.Edge,
        Until = order.Action == DrainAction.Drain ? order.Until : null,
    };

    /// <summary>A change of the whole PoP. One that only ends at another time keeps its beginning, and its reason if there is no new one.</summary>
    private static DrainRow Change(DrainRow row, DrainChange change)
    {
        DrainState state = change.Action == DrainAction.Drain ? DrainState.Draining : DrainState.InService;
        bool isSame = state == row.State;
        change = change with { Version = row.Version + 1, Why = change.Why ?? (isSame ? row.InForce?.Why : null) };
        return Written(row with { State = state, Since = isSame ? row.Since ?? row.InForce?.When : change.When, Order = change }, change);
    }

    private static DrainRow Written(DrainRow row, DrainChange change)
    {
        ImmutableArray<DrainChange> history = row.History.Add(change with { Version = row.Version + 1 });
        return row with
        {
            Format = DrainRow.CurrentFormat,
            // A row of format 1 has it in its history alone, which may go.
            Order = row.InForce,
            History = history.Length > DrainRow.MaxHistory ? history[^DrainRow.MaxHistory..] : history,
        };
    }
}
