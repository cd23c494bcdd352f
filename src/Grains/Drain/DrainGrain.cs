using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Grains.Events;

namespace OrleansCdn.Grains.Drain;

/// <summary>A shell around <see cref="DrainMachine"/>: what a step gives is written down, and only then told.</summary>
internal sealed partial class DrainGrain(
    [PersistentState("drain", GrainKeys.Storage)] IPersistentState<DrainRow> row, TimeProvider time, EventOutbox events,
    ILogger<DrainGrain> log) : Grain, IDrainGrain
{
    private DrainRow _row = new();
    private string _pop = "";
    private long _observed;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _pop = this.GetPrimaryKeyString();
        _row = row.RecordExists ? row.State : new DrainRow();
        if (_row.Format > DrainRow.CurrentFormat)
        {
            throw new InvalidOperationException(
                $"the stored drain of PoP '{_pop}' has format {_row.Format}, this software reads up to {DrainRow.CurrentFormat}: run the newer software that wrote it");
        }

        return Task.CompletedTask;
    }

    public async Task<DrainOutcome> OrderAsync(DrainOrder order, CancellationToken cancellationToken)
    {
        DrainStep step = await StepAsync(new DrainOrdered(order));
        return new DrainOutcome(step.Verdict, _row.View(_pop), Error: step.Error);
    }

    public async Task<MaintenanceOutcome> PlanAsync(MaintenanceOrder order, CancellationToken cancellationToken) => (await StepAsync(new WindowPlanned(order))).Planning!;

    public async Task<MaintenanceOutcome> RemoveWindowAsync(MaintenanceRemoval removal, CancellationToken cancellationToken) =>
        (await StepAsync(new WindowRemoved(removal))).Planning!;

    public async Task<PopDrain> RunDueAsync(string? refusal, CancellationToken cancellationToken)
    {
        await StepAsync(new TimeCame(refusal));
        return _row.View(_pop);
    }

    public Task<PopDrain> ViewAsync(CancellationToken cancellationToken) => Task.FromResult(_row.View(_pop));

    public Task<ImmutableArray<MaintenanceWindow>> WindowsAsync(CancellationToken cancellationToken) => Task.FromResult(_row.Windows);

    public Task<ImmutableArray<DrainChange>> HistoryAsync(CancellationToken cancellationToken) => Task.FromResult(_row.History);

    public async Task<FailoverOrders> OrdersAsync(long observed, CancellationToken cancellationToken)
    {
        _observed = Math.Max(_observed, observed);
        await StepAsync(new OrdersWanted());
        return _row.Orders;
    }

    private async Task<DrainStep> StepAsync(DrainEvent happening)
    {
        DrainStep step = DrainMachine.Step(_row, happening, time.GetUtcNow(), _observed);
        if (!ReferenceEquals(step.Row, _row))
        {
            row.State = step.Row;
            await row.WriteStateOrReloadAsync(this);
            DrainRow before = _row;
            _row = step.Row;
            foreach (NewEvent happened in DrainTidings.Between(_pop, before, _row))
            {
                LogChanged(_pop, _row.State, _row.Version, happened.What);
                events.Tell(happened);
            }

            if (_row.OrdersVersion != before.OrdersVersion)
            {
                _ = TellAnnouncersAsync(_row.Orders);
            }
        }

        return step;
    }

    /// <summary>What cannot be told is asked for. Does not throw.</summary>
    private async Task TellAnnouncersAsync(FailoverOrders orders)
    {
        try
        {
            await GrainFactory.GetGrain<IFailoverRelayGrain>(_pop).OrderAsync(orders, CancellationToken.None);
        }
        catch (Exception error)
        {
            LogNotTold(_pop, orders.Version, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The announcers of PoP {Pop} could not be told orders {Version}; their relay asks by itself")]
    private partial void LogNotTold(string pop, long version, Exception error);

    [LoggerMessage(Level = LogLevel.Information, Message = "PoP {Pop} is {State} (change {Version}): {What}")]
    private partial void LogChanged(string pop, DrainState state, long version, string what);
}
