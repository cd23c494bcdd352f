using System.Collections.Immutable;
using System.Diagnostics;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Drain;

internal abstract record DrainEvent;

/// <summary>An operator asks for it. Whether other PoPs allow it is decided before.</summary>
internal sealed record DrainOrdered(DrainOrder Order) : DrainEvent;

/// <param name="Row">To be written when it is another one.</param>
/// <param name="Verdict">For who asked.</param>
internal readonly record struct DrainStep(DrainRow Row, DrainVerdict Verdict);

/// <summary>
/// The states of a PoP's drain, without I/O. What follows DNS (a graceful shutdown of its routes, their withdrawal, the wait for connections)
/// are further states of the same machine, and the passing of their times further events.
/// </summary>
/// <remarks>
/// <code>
///             Drain       Undrain
/// InService   Draining    -
/// Draining    -           InService
/// </code>
/// </remarks>
internal static class DrainMachine
{
    public static DrainStep Step(DrainRow row, DrainEvent happening, DateTimeOffset now) => happening switch
    {
        DrainOrdered { Order: var order } => (row.State, order.Action) switch
        {
            (DrainState.InService, DrainAction.Drain) => Change(row, DrainState.Draining, order, now),
            (DrainState.Draining, DrainAction.Undrain) => Change(row, DrainState.InService, order, now),
            // Asked for again, by a retry or by somebody else: who made it so stays written down.
            (DrainState.InService, DrainAction.Undrain) or (DrainState.Draining, DrainAction.Drain) => new DrainStep(row, DrainVerdict.Unchanged),
            _ => throw new UnreachableException($"{order.Action} in state {row.State}"),
        },
        _ => throw new UnreachableException($"event {happening.GetType().Name}"),
    };

    private static DrainStep Change(DrainRow row, DrainState state, DrainOrder order, DateTimeOffset now)
    {
        ImmutableArray<DrainChange> history = row.History.Add(new DrainChange
        {
            Version = row.Version + 1,
            When = now,
            Action = order.Action,
            Who = order.Who,
            From = order.From,
            Why = order.Why,
            Forced = order.Force,
        });
        return new DrainStep(
            row with { State = state, History = history.Length > DrainRow.MaxHistory ? history[^DrainRow.MaxHistory..] : history }, DrainVerdict.Done);
    }
}
