using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Prewarm;

/// <summary>
/// Drives a <see cref="PrewarmJob"/>: carries tasks to the PoPs and results to the job, and writes down how far it is. The
/// URLs and their states are in rows of their own (<see cref="PrewarmRows"/>).
/// </summary>
internal sealed partial class PrewarmJobGrain(
    [PersistentState("prewarm-job", GrainKeys.Storage)] IPersistentState<PrewarmRow> row, TimeProvider time, ILogger<PrewarmJobGrain> log)
    : Grain, IPrewarmJobGrain
{
    /// <summary>Twice the window of an edge in this time is far more than edges of this software fetch.</summary>
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>What was reported within it before a crash is asked again, and the edges answer that they have it.</summary>
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1);

    private readonly SteadyClock _clock = new(time);
    private PrewarmJob? _job;
    private PrewarmOrder? _order;
    private IGrainTimer? _timer;
    private DateTimeOffset _saved;
    private bool _isStarting;
    private string _id = "";

    private PrewarmRows Rows => new(GrainFactory, _id);

    private bool IsOver => row.State.State is PrewarmState.Done or PrewarmState.Partial or PrewarmState.Failed or PrewarmState.Cancelled;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = this.GetPrimaryKeyString();
        return row.RecordExists && row.State.Format > PrewarmRow.CurrentFormat
            ? throw new InvalidOperationException(
                $"the stored prewarm job has format {row.State.Format}, this software reads up to {PrewarmRow.CurrentFormat}: run the newer software that wrote it")
            : Task.CompletedTask;
    }

    public async Task CreateAsync(PrewarmOrder order, CancellationToken cancellationToken)
    {
        if (row.RecordExists)
        {
            return; // it was written, and its caller or the directory not told
        }

        // The row first, and once more when the URLs are there: after a crash between the two it says what is to be cleared.
        row.State = new PrewarmRow
        {
            Order = order with { Urls = [] },
            Urls = order.Urls.Length,
            IsUnplanned = order.Plan is not null,
            IsIncomplete = !order.Urls.IsEmpty,
            When = _clock.Now,
            State = PrewarmState.Waiting,
            Pops =
            [
                .. order.Edges.Where(e => PrewarmJob.IsTarget(order, e)).GroupBy(e => e.Pop).Select(pop => new PrewarmPopState { Pop = pop.Key, Left = pop.Count() * order.Urls.Length }),
            ],
        };
        await row.WriteStateOrReloadAsync(this);
        if (row.State.IsIncomplete)
        {
            await Rows.WriteUrlsAsync(order.Urls, cancellationToken);
            row.State = row.State with { IsIncomplete = false };
            await row.WriteStateOrReloadAsync(this);
        }
    }

    public async Task<PrewarmState?> WakeAsync(bool mayRun, CancellationToken cancellationToken)
    {
        if (row is { RecordExists: true, State.IsIncomplete: true })
        {
            await ClearAsync(cancellationToken);
            return null;
        }

        if (!row.RecordExists)
        {
            DeactivateOnIdle();
            return null;
        }

        if (IsDue && _timer is null && !_isStarting)
        {
            // In a turn of its own, so that its write meets no other.
            _timer = this.RegisterGrainTimer(EndAtDeadlineAsync, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
        else if (_job is null && !_isStarting && (row.State.State == PrewarmState.Running || (mayRun && row.State.State == PrewarmState.Waiting)))
        {
            if (row.State.IsUnplanned)
            {
                // Beside the caller: the edges are asked, which takes seconds.
                _isStarting = true;
                _timer = this.RegisterGrainTimer(PlanAsync, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
                row.State = row.State with { State = PrewarmState.Running };
            }
            else
            {
                await StartAsync(isResumed: row.State.State == PrewarmState.Running || row.State.OriginFetches > 0, cancellationToken);
            }
        }

        if (mayRun && _job is not null && row.State.State == PrewarmState.Waiting)
        {
            row.State = row.State with { State = PrewarmState.Running };
        }

        return row.State.State;
    }

    public Task<PrewarmReply?> StatusAsync(CancellationToken cancellationToken)
    {
        if (!row.RecordExists)
        {
            DeactivateOnIdle();
        }

        return Task.FromResult(Reply());
    }

    public async Task<PrewarmCommandOutcome> CommandAsync(PrewarmCommand command, CancellationToken cancellationToken)
    {
        if (!row.RecordExists || IsOver)
        {
            return new PrewarmCommandOutcome(Reply(), false);
        }

        PrewarmState state = command switch
        {
            PrewarmCommand.Cancel => PrewarmState.Cancelled,
            PrewarmCommand.Pause => PrewarmState.Paused,
            _ => row.State.State == PrewarmState.Paused ? PrewarmState.Waiting : row.State.State,
        };
        if (state == PrewarmState.Cancelled)
        {
            await EndAsync(state);
        }
        else
        {
            row.State = row.State with { State = state };
            await SaveAsync();
        }

        return new PrewarmCommandOutcome(Reply(), true);
    }

    public Task ReportAsync(PrewarmEdge edge, EdgePrewarmed results, CancellationToken cancellationToken)
    {
        if (!row.RecordExists)
        {
            DeactivateOnIdle();
            return Task.CompletedTask;
        }

        int index = _order?.Edges.IndexOf(edge) ?? -1;
        foreach (PrewarmResult result in index < 0 ? [] : results.Results.Take(PrewarmBatch.MaxTasks))
        {
            _job?.Step(new PrewarmEvent.Reported(index, result), _clock.Now);
        }

        return Task.CompletedTask;
    }

    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        Stop();
        if (row.RecordExists)
        {
            await Rows.ClearAsync(row.State.Urls, cancellationToken);
            await row.ClearStateAsync(cancellationToken);
        }

        DeactivateOnIdle();
    }

    /// <summary>Once: what was found is durable before anything is fetched.</summary>
    private async Task PlanAsync(CancellationToken cancellationToken)
    {
        IGrainTimer? planning = _timer;
        try
        {
            PrewarmOrder order = row.State.Order!;
            (ImmutableArray<string> urls, byte[][] cells) = await new PrewarmPlanner(GrainFactory, time).PlanAsync(order, cancellationToken);
            if (row.State.State != PrewarmState.Running)
            {
                return; // a command came meanwhile
            }

            await Rows.WriteUrlsAsync(urls, cancellationToken);
            await Rows.WriteCellsAsync(cells, urls.Length);
            row.State = row.State with { Urls = urls.Length, IsUnplanned = false };
            await row.WriteStateOrReloadAsync(this);
            await StartAsync(isResumed: false, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogFailed(_id, error);
            DeactivateOnIdle();
        }
        finally
        {
            _isStarting = false;
            planning?.Dispose();
            _timer = _timer == planning ? null : _timer;
        }
    }

    /// <summary>At its deadline a job ends wherever it is, also while it waits or is held.</summary>
    private bool IsDue => !IsOver && row.State.Order!.Deadline is { } deadline && _clock.Now >= deadline;

    private async Task EndAtDeadlineAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (IsDue)
            {
                bool hasAny = (_job?.Pops ?? row.State.Pops).Any(p => p.Stored + p.Fresh > 0);
                await EndAsync(hasAny ? PrewarmState.Partial : PrewarmState.Failed);
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogFailed(_id, error);
            DeactivateOnIdle();
        }
    }

    private async Task StartAsync(bool isResumed, CancellationToken cancellationToken)
    {
        _isStarting = true;
        try
        {
            (ImmutableArray<string> urls, byte[][] cells) = await Rows.ReadAsync(row.State.Urls, row.State.Order!.Edges.Length, cancellationToken);
            if (IsOver || row.State.State == PrewarmState.Paused)
            {
                return; // a command came meanwhile
            }

            _order = row.State.Order! with { Urls = urls };
            _job = new PrewarmJob(_order, cells, row.State.Failures, _clock.Now, isResumed)
            {
                OriginFetches = row.State.OriginFetches,
                PeerFetches = row.State.PeerFetches,
                Bytes = row.State.Bytes,
            };
            _timer = this.RegisterGrainTimer(TickAsync, TickInterval, TickInterval);
            (string site, int edges) = (_order.Site, _order.Edges.Length);
            LogStarted(_id, site, urls.Length, edges);
        }
        finally
        {
            _isStarting = false;
        }
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        if (_job is not { } job)
        {
            return;
        }

        try
        {
            if (IsDue)
            {
                await EndAtDeadlineAsync(cancellationToken);
                return;
            }

            if (row.State.State == PrewarmState.Running)
            {
                await GiveOutAsync(job, cancellationToken);
                if (job.Verdict(_clock.Now) is { } verdict)
                {
                    await EndAsync(verdict);
                    return;
                }
            }

            if (job.HasChanged && _clock.Now - _saved >= SaveInterval)
            {
                await SaveAsync();
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // What is durable is known again after the next wake.
            LogFailed(_id, error);
            Stop();
            DeactivateOnIdle();
        }
    }

    private async Task GiveOutAsync(PrewarmJob job, CancellationToken cancellationToken)
    {
        for (int i = 0; i < _order!.Edges.Length; i++)
        {
            await AskAsync(job, i, null, cancellationToken);
        }

        PurgeCursor cursor = await GrainFactory.GetGrain<IPurgeLogGrain>(GrainKeys.Cluster).EndAsync(cancellationToken);
        foreach (PrewarmDispatch dispatch in job.Step(new PrewarmEvent.Tick(), _clock.Now))
        {
            var batch = new PrewarmBatch
            {
                Job = _id,
                Site = _order.Site,
                Cursor = cursor,
                Encodings = _order.Encodings,
                Tasks = dispatch.Tasks,
            };
            if (!await AskAsync(job, dispatch.Edge, batch, cancellationToken))
            {
                job.Step(new PrewarmEvent.Returned(dispatch.Edge, dispatch.Tasks), _clock.Now);
            }
        }
    }

    /// <summary>True when the batch is on its way.</summary>
    private async Task<bool> AskAsync(PrewarmJob job, int edge, PrewarmBatch? batch, CancellationToken cancellationToken)
    {
        PrewarmEdge name = _order!.Edges[edge];
        PopPrewarmAnswer answer;
        try
        {
            answer = await GrainFactory.GetGrain<IPopGrain>(name.Pop).PrewarmAsync(new PopPrewarm(name.Edge, job.ConnectionOf(edge), batch), cancellationToken);
        }
        catch (Exception error) when (error is TimeoutException or OrleansException)
        {
            answer = new PopPrewarmAnswer(null, false);
        }

        job.Step(new PrewarmEvent.Connected(edge, answer.Connection), _clock.Now);
        return answer.IsTaken;
    }

    private async Task EndAsync(PrewarmState state)
    {
        row.State = row.State with { State = state };
        await SaveAsync();
        Stop();
        await Rows.ClearAsync(row.State.Urls, CancellationToken.None);
        (long origin, long peers) = (row.State.OriginFetches, row.State.PeerFetches);
        LogEnded(_id, state, origin, peers);
    }

    private void Stop()
    {
        _timer?.Dispose();
        (_timer, _job, _order) = (null, null, null);
    }

    /// <summary>First what the URLs' states are, then the sums: a crash between them counts too little, and repeats nothing.</summary>
    private async Task SaveAsync()
    {
        _saved = _clock.Now;
        if (_job is { } job)
        {
            await Rows.WriteCellsAsync(job, _order!.Edges.Length, row.State.Urls);
            row.State = row.State with
            {
                OriginFetches = job.OriginFetches,
                PeerFetches = job.PeerFetches,
                Bytes = job.Bytes,
                Pops = job.Pops,
                Failures = job.Failures,
            };
        }

        await row.WriteStateOrReloadAsync(this);
    }

    private PrewarmReply? Reply() => !row.RecordExists ? null : new PrewarmReply
    {
        Id = _id,
        Site = row.State.Order!.Site,
        Source = row.State.Order.Source,
        State = row.State.State,
        When = row.State.When,
        Who = row.State.Order.Who,
        From = row.State.Order.From,
        Deadline = row.State.Order.Deadline,
        Urls = row.State.Urls,
        Pops = _job?.Pops ?? row.State.Pops,
        RequestsPerSecond = row.State.Order.RequestsPerSecond,
        BytesPerSecond = row.State.Order.BytesPerSecond,
        Pace = Math.Round(_job?.Pace ?? row.State.Order.RequestsPerSecond, 2),
        OriginFetches = _job?.OriginFetches ?? row.State.OriginFetches,
        PeerFetches = _job?.PeerFetches ?? row.State.PeerFetches,
        Bytes = _job?.Bytes ?? row.State.Bytes,
        Failures = _job?.Failures ?? row.State.Failures,
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "Prewarm {Id} of site {Site} goes on: {Urls} URLs, {Edges} edges")]
    private partial void LogStarted(string id, string site, int urls, int edges);

    [LoggerMessage(Level = LogLevel.Information, Message = "Prewarm {Id} is {State}: {OriginFetches} fetches from the origin, {PeerFetches} between edges")]
    private partial void LogEnded(string id, PrewarmState state, long originFetches, long peerFetches);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Prewarm {Id} could not go on; it begins again where it was written down")]
    private partial void LogFailed(string id, Exception error);
}
