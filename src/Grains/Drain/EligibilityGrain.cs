using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains.Events;

namespace OrleansCdn.Grains.Drain;

/// <summary>
/// A shell around <see cref="EligibilityBoard"/>: what it decides is written down, and only then told. Decisions are made in orders and ticks,
/// which the engine runs one after the other; a sighting is noted in between. It compares itself with config and drains at each tick.
/// </summary>
internal sealed partial class EligibilityGrain : Grain, IEligibilityGrain
{
    private const string NoConfig = "no config is in force: apply one first";

    /// <summary>Edges are weighed over ten seconds and more; those that are silent were asked three times at this pace.</summary>
    private static readonly TimeSpan DecideEvery = TimeSpan.FromSeconds(1);

    private readonly IPersistentState<EligibilityRow> _stored;
    private readonly TimeProvider _time;
    private readonly SteadyClock _clock;
    private readonly EventOutbox _events;
    private readonly ILogger<EligibilityGrain> _log;
    private readonly PushGroup _push;
    private readonly HashSet<string> _waking = [];
    private readonly EligibilityBoard _board = new();
    private EligibilityRow _row = new();
    private ConfigPosition? _config;
    private ImmutableArray<string> _pops = [];
    private ImmutableArray<PopConfig> _configured = [];

    public EligibilityGrain(
        [PersistentState("eligibility", GrainKeys.Storage)] IPersistentState<EligibilityRow> row, TimeProvider time, EventOutbox events,
        ILogger<EligibilityGrain> log)
    {
        (_stored, _time, _events, _log) = (row, time, events, log);
        _clock = new SteadyClock(time);
        _push = new PushGroup(PushAsync, time);
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _row = _stored.RecordExists ? _stored.State : new EligibilityRow();
        if (_row.Format > EligibilityRow.CurrentFormat)
        {
            throw new InvalidOperationException(
                $"the stored eligibility of PoPs has format {_row.Format}, this software reads up to {EligibilityRow.CurrentFormat}: run the newer software that wrote it");
        }

        this.RegisterGrainTimer(TickAsync, TimeSpan.Zero, DecideEvery);
        return Task.CompletedTask;
    }

    public async Task<DrainOutcome> OrderAsync(DrainOrder order, CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken);
        if (_config is null)
        {
            return new DrainOutcome(DrainVerdict.NoConfig, Error: NoConfig);
        }

        if (!_board.Knows(order.Pop))
        {
            return new DrainOutcome(DrainVerdict.UnknownPop, Error: UnknownPop(order.Pop));
        }

        await DecideAsync();
        IDrainGrain drain = GrainFactory.GetGrain<IDrainGrain>(order.Pop);
        PopDrain before = await drain.ViewAsync(cancellationToken);
        if (order.Edge is { } edge)
        {
            string[] edges = [.. _configured.First(pop => pop.Id == order.Pop).Edges.Select(known => known.Name)];
            if (!edges.Contains(edge) && !before.Edges.Any(known => known.Edge == edge))
            {
                return new DrainOutcome(
                    DrainVerdict.UnknownEdge, Error: $"PoP '{order.Pop}' has no edge '{edge}' in the config in force, it has {QuotedNames.Of(edges)}");
            }

            if (order is { Action: DrainAction.Drain, Force: false } && before.State == DrainState.InService && !before.Edges.Any(known => known.Edge == edge)
                && !_board.ServingWithout(order.Pop, edge, _clock.Now).Any())
            {
                return new DrainOutcome(
                    DrainVerdict.LastEdge,
                    Error: $"no other edge of PoP '{order.Pop}' is known to serve: its visitors would have nowhere to go. Drain the whole PoP instead ('cdn drain {order.Pop}')");
            }
        }
        else if (order is { TakesOut: true, Force: false } && !before.IsOut && NotWithout(order.Pop) is { } alone)
        {
            return new DrainOutcome(DrainVerdict.LastPop, Error: $"{alone}: without any, DNS answers as if all were, and '{order.Pop}' goes on to get visitors");
        }

