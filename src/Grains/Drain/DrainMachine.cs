using System.Collections.Immutable;
using System.Diagnostics;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;

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
/// </remarks>
internal static partial class DrainMachine
{
    public static DrainStep Step(DrainRow row, DrainEvent happening, DateTimeOffset now) => happening switch
    {
        DrainOrdered { Order: var order } when DrainTimes.Wrong(order.Until, now) is { } wrong => new DrainStep(row, DrainVerdict.WrongTime, Error: wrong),
        DrainOrdered { Order: { Edge: { } edge } order } => OrderEdge(row, order, edge, now),
        DrainOrdered { Order: var order } => Order(row, order, now),
        WindowPlanned { Order: var order } => Plan(row, order, now),
        WindowRemoved { Removal: var removal } => Remove(row, removal, now),
        TimeCame came => new DrainStep(RunDue(row, came.Refusal, now), DrainVerdict.Done),
        _ => throw new UnreachableException($"event {happening.GetType().Name}"),
    };

    private static DrainStep Order(DrainRow row, DrainOrder order, DateTimeOffset now)
    {
        // Asked for again, by a retry or by somebody else: who made it so stays written down.
        bool isSo = order.Action == DrainAction.Undrain
            ? row.State == DrainState.InService
            : row.State == DrainState.Draining && row.Window is null && row.Until == order.Until;
        if (isSo)
        {
            return new DrainStep(row, DrainVerdict.Unchanged);
        }

        DrainRow next = order.Action == DrainAction.Drain
            ? EndWindows(row, window => window.State == MaintenanceState.Active, $"{order.Who} has drained the PoP", order.Who, now)
            : EndWindows(row, window => window.State == MaintenanceState.Active || window.From <= now, $"{order.Who} has put the PoP in service again", order.Who, now);
        return new DrainStep(Change(next, Made(order, now)), DrainVerdict.Done);
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
