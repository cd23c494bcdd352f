using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.Routing;

/// <summary>
/// One change at a time: found out whom it concerns, tried at each, looked at as a whole (<see cref="LastPath"/>), then done at each.
/// A change that breaks off in the middle is completed by the same request again.
/// </summary>
internal sealed partial class RouteDeskGrain(TimeProvider time, ILogger<RouteDeskGrain> log) : Grain, IRouteDeskGrain
{
    /// <summary>How often all upstreams are asked for their schedules; what goes through here is known at once.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(10);

    private readonly SteadyClock _clock = new(time);
    private ConfigSnapshot? _config;
    private DateTimeOffset _lookAt = DateTimeOffset.MinValue;
    private DateTimeOffset? _nextDue;

    public async Task<RouteOutcome> ChangeAsync(RouteOrder order, CancellationToken cancellationToken)
    {
        RouteChangeRequest request = order.Request;
        if (await ConfigAsync(cancellationToken) is not { } config)
        {
            return NoConfig;
        }

        (ImmutableArray<RouteTarget> targets, string? error) = RouteTargets.Of(request, config.Config);
        if (error is not null)
        {
            return new RouteOutcome { Verdict = RouteVerdict.Invalid, Errors = [error] };
        }

        var changes = targets.Select(target => (target.Pop, target.Upstream.Id, Change: new UpstreamChange
        {
            Set = target.Set,
            Author = order.Author,
            From = request.From,
            Until = request.Until,
            ExpectedVersion = (request.Expected ?? []).FirstOrDefault(e => e.Pop == target.Pop && e.Upstream == target.Upstream.Id)?.Version,
        })).ToArray();
        return await ChangeAsync(config, changes, request.DryRun, isLater: request.From > time.GetUtcNow(), cancellationToken);
    }

    public async Task<RouteOutcome> RollbackAsync(RouteRollbackOrder order, CancellationToken cancellationToken)
    {
        if (await ConfigAsync(cancellationToken) is not { } config)
        {
            return NoConfig;
        }

        if (!Has(config, order.Pop, order.Upstream))
        {
            return Unknown(order.Pop, order.Upstream);
        }

        var change = new UpstreamChange { RollbackTo = order.Request.Version, Author = order.Author, ExpectedVersion = order.Request.ExpectedVersion };
        return await ChangeAsync(config, [(order.Pop, order.Upstream, change)], order.Request.DryRun, isLater: false, cancellationToken);
    }

    public async Task<RouteOutcome> CancelScheduleAsync(ScheduleCancelOrder order, CancellationToken cancellationToken)
    {
        if (await ConfigAsync(cancellationToken) is not { } config)
        {
            return NoConfig;
        }

        if (!Has(config, order.Pop, order.Upstream))
        {
            return Unknown(order.Pop, order.Upstream);
        }

        IUpstreamGrain upstream = Upstream(order.Pop, order.Upstream);
        return await GuardedAsync(
            config,
            [(order.Pop, order.Upstream, (isDryRun, token) => upstream.CancelScheduleAsync(new ScheduleCancel(order.Id, isDryRun, order.Author), token))],
            isDryRun: false,
            order.Author.Force,
            cancellationToken);
    }

    public async Task WakeAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (_clock.Now < _lookAt && !(_nextDue <= now))
        {
            return;
        }

        if (await ConfigAsync(cancellationToken) is not { } config)
        {
            return;
        }

        DateTimeOffset? next = null;
        foreach (PopConfig pop in config.Config.Pops)
        {
            foreach (UpstreamConfig upstream in pop.Upstreams)
            {
                next = Earlier(next, await RunDueAsync(config, pop.Id, upstream.Id, now, cancellationToken));
            }
        }

