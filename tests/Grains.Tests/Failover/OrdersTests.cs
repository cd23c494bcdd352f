using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Grains.Drain;
using static OrleansCdn.Grains.Tests.Failover.FailoverSamples;

namespace OrleansCdn.Grains.Tests.Failover;

/// <summary>What operators want of a PoP, as its announcers are told it, under versions that only go up.</summary>
public sealed class OrdersTests
{
    private static readonly long Second = Start.ToUnixTimeSeconds();

    private static DrainStep Step(DrainRow row, DrainAction action, FailoverPin pin = FailoverPin.None, long observed = 0, string? edge = null, double at = 0) =>
        DrainMachine.Step(row, new DrainOrdered(new DrainOrder { Pop = "waw", Edge = edge, Action = action, Pin = pin, Who = "ann", Why = "why" }), At(at), observed);

    [Fact]
    public void Who_was_never_drained_is_told_nothing()
    {
        Assert.Equal(FailoverOrders.None, new DrainRow().Orders);
        Assert.Equal(DrainVerdict.Unchanged, Step(new DrainRow(), DrainAction.Undrain).Verdict);
        Assert.Equal(0, DrainMachine.Step(new DrainRow(), new OrdersWanted(), Start).Row.OrdersVersion);
    }

    [Fact]
    public void Versions_begin_with_the_clock_and_rise_with_each_change()
    {
        DrainRow row = Step(new DrainRow(), DrainAction.Drain).Row;
        Assert.Equal(new FailoverOrders(Second, IsDraining: true, FailoverPin.None), row.Orders);
        row = Step(row, DrainAction.Pin, FailoverPin.Withdrawn).Row;
        Assert.Equal(new FailoverOrders(Second + 1, IsDraining: true, FailoverPin.Withdrawn), row.Orders);
        row = Step(row, DrainAction.Undrain).Row;
        Assert.Equal(new FailoverOrders(Second + 2, IsDraining: false, FailoverPin.Withdrawn), row.Orders);
        row = Step(row, DrainAction.Unpin).Row;
        Assert.Equal(new FailoverOrders(Second + 3, IsDraining: false, FailoverPin.None), row.Orders);
        Assert.Equal([DrainAction.Drain, DrainAction.Pin, DrainAction.Undrain, DrainAction.Unpin], row.History.Select(change => change.Action));
    }

    [Fact]
    public void What_changes_nothing_for_routes_is_no_new_order()
    {
        DrainRow row = Step(new DrainRow(), DrainAction.Drain).Row;
        Assert.Same(row, Step(row, DrainAction.Drain).Row);
        Assert.Equal(Second, Step(row, DrainAction.Drain, edge: "waw2").Row.OrdersVersion);
        DrainRow pinned = Step(new DrainRow(), DrainAction.Pin, FailoverPin.Announced).Row;
        Assert.Equal(DrainVerdict.Unchanged, Step(pinned, DrainAction.Pin, FailoverPin.Announced).Verdict);
        Assert.Equal(DrainVerdict.Unchanged, Step(new DrainRow(), DrainAction.Unpin).Verdict);
    }

    /// <summary>The announcers keep what operators said, in a database that is gone: an undrain has to reach them, though this row knows of no drain.</summary>
    [Fact]
    public void An_undrain_after_a_lost_database_is_above_what_announcers_have()
    {
        long held = Second + 500;
        DrainStep undrained = Step(new DrainRow(), DrainAction.Undrain, observed: held);
        Assert.Equal((DrainVerdict.Done, new FailoverOrders(held + 1, IsDraining: false, FailoverPin.None)), (undrained.Verdict, undrained.Row.Orders));
        Assert.Equal(DrainVerdict.Done, Step(new DrainRow(), DrainAction.Unpin, observed: held).Verdict);
        Assert.Equal(held + 1, Step(new DrainRow(), DrainAction.Drain, observed: held).Row.OrdersVersion);

        // Asked for again when they have it.
        Assert.Equal(DrainVerdict.Unchanged, Step(undrained.Row, DrainAction.Undrain, observed: held + 1).Verdict);

        // A database from an older copy: the row says that it is drained, and so do newer orders that it does not know.
        DrainRow older = Step(new DrainRow(), DrainAction.Drain).Row;
        Assert.Equal(new FailoverOrders(held + 1, IsDraining: true, FailoverPin.None), Step(older, DrainAction.Drain, observed: held).Row.Orders);
    }

    /// <summary>A database that is lost is no operator's word: what is drained stays so until somebody says otherwise.</summary>
    [Fact]
    public void Orders_of_a_lost_database_stand_until_an_operator_says_something()
    {
        Assert.Equal(FailoverOrders.None, DrainMachine.Step(new DrainRow(), new OrdersWanted(), Start, observed: Second + 500).Row.Orders);
        Assert.Equal(0, Step(new DrainRow(), DrainAction.Drain, observed: Second + 500, edge: "waw2").Row.OrdersVersion);
    }

    [Fact]
    public void A_PoP_that_was_drained_by_older_software_is_told_to_its_announcers()
    {
        var old = new DrainRow { Format = 1, State = DrainState.Draining };
        DrainRow row = DrainMachine.Step(old, new OrdersWanted(), Start).Row;
        Assert.Equal(new FailoverOrders(Second, IsDraining: true, FailoverPin.None), row.Orders);
        Assert.Same(row, DrainMachine.Step(row, new OrdersWanted(), At(1)).Row);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    public void An_announcer_cannot_use_the_numbers_up(long observed)
    {
        Assert.Equal(Second, Step(new DrainRow(), DrainAction.Drain, observed: observed).Row.OrdersVersion);
        Assert.Equal(DrainVerdict.Unchanged, Step(new DrainRow(), DrainAction.Undrain, observed: observed).Verdict);
    }

    [Fact]
    public void A_window_that_begins_and_ends_is_an_order_too()
    {
        var window = new MaintenanceOrder { Pop = "waw", From = At(10), Until = At(20), Who = "ann" };
        DrainRow row = DrainMachine.Step(new DrainRow(), new WindowPlanned(window), Start).Row;
        Assert.Equal(0, row.OrdersVersion);
        row = DrainMachine.Step(row, new TimeCame(), At(10)).Row;
        Assert.Equal(new FailoverOrders(At(10).ToUnixTimeSeconds(), IsDraining: true, FailoverPin.None), row.Orders);
        row = DrainMachine.Step(row, new TimeCame(), At(20)).Row;
        Assert.Equal(new FailoverOrders(At(10).ToUnixTimeSeconds() + 1, IsDraining: false, FailoverPin.None), row.Orders);
    }

    [Fact]
    public void A_pin_changes_no_drain_and_shows_who_set_it_and_why()
    {
        DrainRow row = Step(Step(new DrainRow(), DrainAction.Drain).Row, DrainAction.Pin, FailoverPin.Announced, at: 5).Row;
        PopDrain view = row.View("waw");
        Assert.Equal((DrainState.Draining, Start, "ann"), (view.State, view.Since, view.Who));
        Assert.Equal(new PopPin(FailoverPin.Announced, At(5), "ann", "why"), view.Pin);
        Assert.True(view.IsOut);
        Assert.False(Step(new DrainRow(), DrainAction.Pin, FailoverPin.Announced).Row.View("waw").IsOut);
        Assert.True(Step(new DrainRow(), DrainAction.Pin, FailoverPin.Withdrawn).Row.View("waw").IsOut);
    }
}
