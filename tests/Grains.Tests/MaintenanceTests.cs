using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Grains.Drain;

namespace OrleansCdn.Grains.Tests;

/// <summary>Drains that end by themselves, maintenance windows and single edges, without grains.</summary>
public sealed class MaintenanceTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static DateTimeOffset At(double hours) => Start.AddHours(hours);

    private static DrainOrdered Drain(DateTimeOffset? until = null, string who = "ann", string? edge = null, string? why = null) =>
        new(new DrainOrder { Pop = "waw", Action = DrainAction.Drain, Who = who, Until = until, Edge = edge, Why = why });

    private static DrainOrdered Undrain(string who = "ann", string? edge = null) => new(new DrainOrder { Pop = "waw", Action = DrainAction.Undrain, Who = who, Edge = edge });

    private static WindowPlanned Plan(double from, double until, bool force = false, string? why = "fans") =>
        new(new MaintenanceOrder { Pop = "waw", From = At(from), Until = At(until), Who = "bob", Why = why, Force = force });

    private static DrainRow After(DrainRow row, double hours, params DrainEvent[] events) => events.Aggregate(row, (now, happening) => DrainMachine.Step(now, happening, At(hours)).Row);

    private static readonly TimeCame Came = new();

    [Fact]
    public void A_drain_ends_at_its_time_and_the_trail_names_who_had_set_it()
    {
        DrainRow row = After(new DrainRow(), 0, Drain(At(2), why: "disks"));
        Assert.Equal((At(2), At(2)), (row.View("waw").Until, row.View("waw").NextDue));
        Assert.Same(row, After(row, 1.99, Came));
        DrainRow over = After(row, 2, Came);
        Assert.Equal((DrainState.InService, 2L), (over.State, over.Version));
        Assert.Equal((DrainAction.Undrain, "ann", "disks", true), (over.History[^1].Action, over.History[^1].Who, over.History[^1].Why, over.History[^1].ByTime));
        Assert.Equal((null, null, At(2)), (over.View("waw").Until, over.View("waw").NextDue, over.View("waw").Since));
        Assert.Same(over, After(over, 3, Came));
    }

    /// <summary>The silo was down at that moment.</summary>
    [Fact]
    public void A_drain_whose_time_went_by_unseen_ends_late() =>
        Assert.Equal(DrainState.InService, After(After(new DrainRow(), 0, Drain(At(2))), 50, Came).State);

    [Fact]
    public void Draining_again_says_anew_when_it_ends_and_not_when_it_began()
    {
        DrainRow row = After(new DrainRow(), 0, Drain(At(2), why: "disks"));
        DrainRow longer = After(row, 1, Drain(At(4), "bob"));
        PopDrain view = longer.View("waw");
        Assert.Equal((At(4), Start, "bob", "disks", 2L), (view.Until, view.Since, view.Who, view.Why, view.Version));
        Assert.Equal(DrainState.Draining, After(longer, 3, Came).State);
        DrainRow open = After(longer, 3, Drain());
        Assert.Null(open.View("waw").Until);
        Assert.Equal(DrainState.Draining, After(open, 1000, Came).State);
        Assert.Equal(DrainVerdict.Unchanged, DrainMachine.Step(open, Drain(), At(5)).Verdict);
        Assert.Equal(DrainVerdict.Unchanged, DrainMachine.Step(longer, Drain(At(4), "cat"), At(1)).Verdict);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(366 * 24 + 1)]
    public void An_end_that_cannot_be_is_refused_and_changes_nothing(double hours)
    {
        DrainStep step = DrainMachine.Step(new DrainRow(), Drain(At(hours)), Start);
        Assert.Equal((DrainVerdict.WrongTime, DrainState.InService), (step.Verdict, step.Row.State));
        Assert.Contains("'until'", step.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_drains_at_its_begin_and_ends_by_itself()
    {
        DrainStep planned = DrainMachine.Step(new DrainRow(), Plan(2, 4), Start);
        Assert.Equal((MaintenanceVerdict.Done, "waw-1", MaintenanceState.Planned), (planned.Planning!.Verdict, planned.Planning.Window!.Id, planned.Planning.Window.State));
        DrainRow row = planned.Row;
        Assert.Equal((DrainState.InService, 0L, At(2)), (row.State, row.Version, row.View("waw").NextDue));
        Assert.Same(row, After(row, 1.99, Came));
        row = After(row, 2, Came);
        PopDrain view = row.View("waw");
        Assert.Equal((DrainState.Draining, "waw-1", At(4), "bob", "fans"), (view.State, view.Window, view.Until, view.Who, view.Why));
        Assert.Same(row, After(row, 3.99, Came));
        row = After(row, 4, Came);
        Assert.Equal((DrainState.InService, MaintenanceState.Done, At(4)), (row.State, row.Windows[0].State, row.Windows[0].Over));
        Assert.Equal([DrainAction.Drain, DrainAction.Undrain], row.History.Select(change => change.Action));
        Assert.All(row.History, change => Assert.Equal(("waw-1", true), (change.Window, change.ByTime)));
    }

    [Fact]
    public void A_window_that_may_not_begin_says_why_once_is_tried_again_and_is_missed_at_its_end()
    {
        DrainRow planned = After(new DrainRow(), 0, Plan(2, 4));
        var alone = new TimeCame("no other PoP is in service");
        DrainRow waits = After(planned, 2, alone);
        Assert.Equal((DrainState.InService, "no other PoP is in service"), (waits.State, waits.Windows[0].Detail));
        Assert.Same(waits, After(waits, 2.5, new TimeCame("no other PoP is in service (lax: gone)")));
        DrainRow begun = After(waits, 3, Came);
        Assert.Equal((DrainState.Draining, MaintenanceState.Active, null), (begun.State, begun.Windows[0].State, begun.Windows[0].Detail));
        DrainRow missed = After(waits, 4, alone);
        Assert.Equal((MaintenanceState.Missed, "no other PoP is in service", DrainState.InService), (missed.Windows[0].State, missed.Windows[0].Detail, missed.State));
        Assert.Same(missed, After(missed, 5, Came));

        DrainRow forced = After(After(new DrainRow(), 0, Plan(2, 4, force: true)), 2, alone);
        Assert.Equal((DrainState.Draining, true), (forced.State, forced.History[^1].Forced));
    }

    [Fact]
    public void A_window_whose_whole_time_went_by_unseen_is_missed()
    {
        DrainRow row = After(After(new DrainRow(), 0, Plan(2, 4)), 9, Came);
        Assert.Equal((MaintenanceState.Missed, DrainState.InService), (row.Windows[0].State, row.State));
        Assert.Contains("no silo", row.Windows[0].Detail, StringComparison.Ordinal);
    }

    /// <summary>A clock that was set back does not undo what has begun, nor begin anew what is over.</summary>
    [Fact]
    public void A_clock_that_steps_back_begins_nothing_twice()
    {
        DrainRow row = After(After(new DrainRow(), 0, Plan(2, 4)), 2, Came);
        Assert.Same(row, After(row, 0, Came));
        row = After(row, 4, Came);
        Assert.Same(row, After(row, 3, Came));
    }

    [Fact]
    public void An_operators_drain_is_not_ended_by_a_window_and_takes_one_over_that_is_in_force()
    {
        DrainRow drained = After(new DrainRow(), 0, Plan(2, 4), Drain());
        DrainRow waits = After(drained, 2, Came);
        Assert.Equal((null, "ann drains the PoP already"), (waits.View("waw").Window, waits.Windows[0].Detail));
        DrainRow after = After(waits, 4, Came);
        Assert.Equal((DrainState.Draining, MaintenanceState.Missed), (after.State, after.Windows[0].State));

        DrainRow taken = After(After(After(new DrainRow(), 0, Plan(2, 4)), 2, Came), 3, Drain(who: "cat"));
        Assert.Equal((MaintenanceState.Done, "cat", "fans"), (taken.Windows[0].State, taken.Windows[0].EndedBy, taken.View("waw").Why));
        Assert.Equal(DrainState.Draining, After(taken, 4, Came).State);

        // A drain that ends within the window leaves the rest of it to the window.
        DrainRow handed = After(After(new DrainRow(), 0, Plan(2, 4), Drain(At(3))), 3, Came);
        Assert.Equal((DrainState.Draining, "waw-1", At(4)), (handed.State, handed.View("waw").Window, handed.View("waw").Until));
    }

    [Fact]
    public void An_undrain_ends_the_window_in_force_and_those_that_wait()
    {
        DrainRow row = After(After(After(new DrainRow(), 0, Plan(2, 4), Plan(6, 8)), 2, Came), 3, Undrain("cat"));
        Assert.Equal((DrainState.InService, "cat"), (row.State, row.View("waw").Who));
        Assert.Equal(MaintenanceState.Done, row.Windows.Single(window => window.Id == "waw-1").State);
        Assert.Same(row, After(row, 3.5, Came));
        Assert.Equal(DrainState.Draining, After(row, 6, Came).State);

        DrainRow waiting = After(After(new DrainRow(), 0, Plan(2, 4), Drain()), 2, Came);
        DrainRow back = After(waiting, 3, Undrain());
        Assert.Equal(MaintenanceState.Removed, back.Windows[0].State);
        Assert.Same(back, After(back, 3.5, Came));
    }

    [Fact]
    public void A_window_that_is_removed_does_not_begin_and_one_in_force_ends()
    {
        DrainRow row = After(new DrainRow(), 0, Plan(2, 4), new WindowRemoved(new MaintenanceRemoval("waw-1", "cat")));
        Assert.Equal((MaintenanceState.Removed, "cat", null), (row.Windows[0].State, row.Windows[0].EndedBy, row.View("waw").NextDue));
        Assert.Same(row, After(row, 2, Came));
        DrainStep again = DrainMachine.Step(row, new WindowRemoved(new MaintenanceRemoval("waw-1", "cat")), Start);
        Assert.Equal(MaintenanceVerdict.UnknownWindow, again.Planning!.Verdict);

        DrainRow ended = After(After(After(new DrainRow(), 0, Plan(2, 4)), 2, Came), 3, new WindowRemoved(new MaintenanceRemoval("waw-1", "cat", Why: "no fans")));
        Assert.Equal((DrainState.InService, MaintenanceState.Done, "cat", "no fans"), (ended.State, ended.Windows[0].State, ended.History[^1].Who, ended.History[^1].Why));
    }

    [Fact]
    public void Windows_that_cannot_be_are_refused_and_a_repeated_one_is_the_same()
    {
        DrainRow row = After(new DrainRow(), 0, Plan(2, 4));
        Assert.Equal(MaintenanceVerdict.Invalid, Verdict(row, Plan(5, 5)));
        Assert.Equal(MaintenanceVerdict.Invalid, Verdict(row, Plan(-2, -1)));
        Assert.Equal(MaintenanceVerdict.Invalid, Verdict(row, Plan(5, 24 * 367)));
        Assert.Equal(MaintenanceVerdict.Overlaps, Verdict(row, Plan(3, 5)));
        Assert.Equal(MaintenanceVerdict.Overlaps, Verdict(row, Plan(1, 9, force: true)));
        Assert.Equal(MaintenanceVerdict.Unchanged, Verdict(row, Plan(2, 4)));
        Assert.Equal(MaintenanceVerdict.Done, Verdict(row, Plan(4, 5)));
        for (int i = 0; i < 200; i++)
        {
            row = After(row, 0, Plan(10 + i, 11 + i));
        }

        Assert.Equal(DrainRow.MaxWindows, row.OpenWindows.Count());
        Assert.Equal(MaintenanceVerdict.Invalid, Verdict(row, Plan(1000, 1001)));
        for (int i = 0; i < 5; i++)
        {
            row = After(row, 300 + i, Came, Plan(300 + i, 301 + i));
            row = After(row, 600, Came);
        }

        Assert.True(row.Windows.Count(window => window.IsOver) == DrainRow.MaxPastWindows);

        static MaintenanceVerdict Verdict(DrainRow row, WindowPlanned plan) => DrainMachine.Step(row, plan, Start).Planning!.Verdict;
    }

    [Fact]
    public void An_edge_is_drained_for_itself_and_the_PoP_stays()
    {
        DrainRow row = After(new DrainRow(), 0, Drain(edge: "waw2", until: At(2), why: "kernel"));
        Assert.Equal((DrainState.InService, null, null), (row.State, row.View("waw").Since, row.View("waw").Who));
        Assert.Equal(At(2), row.View("waw").NextDue);
        Assert.Equal(new EdgeDrain("waw2", Start, "ann", "kernel", At(2)), row.View("waw").Edges.Single());
        Assert.Equal(DrainVerdict.Unchanged, DrainMachine.Step(row, Drain(edge: "waw2", until: At(2)), At(1)).Verdict);
        Assert.Equal(DrainVerdict.Unchanged, DrainMachine.Step(row, Undrain(edge: "waw1"), At(1)).Verdict);
        DrainRow longer = After(row, 1, Drain(edge: "waw2", until: At(3)));
        Assert.Equal((Start, "kernel", At(3)), (longer.Edges[0].Since, longer.Edges[0].Why, longer.Edges[0].Until));
        Assert.Empty(After(longer, 1, Undrain(edge: "waw2")).Edges);
        DrainRow over = After(longer, 3, Came);
        Assert.Empty(over.Edges);
        Assert.Equal(("waw2", true, DrainAction.Undrain), (over.History[^1].Edge, over.History[^1].ByTime, over.History[^1].Action));

        // The PoP's own word is not lost among those about edges.
        DrainRow busy = After(new DrainRow(), 0, Drain(why: "disks"));
        for (int i = 0; i < 2 * DrainRow.MaxHistory; i++)
        {
            busy = After(busy, 1, i % 2 == 0 ? Drain(edge: "waw2") : Undrain(edge: "waw2"));
        }

        Assert.Equal((DrainState.Draining, "disks", Start), (busy.State, busy.View("waw").Why, busy.View("waw").Since));
    }

    /// <summary>As software before windows wrote it.</summary>
    [Fact]
    public void A_row_of_format_1_is_read_and_goes_on()
    {
        var change = new DrainChange { Version = 7, When = Start, Action = DrainAction.Drain, Who = "ann", Why = "disks" };
        var old = new DrainRow { Format = 1, State = DrainState.Draining, History = [change] };
        Assert.Equal(("ann", "disks", Start, 7L), (old.View("waw").Who, old.View("waw").Why, old.View("waw").Since, old.View("waw").Version));
        Assert.Equal(DrainVerdict.Unchanged, DrainMachine.Step(old, Drain(), At(1)).Verdict);
        DrainRow next = After(old, 1, Drain(edge: "waw2"), Drain(At(2)));
        Assert.Equal((2, "disks", Start, 9L), (next.Format, next.View("waw").Why, next.View("waw").Since, next.Version));
    }

    /// <summary>Whatever is asked in whatever order, with a clock that steps: what must hold of a row holds.</summary>
    [Fact]
    public void Random_lives_hold_together()
    {
        int begun = 0, byTime = 0, missed = 0;
        for (int seed = 1; seed <= 500; seed++)
        {
            var random = new Random(seed);
            var row = new DrainRow();
            DateTimeOffset now = Start;
            for (int i = 0; i < 120; i++)
            {
                now += TimeSpan.FromMinutes(random.Next(20) == 0 ? random.Next(-600, 600) : random.Next(0, 30));
                DrainRow before = row;
                DrainEvent happening = Any(random, now);
                DrainStep step = DrainMachine.Step(row, happening, now);
                row = step.Row;
                string run = $"seed {seed}, step {i}: {happening}";
                Check(before, row, happening, now, run);
                begun += row.Window is not null && before.Window is null ? 1 : 0;
                byTime += row.Version > before.Version && row.History[^1].ByTime ? 1 : 0;
                missed += row.Windows.Count(w => w.State == MaintenanceState.Missed) > before.Windows.Count(w => w.State == MaintenanceState.Missed) ? 1 : 0;
            }
        }

        Assert.True(begun > 100 && byTime > 100 && missed > 100, $"{begun} windows begun, {byTime} changes by time, {missed} missed: the run shows nothing");
    }

    private static DrainEvent Any(Random random, DateTimeOffset now)
    {
        DateTimeOffset Soon() => now.AddMinutes(random.Next(-30, 300));
        return random.Next(10) switch
        {
            0 => new DrainOrdered(new DrainOrder { Pop = "waw", Action = DrainAction.Drain, Who = "ann", Until = random.Next(2) == 0 ? null : Soon() }),
            1 => Undrain(),
            2 => new DrainOrdered(new DrainOrder { Pop = "waw", Action = (DrainAction)random.Next(2), Who = "ann", Edge = $"waw{random.Next(3)}", Until = random.Next(2) == 0 ? null : Soon() }),
            3 or 4 => new WindowPlanned(new MaintenanceOrder { Pop = "waw", From = Soon(), Until = Soon(), Who = "bob", Force = random.Next(4) == 0 }),
            5 => new WindowRemoved(new MaintenanceRemoval($"waw-{random.Next(40)}", "cat")),
            _ => new TimeCame(random.Next(3) == 0 ? "no other PoP is in service" : null),
        };
    }

    private static void Check(DrainRow before, DrainRow row, DrainEvent happening, DateTimeOffset now, string run)
    {
        MaintenanceWindow[] open = [.. row.OpenWindows];
        MaintenanceWindow[] active = [.. open.Where(window => window.State == MaintenanceState.Active)];
        Assert.True(active.Length <= 1 && active.SingleOrDefault()?.Id == row.Window, $"{run}: the PoP is drained by '{row.Window}', in force is {string.Join(", ", active.Select(w => w.Id))}");
        Assert.True(open.Zip(open.Skip(1)).All(two => two.First.Until <= two.Second.From), $"{run}: windows overlap");
        Assert.True(row.Windows.Length <= DrainRow.MaxWindows + DrainRow.MaxPastWindows && row.History.Length <= DrainRow.MaxHistory, $"{run}: it grows");
        Assert.True(row.Windows.Select(window => window.Id).Distinct().Count() == row.Windows.Length, $"{run}: an id twice");
        Assert.True(row.Version - before.Version is >= 0 and <= 10 && row.History.Zip(row.History.Skip(1)).All(two => two.First.Version + 1 == two.Second.Version), $"{run}: versions");
        Assert.True(row.State == before.State || row.Version > before.Version, $"{run}: a state without an entry in the history");
        Assert.True(row.InForce is null || (row.InForce.Action == DrainAction.Drain) == (row.State == DrainState.Draining), $"{run}: the state is not what was ordered last");
        foreach (MaintenanceWindow over in before.Windows.Where(window => window.IsOver))
        {
            Assert.True(row.Windows.FirstOrDefault(window => window.Id == over.Id) is not { IsOver: false }, $"{run}: '{over.Id}' was over");
        }

        if (happening is TimeCame came)
        {
            Assert.False(row.Until <= now, $"{run}: it should have ended");
            Assert.True(!open.Any(window => window.Until <= now), $"{run}: a window should have ended");
            bool isBegun = row.Window is not null && row.Window != before.Window;
            Assert.True(!isBegun || came.Refusal is null || row.InForce!.Forced, $"{run}: it may not begin");
            bool waits = open.Any(window => window.State == MaintenanceState.Planned && window.From <= now) && row.State == DrainState.InService && came.Refusal is null;
            Assert.False(waits, $"{run}: it should have begun");
        }
    }
}