        (_nextDue, _lookAt) = (next, _clock.Now + LookInterval);
    }

    /// <summary>What fails at one upstream holds up no other.</summary>
    /// <returns>When something is due next there.</returns>
    private async Task<DateTimeOffset?> RunDueAsync(ConfigSnapshot config, string pop, string upstream, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            UpstreamView view = await Upstream(pop, upstream).ViewAsync(cancellationToken);
            ImmutableArray<RouteSchedule> due = RouteSchedules.DueNow(view.Schedules, now);
            foreach (RouteSchedule schedule in due)
            {
                await RunAsync(config, pop, upstream, schedule, cancellationToken);
            }

            return RouteSchedules.NextDue(due.IsEmpty ? view.Schedules : (await Upstream(pop, upstream).ViewAsync(cancellationToken)).Schedules);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogScheduleFailed(pop, upstream, error);
            return null;
        }
    }

    private async Task RunAsync(ConfigSnapshot config, string pop, string upstream, RouteSchedule schedule, CancellationToken cancellationToken)
    {
        IUpstreamGrain grain = Upstream(pop, upstream);
        RouteOutcome outcome = await GuardedAsync(
            config,
            [(pop, upstream, (isDryRun, token) => grain.RunScheduleAsync(new ScheduleRun(schedule.Id, isDryRun), token))],
            isDryRun: false,
            schedule.Author.Force,
            cancellationToken);
        if (outcome.Verdict != RouteVerdict.Done)
        {
            await grain.RefuseScheduleAsync(schedule.Id, string.Join("; ", outcome.Errors), cancellationToken);
        }
    }

    private async Task<RouteOutcome> ChangeAsync(
        ConfigSnapshot config, (string Pop, string Upstream, UpstreamChange Change)[] changes, bool isDryRun, bool isLater, CancellationToken cancellationToken)
    {
        RouteOutcome outcome = await GuardedAsync(
            config,
            [
                .. changes.Select(c => (c.Pop, c.Upstream, (Func<bool, CancellationToken, Task<UpstreamOutcome>>)((dryRun, token) =>
                    Upstream(c.Pop, c.Upstream).ChangeAsync(c.Change with { DryRun = dryRun }, token)))),
            ],
            isDryRun,
            changes.Any(c => c.Change.Author.Force) || isLater,
            cancellationToken);
        _nextDue = changes.Aggregate(_nextDue, (due, c) => Earlier(Earlier(due, c.Change.From), c.Change.Until));
        return outcome;
    }

    /// <summary>Tries at each, looks at the whole, then does it at each.</summary>
    private async Task<RouteOutcome> GuardedAsync(
        ConfigSnapshot config,
        ImmutableArray<(string Pop, string Upstream, Func<bool, CancellationToken, Task<UpstreamOutcome>> Do)> steps,
        bool isDryRun,
        bool mayTakeLastPath,
        CancellationToken cancellationToken)
    {
        UpstreamOutcome[] tried = await Task.WhenAll(steps.Select(s => s.Do(true, cancellationToken)));
        var errors = steps.Zip(tried).Where(t => !t.Second.Errors.IsEmpty).ToArray();
        if (errors.Length > 0)
        {
            return new RouteOutcome
            {
                Verdict = Verdict(errors[0].Second.Verdict),
                Errors = [.. errors.SelectMany(t => t.Second.Errors.Select(e => $"{t.First.Pop}/{t.First.Upstream}: {e}"))],
            };
        }

        ImmutableArray<string> lost = mayTakeLastPath ? [] : await LostAsync(config, steps.Select(s => $"{s.Pop}/{s.Upstream}").Zip(tried), cancellationToken);
        if (!lost.IsEmpty)
        {
            LogLastPath(string.Join("; ", lost));
            return new RouteOutcome { Verdict = RouteVerdict.LastPath, Errors = lost };
        }

        var done = ImmutableArray.CreateBuilder<RouteChangeAt>();
        foreach (((string pop, string upstream, var perform), UpstreamOutcome trial) in steps.Zip(tried))
        {
            UpstreamOutcome outcome = isDryRun ? trial : await perform(false, cancellationToken);
            if (!outcome.Errors.IsEmpty)
            {
                // Possible a moment ago: the config has changed meanwhile.
                IEnumerable<string> before = done.Count == 0 ? [] : [$"done already at {string.Join(", ", done.Select(d => $"{d.Pop}/{d.Upstream}"))}"];
                return new RouteOutcome { Verdict = Verdict(outcome.Verdict), Errors = [.. outcome.Errors.Select(e => $"{pop}/{upstream}: {e}"), .. before] };
            }

            UpstreamView view = await Upstream(pop, upstream).ViewAsync(cancellationToken);
            done.Add(new RouteChangeAt
            {
                Pop = pop,
                Upstream = upstream,
                State = outcome.Verdict switch
                {
                    UpstreamVerdict.Applied => RouteChangeState.Applied,
                    UpstreamVerdict.Scheduled => RouteChangeState.Scheduled,
                    UpstreamVerdict.DryRun => RouteChangeState.DryRun,
                    _ => RouteChangeState.Unchanged,
                },
                Version = outcome.Version,
                Revision = view.Desired?.Revision ?? 0,
                // What was before is known before alone.
                Preview = trial.Preview!,
            });
        }

        return new RouteOutcome { Verdict = RouteVerdict.Done, Reply = new RouteChangeReply { DryRun = isDryRun, Upstreams = done.ToImmutable() } };
    }

    private async Task<ImmutableArray<string>> LostAsync(
        ConfigSnapshot config, IEnumerable<(string Name, UpstreamOutcome Trial)> changes, CancellationToken cancellationToken)
    {
        var after = changes.ToDictionary(
            c => c.Name, c => (ImmutableHashSet<IPNetwork>)[.. c.Trial.Preview!.After.Where(r => r.Announced).Select(r => r.Prefix)]);
        var position = new ConfigPosition(config.Epoch, config.Version);
        IEnumerable<Task<RoutePath[]>> reading = config.Config.Pops.Where(p => p.Upstreams.Length > 0).Select(async pop =>
        {
            PopRoutes observed = await GrainFactory.GetGrain<IPopRoutesGrain>(pop.Id).ViewAsync(cancellationToken);
            return await Task.WhenAll(pop.Upstreams.Select(async upstream =>
            {
                // Asked itself: what a PoP has been told of may be older.
                UpstreamView view = await Upstream(pop.Id, upstream.Id).SyncAsync(new UpstreamSync(position, 0), cancellationToken);
                return RoutePath.Of(pop.Id, upstream.Id, view.Desired, observed);
            }));
        });
        RoutePath[][] paths = await Task.WhenAll(reading);
        return LastPath.Lost([.. paths.SelectMany(p => p)], after);
    }

    private async Task<ConfigSnapshot?> ConfigAsync(CancellationToken cancellationToken)
    {
        IConfigGrain config = GrainFactory.GetGrain<IConfigGrain>(GrainKeys.Cluster);
        ConfigPosition position = await config.PositionAsync(cancellationToken);
        if (_config is not { } known || known.Epoch != position.Epoch || known.Version != position.Version)
        {
            _config = await config.CurrentAsync(cancellationToken);
        }

        return _config;
    }

    private IUpstreamGrain Upstream(string pop, string upstream) => GrainFactory.GetGrain<IUpstreamGrain>(GrainKeys.Upstream(pop, upstream));

    private static bool Has(ConfigSnapshot config, string pop, string upstream) =>
        config.Config.FindPop(pop)?.Upstreams.Any(u => u.Id == upstream) == true;

    private static RouteVerdict Verdict(UpstreamVerdict verdict) => verdict switch
    {
        UpstreamVerdict.Conflict => RouteVerdict.Conflict,
        UpstreamVerdict.UnknownVersion or UpstreamVerdict.UnknownSchedule or UpstreamVerdict.NotConfigured => RouteVerdict.Unknown,
        _ => RouteVerdict.Invalid,
    };

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null ? other : other is null || one < other ? one : other;

    private static RouteOutcome NoConfig => new() { Verdict = RouteVerdict.NoConfig, Errors = ["no config is in force: apply one first"] };

    private static RouteOutcome Unknown(string pop, string upstream) =>
        new() { Verdict = RouteVerdict.Unknown, Errors = [$"there is no upstream '{pop}/{upstream}' in the config in force"] };

    [LoggerMessage(Level = LogLevel.Warning, Message = "A route change is refused: {Lost}")]
    private partial void LogLastPath(string lost);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Schedules of upstream {Pop}/{Upstream} could not be run; they are tried again")]
    private partial void LogScheduleFailed(string pop, string upstream, Exception error);
}
