using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Grains.Events;

namespace OrleansCdn.Grains.Routing;

/// <summary>
/// A shell around <see cref="UpstreamIntent"/>: what a step gives is compiled, written down, and only then told. A state is never
/// given out under a revision that is not durable.
/// </summary>
internal sealed partial class UpstreamGrain(
    [PersistentState("upstream", GrainKeys.Storage)] IPersistentState<UpstreamRow> row, TimeProvider time, EventOutbox events,
    ILogger<UpstreamGrain> log)
    : Grain, IUpstreamGrain
{
    private UpstreamRow _row = new();
    private ConfigSnapshot? _config;
    private CompiledUpstream? _compiled;
    private string _pop = "";
    private string _upstream = "";
    private long _observedRevision;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        string key = this.GetPrimaryKeyString();
        int slash = key.IndexOf('/', StringComparison.Ordinal);
        (_pop, _upstream) = (key[..slash], key[(slash + 1)..]);
        _row = row.RecordExists ? row.State : new UpstreamRow();
        if (_row.Format > UpstreamRow.CurrentFormat)
        {
            throw new InvalidOperationException(
                $"the stored routes of '{key}' have format {_row.Format}, this software reads up to {UpstreamRow.CurrentFormat}: run the newer software that wrote them");
        }

        return Task.CompletedTask;
    }

    public Task<UpstreamOutcome> ChangeAsync(UpstreamChange change, CancellationToken cancellationToken) =>
        StepAsync(new ChangeAsked(change, Guid.NewGuid().ToString("N")[..12]), change.DryRun, change.Set, cancellationToken);

    public Task<UpstreamOutcome> RunScheduleAsync(ScheduleRun run, CancellationToken cancellationToken) =>
        StepAsync(new ScheduleDue(run.Id, Force: false), run.DryRun, later: null, cancellationToken);

    public Task<UpstreamOutcome> CancelScheduleAsync(ScheduleCancel cancel, CancellationToken cancellationToken) =>
        StepAsync(new ScheduleCancelled(cancel.Id, cancel.Author), cancel.DryRun, later: null, cancellationToken);

    public async Task RefuseScheduleAsync(string id, string reason, CancellationToken cancellationToken)
    {
        LogScheduleRefused(_pop, _upstream, id, reason);
        await StepAsync(new ScheduleRefused(id, reason), isDryRun: false, later: null, cancellationToken);
    }

    public async Task<UpstreamView> SyncAsync(UpstreamSync sync, CancellationToken cancellationToken)
    {
        _observedRevision = Math.Max(_observedRevision, sync.ObservedRevision);
        await TakeConfigAsync(sync.Config, cancellationToken);
        return View();
    }

    public Task<UpstreamView> ViewAsync(CancellationToken cancellationToken) => Task.FromResult(View());

    public Task<ImmutableArray<IntentVersion>> HistoryAsync(CancellationToken cancellationToken) => Task.FromResult(_row.History);

    /// <param name="happening">What happens.</param>
    /// <param name="isDryRun">Change nothing.</param>
    /// <param name="later">What is previewed when it is only scheduled.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    private async Task<UpstreamOutcome> StepAsync(UpstreamEvent happening, bool isDryRun, IntentChange? later, CancellationToken cancellationToken)
    {
        ConfigPosition position = await GrainFactory.GetGrain<IConfigGrain>(GrainKeys.Cluster).PositionAsync(cancellationToken);
        await TakeConfigAsync(position, cancellationToken);
        if (_config is not { } config || _compiled is not { } now)
        {
            return new UpstreamOutcome { Verdict = UpstreamVerdict.NotConfigured, Version = _row.Version, Errors = ["the config in force has no such upstream"] };
        }

        UpstreamStep step = UpstreamIntent.Step(_row, happening, now.Config, time.GetUtcNow());
        if (step.Error is { } error)
        {
            return new UpstreamOutcome { Verdict = step.Verdict, Version = _row.Version, Errors = [error] };
        }

        RouteIntent intent = step.Row.Intent;
        if (step.Verdict == UpstreamVerdict.Scheduled && IntentEdit.Apply(_row.Intent, later!, now.Config, out intent) is { } impossible)
        {
            throw new UnreachableException(impossible);
        }

        CompiledUpstream compiled = UpstreamCompiler.Compile(config.Config, now.Config, intent);
        if (!compiled.Errors.IsEmpty && !IntentDiff.AreSame(intent, _row.Intent))
        {
            return new UpstreamOutcome { Verdict = UpstreamVerdict.Invalid, Version = _row.Version, Errors = compiled.Errors };
        }

        UpstreamRow next = step.Verdict == UpstreamVerdict.Scheduled ? step.Row : compiled.Into(step.Row, _observedRevision);
        RoutePreview preview = Preview(config.Config.Cluster, intent, now, compiled, _row);
        if (isDryRun)
        {
            return new UpstreamOutcome { Verdict = UpstreamVerdict.DryRun, Version = _row.Version, Preview = preview };
        }

        if (!ReferenceEquals(next, _row))
        {
            UpstreamRow before = _row;
            await WriteAsync(next);
            if (step.Verdict != UpstreamVerdict.Scheduled)
            {
                _compiled = compiled;
            }

            if (next.Version != before.Version)
            {
                IntentVersion version = next.History[^1];
                LogChanged(_pop, _upstream, version.Version, version.What, version.Who, next.Revision);
                events.Tell(Happenings.Routed(_pop, _upstream, version));
            }

            await TellAsync();
        }

        return new UpstreamOutcome { Verdict = step.Verdict, Version = _row.Version, Preview = preview };
    }

    private static RoutePreview Preview(
        ClusterConfig cluster, RouteIntent intent, CompiledUpstream now, CompiledUpstream compiled, UpstreamRow before) => new()
    {
        Before = SeenRoutes.Of(cluster.Asn ?? 0, cluster.Prefixes, before.Desired?.Routes ?? []),
        After = SeenRoutes.Of(cluster.Asn ?? 0, cluster.Prefixes, compiled.Errors.IsEmpty ? compiled.Routes : before.Desired?.Routes ?? []),
        Changes = IntentDiff.Between(before.Intent, intent),
        Explanation = [.. compiled.Explanation.Except(now.Explanation)],
    };

    /// <summary>Compiles when the config is another one.</summary>
    private async Task TakeConfigAsync(ConfigPosition position, CancellationToken cancellationToken)
    {
        if (position.Version == 0 || (_config is { } known && known.Epoch == position.Epoch && known.Version >= position.Version))
        {
            return;
        }

        if (await GrainFactory.GetGrain<IConfigGrain>(GrainKeys.Cluster).CurrentAsync(cancellationToken) is not { } config)
        {
            return;
        }

        UpstreamConfig? upstream = config.Config.FindPop(_pop)?.Upstreams.FirstOrDefault(u => u.Id == _upstream);
        CompiledUpstream? compiled = upstream is null ? null : UpstreamCompiler.Compile(config.Config, upstream, _row.Intent);
        UpstreamRow next = compiled?.Into(_row, _observedRevision) ?? _row with { Desired = null };
        if (next.Revision != _row.Revision || (compiled is null && _row.Desired is not null))
        {
            await WriteAsync(next);
            LogCompiled(_pop, _upstream, config.Version, next.Revision);
        }

        (_config, _compiled) = (config, compiled);
        foreach (string error in compiled?.Errors ?? [])
        {
            LogNotCompiled(_pop, _upstream, error);
        }
    }

    private async Task WriteAsync(UpstreamRow next)
    {
        row.State = next;
        await row.WriteStateOrReloadAsync(this);
        _row = next;
    }

    /// <summary>A PoP that cannot be told finds out by itself (<see cref="GrainLimits.SyncInterval"/>).</summary>
    private async Task TellAsync()
    {
        try
        {
            await GrainFactory.GetGrain<IPopRoutesGrain>(_pop).UpstreamChangedAsync(new UpstreamPush(_upstream, View()), CancellationToken.None);
        }
        catch (Exception error)
        {
            LogNotTold(_pop, _upstream, error);
        }
    }

    private UpstreamView View() => new()
    {
        Epoch = _config?.Epoch ?? "",
        ConfigVersion = _config?.Version ?? 0,
        Version = _row.Version,
        Intent = _row.Intent,
        Desired = _config is null ? null : _row.Desired,
        Problems = _compiled?.Errors ?? [],
        Schedules = _row.Schedules,
        Explanation = _compiled?.Explanation ?? [],
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "Upstream {Pop}/{Upstream}: intent {Version} ({What}) by {Who}, desired state {Revision}")]
    private partial void LogChanged(string pop, string upstream, long version, string what, string who, long revision);

    [LoggerMessage(Level = LogLevel.Information, Message = "Upstream {Pop}/{Upstream}: config {Version} gives desired state {Revision}")]
    private partial void LogCompiled(string pop, string upstream, long version, long revision);

    [LoggerMessage(Level = LogLevel.Error, Message = "Upstream {Pop}/{Upstream} keeps its routes, because what is asked for cannot be expressed: {Error}")]
    private partial void LogNotCompiled(string pop, string upstream, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Upstream {Pop}/{Upstream}: schedule {Id} was not possible: {Reason}")]
    private partial void LogScheduleRefused(string pop, string upstream, string id, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PoP {Pop} could not be told of upstream {Upstream}; it asks by itself")]
    private partial void LogNotTold(string pop, string upstream, Exception error);
}