        DrainOutcome outcome = await drain.OrderAsync(order, cancellationToken);
        _board.Take(outcome.Drain!);
        await DecideAsync();
        return outcome with { Epoch = _row.Epoch };
    }

    public async Task<MaintenanceOutcome> PlanAsync(MaintenanceOrder order, CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken);
        if (_config is null)
        {
            return new MaintenanceOutcome(MaintenanceVerdict.NoConfig, Error: NoConfig);
        }

        if (!_board.Knows(order.Pop))
        {
            return new MaintenanceOutcome(MaintenanceVerdict.UnknownPop, Error: UnknownPop(order.Pop));
        }

        ImmutableArray<MaintenanceWindow> windows = await WindowsAsync(cancellationToken);
        MaintenanceWindow? other = windows.FirstOrDefault(window => !window.IsOver && window.Pop != order.Pop && DrainTimes.Overlap(window, order.From, order.Until));
        if (other is not null && !order.Force)
        {
            return new MaintenanceOutcome(
                MaintenanceVerdict.Overlaps, Error: $"window '{other.Id}' of PoP '{other.Pop}' overlaps it, and PoPs are drained one at a time: choose another time");
        }

        return await GrainFactory.GetGrain<IDrainGrain>(order.Pop).PlanAsync(order, cancellationToken);
    }

    public async Task<MaintenanceOutcome> RemoveWindowAsync(MaintenanceRemoval removal, CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken);
        string? pop = (await WindowsAsync(cancellationToken)).FirstOrDefault(window => window.Id == removal.Id)?.Pop;
        if (pop is null)
        {
            return new MaintenanceOutcome(MaintenanceVerdict.UnknownWindow, Error: $"there is no window '{removal.Id}': it is forgotten, or was never");
        }

        IDrainGrain drain = GrainFactory.GetGrain<IDrainGrain>(pop);
        MaintenanceOutcome outcome = await drain.RemoveWindowAsync(removal, cancellationToken);
        _board.Take(await drain.ViewAsync(cancellationToken));
        await DecideAsync();
        return outcome;
    }

    public async Task<ImmutableArray<MaintenanceWindow>> WindowsAsync(CancellationToken cancellationToken)
    {
        if (_config is null)
        {
            await RefreshAsync(cancellationToken);
        }

        return [.. (await Task.WhenAll(_pops.Select(pop => GrainFactory.GetGrain<IDrainGrain>(pop).WindowsAsync(cancellationToken)))).SelectMany(windows => windows)];
    }

    /// <summary>Being called is all that it takes: the timer does the rest.</summary>
    public Task WakeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<Eligibility> SyncAsync(PopSighting sighting, CancellationToken cancellationToken)
    {
        _board.Take(sighting, _clock.Now);
        _push.Join(sighting.Pop);
        return Task.FromResult(_row.ForEdges());
    }

    public Task SeeAnnouncersAsync(AnnouncersSighting sighting, CancellationToken cancellationToken)
    {
        _board.Take(sighting, _clock.Now);
        return Task.CompletedTask;
    }

    public Task<Eligibility> ViewAsync(CancellationToken cancellationToken) => Task.FromResult(_row.View());

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RefreshAsync(cancellationToken);
            foreach (string pop in _board.Unheard(_clock.Now))
            {
                _ = WakeAsync(pop);
            }

            await DecideAsync();
            if (await RunDueAsync(cancellationToken))
            {
                await DecideAsync();
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogNotDecided(error);
        }
    }

    /// <summary>PoPs that come back are first, so that the one after them may go.</summary>
    /// <returns>Whether anything was due.</returns>
    private async Task<bool> RunDueAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = _time.GetUtcNow();
        ImmutableArray<string> due = _board.Due(now);
        foreach (string pop in due)
        {
            _board.Take(await GrainFactory.GetGrain<IDrainGrain>(pop).RunDueAsync(NotWithout(pop), cancellationToken));
        }

        return !due.IsEmpty;
    }

    /// <summary>Why a PoP is not drained without a word more; null: others are in service.</summary>
    private string? NotWithout(string pop)
    {
        if (_board.InServiceWithout(pop).Any())
        {
            return null;
        }

        string others = string.Join(", ", _row.Pops.Where(other => other.Pop != pop).Select(other => $"{other.Pop}: {Name(other.State)}"));
        return $"no other PoP is in service{(others.Length == 0 ? "" : $" ({others})")}";
    }

    private string UnknownPop(string pop) => $"there is no PoP '{pop}' in the config in force, which has {QuotedNames.Of(_pops)}";

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        IConfigGrain config = GrainFactory.GetGrain<IConfigGrain>(GrainKeys.Cluster);
        ConfigPosition position = await config.PositionAsync(cancellationToken);
        if (position.Version > 0 && position != _config && await config.CurrentAsync(cancellationToken) is { } snapshot)
        {
            _configured = [.. snapshot.Config.Pops.Take(Eligibility.MaxPops)];
            _pops = [.. _configured.Select(pop => pop.Id)];
            _board.Configure(_pops, _row, _configured.Where(pop => pop.Announces).Select(pop => pop.Id).ToHashSet());
            _config = new ConfigPosition(snapshot.Epoch, snapshot.Version);
        }

        foreach (PopDrain drain in await Task.WhenAll(_pops.Select(pop => GrainFactory.GetGrain<IDrainGrain>(pop).ViewAsync(cancellationToken))))
        {
            _board.Take(drain);
        }
    }

    /// <summary>Not beside itself: orders and ticks wait for each other.</summary>
    private async Task DecideAsync()
    {
        if (_config is null)
        {
            return;
        }

        DateTimeOffset clock = _time.GetUtcNow();
        EligibilityRow next = _row.With(_board.Decide(_row, _clock.Now, clock), _board.Observed, clock, _board.DrainedEdges);
        if (ReferenceEquals(next, _row))
        {
            return;
        }

        _stored.State = next;
        await _stored.WriteStateOrReloadAsync(this);
        foreach (PopEligibility pop in next.Pops)
        {
            if (_row.Find(pop.Pop)?.State is var before && before != pop.State)
            {
                LogDecided(pop.Pop, pop.State, next.Epoch, pop.Detail);
                _events.Tell(Happenings.Decided(pop, next.Epoch));
            }
        }

        _row = next;
        _push.Notify();
    }

    /// <summary>A PoP of which no edge has come since its silo went has no grain that would say so. Does not throw.</summary>
    private async Task WakeAsync(string pop)
    {
        if (_waking.Add(pop))
        {
            await PushAsync(pop);
            _waking.Remove(pop);
        }
    }

    private async Task PushAsync(string pop)
    {
        try
        {
            await GrainFactory.GetGrain<IPopGrain>(pop).EligibilityChangedAsync(_row.ForEdges(), CancellationToken.None);
        }
        catch (Exception error)
        {
            LogNotPushed(pop, error);
        }
    }

    private static string Name(EligibilityState state) => state switch
    {
        EligibilityState.InService => "in service",
        EligibilityState.Draining => "draining",
        EligibilityState.WantsOut => "wants no visitors",
        EligibilityState.Withdrawn => "withdrawn",
        _ => "gone",
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "PoP {Pop} is {State} for DNS (epoch {Epoch}): {Detail}")]
    private partial void LogDecided(string pop, EligibilityState state, long epoch, string? detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Which PoPs are eligible could not be decided anew; what was decided stays, and it is tried again")]
    private partial void LogNotDecided(Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PoP {Pop} could not be told which PoPs are eligible; it asks by itself")]
    private partial void LogNotPushed(string pop, Exception error);
}
