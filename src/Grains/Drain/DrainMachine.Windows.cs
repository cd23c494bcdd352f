using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Drain;

/// <summary>What is planned: maintenance windows, and drains that end by themselves.</summary>
internal static partial class DrainMachine
{
    private static DrainStep Plan(DrainRow row, MaintenanceOrder order, DateTimeOffset now)
    {
        MaintenanceWindow? known = row.OpenWindows.FirstOrDefault(window =>
            (window.From, window.Until, window.Who, window.Why, window.Force) == (order.From, order.Until, order.Who, order.Why, order.Force));
        if (known is not null)
        {
            // The answer to the first attempt got lost: it was planned then.
            return Answer(row, MaintenanceVerdict.Unchanged, known);
        }

        if (order.Until <= order.From)
        {
            return Refuse(row, MaintenanceVerdict.Invalid, "'until' is not after 'from'");
        }

        if (DrainTimes.Wrong(order.Until, now) is { } wrong)
        {
            return Refuse(row, MaintenanceVerdict.Invalid, wrong);
        }

        if (row.OpenWindows.Count() >= DrainRow.MaxWindows)
        {
            return Refuse(row, MaintenanceVerdict.Invalid, $"{DrainRow.MaxWindows} windows of PoP '{order.Pop}' are to come or in force already: remove one first");
        }

        if (row.OpenWindows.FirstOrDefault(window => DrainTimes.Overlap(window, order.From, order.Until)) is { } other)
        {
            return Refuse(row, MaintenanceVerdict.Overlaps, $"window '{other.Id}' of the same PoP overlaps it: remove that one first, or choose another time");
        }

        var made = new MaintenanceWindow
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{order.Pop}-{row.LastWindow + 1}"),
            Pop = order.Pop,
            State = MaintenanceState.Planned,
            From = order.From,
            Until = order.Until,
            Why = order.Why,
            Force = order.Force,
            Who = order.Who,
            Caller = order.Caller,
            When = now,
        };
        DrainRow next = row with { Format = DrainRow.CurrentFormat, LastWindow = row.LastWindow + 1, Windows = Sorted(row.Windows.Add(made)) };
        return Answer(next, MaintenanceVerdict.Done, made);
    }

    /// <summary>One that is to come is dropped; one in force ends now.</summary>
    private static DrainStep Remove(DrainRow row, MaintenanceRemoval removal, DateTimeOffset now)
    {
        if (row.OpenWindows.FirstOrDefault(window => window.Id == removal.Id) is not { } known)
        {
            return Refuse(row, MaintenanceVerdict.UnknownWindow, $"there is no window '{removal.Id}': it is over, or was never");
        }

        DrainRow next = EndWindows(row, window => window.Id == known.Id, removal.Why ?? $"{removal.Who} has removed it", removal.Who, now);
        if (row.Window == known.Id)
        {
            next = Change(next, new DrainChange
            {
                Version = 0, When = now, Action = DrainAction.Undrain, Who = removal.Who, From = removal.Caller, Why = removal.Why, Window = known.Id,
            });
        }

        return Answer(next, MaintenanceVerdict.Done, next.Windows.First(window => window.Id == known.Id));
    }

    /// <summary>Ends come before beginnings, so that a window may follow another one.</summary>
    private static DrainRow RunDue(DrainRow row, string? refusal, DateTimeOffset now)
    {
        foreach (EdgeDrain edge in row.Edges.Where(edge => edge.Until <= now))
        {
            row = Written(row with { Edges = row.Edges.Remove(edge) }, ByTime(edge.Who, edge.Why, now) with { Edge = edge.Edge });
        }

        if (row.Until <= now)
        {
            DrainChange order = row.InForce!;
            row = Change(row, ByTime(order.Who, order.Why, now) with { Window = order.Window });
        }

        foreach (MaintenanceWindow window in row.OpenWindows.Where(window => window.Until <= now).ToList())
        {
            row = With(row, window with
            {
                State = window.State == MaintenanceState.Active ? MaintenanceState.Done : MaintenanceState.Missed,
                Detail = window.State == MaintenanceState.Active ? null : window.Detail ?? "its whole time went by while no silo was there",
                Over = now,
            });
        }

        // No two of a PoP overlap.
        if (row.OpenWindows.FirstOrDefault(window => window.State == MaintenanceState.Planned && window.From <= now) is not { } due)
        {
            return row;
        }

        string? obstacle = row.State == DrainState.Draining ? $"{row.InForce?.Who} drains the PoP already" : due.Force ? null : refusal;
        if (obstacle is not null)
        {
            // Said once: how the other PoPs stand may change every second.
            return due.Detail is not null ? row : With(row, due with { Detail = obstacle });
        }

        row = With(row, due with { State = MaintenanceState.Active, Detail = null });
        return Change(row, new DrainChange
        {
            Version = 0,
            When = now,
            Action = DrainAction.Drain,
            Who = due.Who,
            From = due.Caller,
            Why = due.Why,
            Forced = due.Force && refusal is not null,
            Until = due.Until,
            Window = due.Id,
            ByTime = true,
        });
    }

    private static DrainChange ByTime(string who, string? why, DateTimeOffset now) =>
        new() { Version = 0, When = now, Action = DrainAction.Undrain, Who = who, Why = why, ByTime = true };

    private static DrainRow EndWindows(DrainRow row, Func<MaintenanceWindow, bool> which, string detail, string who, DateTimeOffset now)
    {
        foreach (MaintenanceWindow window in row.OpenWindows.Where(which).ToList())
        {
            row = With(row, window with
            {
                State = window.State == MaintenanceState.Active ? MaintenanceState.Done : MaintenanceState.Removed, Detail = detail, Over = now, EndedBy = who,
            });
        }

        return row;
    }

    private static DrainRow With(DrainRow row, MaintenanceWindow window) => row with
    {
        Format = DrainRow.CurrentFormat, Windows = Sorted([.. row.Windows.Where(other => other.Id != window.Id), window]),
    };

    private static ImmutableArray<MaintenanceWindow> Sorted(IEnumerable<MaintenanceWindow> windows)
    {
        ILookup<bool, MaintenanceWindow> isOver = windows.ToLookup(window => window.IsOver);
        return [.. isOver[false].OrderBy(window => window.From), .. isOver[true].OrderByDescending(window => window.Over).Take(DrainRow.MaxPastWindows)];
    }

    private static DrainStep Answer(DrainRow row, MaintenanceVerdict verdict, MaintenanceWindow window) =>
        new(row, DrainVerdict.Unchanged, new MaintenanceOutcome(verdict, window));

    private static DrainStep Refuse(DrainRow row, MaintenanceVerdict verdict, string error) =>
        new(row, DrainVerdict.Unchanged, new MaintenanceOutcome(verdict, Error: error));
}
