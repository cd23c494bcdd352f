using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Grains.Events;

namespace OrleansCdn.Grains.Drain;

/// <summary>A shell around <see cref="DrainMachine"/>: what a step gives is written down, and only then told.</summary>
internal sealed partial class DrainGrain(
    [PersistentState("drain", GrainKeys.Storage)] IPersistentState<DrainRow> row, TimeProvider time, EventOutbox events,
    ILogger<DrainGrain> log) : Grain, IDrainGrain
{
    private DrainRow _row = new();
    private string _pop = "";

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
        DrainStep step = DrainMachine.Step(_row, new DrainOrdered(order), time.GetUtcNow());
        if (!ReferenceEquals(step.Row, _row))
        {
            row.State = step.Row;
            await row.WriteStateOrReloadAsync(this);
            _row = step.Row;
            LogChanged(_pop, _row.State, _row.Version, order.Who);
            events.Tell(Happenings.Drained(_pop, _row.History[^1]));
        }

        return new DrainOutcome(step.Verdict, _row.View(_pop));
    }

    public Task<PopDrain> ViewAsync(CancellationToken cancellationToken) => Task.FromResult(_row.View(_pop));

    public Task<ImmutableArray<DrainChange>> HistoryAsync(CancellationToken cancellationToken) => Task.FromResult(_row.History);

    [LoggerMessage(Level = LogLevel.Information, Message = "PoP {Pop} is {State} (change {Version}, by {Who})")]
    private partial void LogChanged(string pop, DrainState state, long version, string who);
}
