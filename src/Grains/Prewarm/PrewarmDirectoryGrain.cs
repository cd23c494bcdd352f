using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Prewarm;

/// <summary>Which jobs there are. One at a time runs for each site and lane, so that the pace of a job is the pace of its origin.</summary>
internal sealed partial class PrewarmDirectoryGrain(
    [PersistentState("prewarm-directory", GrainKeys.Storage)] IPersistentState<PrewarmDirectoryRow> row, ILogger<PrewarmDirectoryGrain> log)
    : Grain, IPrewarmDirectoryGrain
{
    /// <summary>Jobs that are not over: each has its URLs in memory while it runs or is paused.</summary>
    private const int MaxUnfinished = 16;

    /// <summary>Of the other lanes, each: they have no URLs before it is their turn.</summary>
    private const int MaxUnplanned = 64;

    /// <summary>Jobs of each lane that can be asked for; those that are over longest go first.</summary>
    private const int MaxJobs = 100;

    public async Task<PrewarmCreated> CreateAsync(PrewarmOrder order, CancellationToken cancellationToken)
    {
        string id = order.Id ?? Guid.NewGuid().ToString("N");
        if (row.State.Jobs.Any(j => j.Id == id))
        {
            return new PrewarmCreated(id);
        }

        if (row.State.Jobs.Count(j => !j.IsOver && j.Lane == order.Lane) >= (order.Lane == PrewarmLane.Ordinary ? MaxUnfinished : MaxUnplanned))
        {
            return new PrewarmCreated(null);
        }

        // The entry first: one without a job is dropped when it is woken, a job without one would never run and never be forgotten.
        row.State = row.State with { Jobs = row.State.Jobs.Add(new PrewarmEntry(id, order.Site, false, order.Lane)) };
        await row.WriteStateOrReloadAsync(this);
        await Job(id).CreateAsync(order, cancellationToken);
        await WakeAsync(cancellationToken);
        return new PrewarmCreated(id);
    }

    public async Task WakeAsync(CancellationToken cancellationToken)
    {
        PrewarmDirectoryRow before = row.State;
        var states = new Dictionary<string, PrewarmState>();
        foreach (PrewarmEntry entry in row.State.Jobs.Where(j => !j.IsOver).ToList())
        {
            await WakeAsync(entry, mayRun: false, states, cancellationToken);
        }

        foreach (PrewarmEntry entry in row.State.Jobs.Where(j => states.GetValueOrDefault(j.Id) == PrewarmState.Waiting && states.ContainsKey(j.Id)).ToList())
        {
            bool isFree = !row.State.Jobs.Any(j => j.Site == entry.Site && j.Lane == entry.Lane && states.TryGetValue(j.Id, out PrewarmState state) && state == PrewarmState.Running);
            if (isFree)
            {
                await WakeAsync(entry, mayRun: true, states, cancellationToken);
            }
        }

        await DropOldAsync(cancellationToken);
        if (before != row.State)
        {
            await row.WriteStateOrReloadAsync(this);
        }
    }

    public Task<string[]> ListAsync(CancellationToken cancellationToken) => Task.FromResult(row.State.Jobs.Reverse().Select(j => j.Id).ToArray());

    /// <summary>A job that fails to wake holds up no other.</summary>
    private async Task WakeAsync(PrewarmEntry entry, bool mayRun, Dictionary<string, PrewarmState> states, CancellationToken cancellationToken)
    {
        PrewarmState? state;
        try
        {
            state = await Job(entry.Id).WakeAsync(mayRun, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogNotWoken(entry.Id, error);
            return;
        }

        if (state is null)
        {
            row.State = row.State with { Jobs = row.State.Jobs.Remove(entry) };
        }
        else if (state is PrewarmState.Done or PrewarmState.Partial or PrewarmState.Failed or PrewarmState.Cancelled)
        {
            row.State = row.State with { Jobs = row.State.Jobs.Replace(entry, entry with { IsOver = true }) };
        }
        else
        {
            states[entry.Id] = state.Value;
        }
    }

    private async Task DropOldAsync(CancellationToken cancellationToken)
    {
        foreach (PrewarmLane lane in Enum.GetValues<PrewarmLane>())
        {
            while (row.State.Jobs.Count(j => j.Lane == lane) > MaxJobs && row.State.Jobs.FirstOrDefault(j => j.IsOver && j.Lane == lane) is { } oldest)
            {
                await Job(oldest.Id).ClearAsync(cancellationToken);
                row.State = row.State with { Jobs = row.State.Jobs.Remove(oldest) };
            }
        }
    }

    private IPrewarmJobGrain Job(string id) => GrainFactory.GetGrain<IPrewarmJobGrain>(id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Prewarm {Id} could not be woken; it is tried again")]
    private partial void LogNotWoken(string id, Exception error);
}
