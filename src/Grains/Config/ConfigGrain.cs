using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Dns.FromConfig;
using OrleansCdn.Grains.Events;
using OrleansCdn.Routing.Intent;

namespace OrleansCdn.Grains.Config;

/// <summary>
/// Versions are written in two rows: the text first, then the head that makes it count. A crash in between leaves a text
/// that nothing names, which the next version overwrites.
/// </summary>
internal sealed partial class ConfigGrain(
    [PersistentState("config", GrainKeys.Storage)] IPersistentState<ConfigHead> row,
    TimeProvider time,
    EventOutbox events,
    ILogger<ConfigGrain> log) : Grain, IConfigGrain
{
    private ConfigHead _head = new();
    private ConfigText _text = new();
    private ConfigSnapshot? _current;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _head = row.RecordExists ? row.State : new ConfigHead();
        if (_head.Format > ConfigHead.CurrentFormat)
        {
            throw new InvalidOperationException(
                $"the stored config has format {_head.Format}, this software reads up to {ConfigHead.CurrentFormat}: run the newer software that wrote it");
        }

        if (_head.Epoch.Length == 0)
        {
            _head = _head with { Epoch = Guid.NewGuid().ToString("N") };
            row.State = _head;
            await row.WriteStateAsync(CancellationToken.None);
        }

        if (_head.Version > 0)
        {
            _text = await Row(_head.Version).ReadAsync(cancellationToken);
            ConfigReadResult read = ConfigReader.Read(_text.Yaml);
            _current = read.Config is null ? null : Snapshot(_head, read.Config);
            if (_current is null)
            {
                LogUnreadable(_head.Version, read.Errors.Length > 0 ? read.Errors[0].Message : "no text");
            }
        }
    }

    public async Task<ConfigOutcome> ApplyAsync(ConfigApply apply, CancellationToken cancellationToken)
    {
        ConfigReadResult read = ZonesCheck.Of(RoutingCheck.Read(apply.Yaml), apply.Yaml);
        if (read.Config is null)
        {
            return Outcome(ConfigVerdict.Invalid) with { Errors = read.Errors };
        }

        if (apply.ExpectedVersion is { } expected && expected != _head.Version)
        {
            return Outcome(ConfigVerdict.Conflict);
        }

        ImmutableArray<ConfigChange> changes = ConfigDiff.Between(_current?.Config, read.Config);
        if (apply.DryRun)
        {
            return Outcome(ConfigVerdict.DryRun) with { Changes = changes };
        }

        if (_current is not null && _text.Yaml == apply.Yaml)
        {
            return Outcome(ConfigVerdict.Unchanged);
        }

        await PutInForceAsync(apply.Yaml, read.Config, changes.Length, (apply.Who, apply.From, apply.Why), rolledBackTo: null, cancellationToken);
        return Outcome(ConfigVerdict.Applied) with { Changes = changes };
    }

    public async Task<ConfigOutcome> RollbackAsync(ConfigRollback rollback, CancellationToken cancellationToken)
    {
        if (_head.Find(rollback.Version) is null)
        {
            return Outcome(ConfigVerdict.UnknownVersion);
        }

        ConfigText old = await Row(rollback.Version).ReadAsync(cancellationToken);
        if (old.Epoch != _head.Epoch)
        {
            return Outcome(ConfigVerdict.UnknownVersion);
        }

        ConfigReadResult read = ZonesCheck.Of(RoutingCheck.Read(old.Yaml), old.Yaml);
        if (read.Config is null)
        {
            // Valid once, but not for this software.
            return Outcome(ConfigVerdict.Invalid) with { Errors = read.Errors };
        }

        if (_current is not null && _text.Yaml == old.Yaml)
        {
            return Outcome(ConfigVerdict.Unchanged);
        }

        ImmutableArray<ConfigChange> changes = ConfigDiff.Between(_current?.Config, read.Config);
        await PutInForceAsync(old.Yaml, read.Config, changes.Length, (rollback.Who, rollback.From, rollback.Why), rollback.Version, cancellationToken);
        return Outcome(ConfigVerdict.Applied) with { Changes = changes };
    }

    public async Task<ConfigVersionReply?> VersionAsync(long version, CancellationToken cancellationToken)
    {
        ConfigHead head = _head;
        if (head.Find(version == 0 ? head.Version : version) is not { } info)
        {
            return null;
        }

        ConfigText text = info.Version == _text.Version ? _text : await Row(info.Version).ReadAsync(cancellationToken);
        return text.Epoch == head.Epoch ? new ConfigVersionReply { Info = info, Yaml = text.Yaml } : null;
    }

    public Task<ConfigHistoryReply> HistoryAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new ConfigHistoryReply(_head.History));

    public Task<ConfigPosition> PositionAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new ConfigPosition(_head.Epoch, _head.Version));

    public Task<ConfigSnapshot?> CurrentAsync(CancellationToken cancellationToken) => Task.FromResult(_current);

    private async Task PutInForceAsync(
        string yaml, CdnConfig config, int changes, (string Who, string? From, string? Why) by, long? rolledBackTo, CancellationToken cancellationToken)
    {
        ConfigHead before = _head;
        ConfigHead head = before.With(new ConfigVersionInfo
        {
            Version = before.Version + 1,
            When = time.GetUtcNow(),
            Who = by.Who,
            From = by.From,
            Why = by.Why,
            RolledBackTo = rolledBackTo,
            Changes = changes,
        });
        var text = new ConfigText { Epoch = head.Epoch, Version = head.Version, Yaml = yaml };
        await Row(head.Version).WriteAsync(text, cancellationToken);
        row.State = head;
        await row.WriteStateOrReloadAsync(this);

        PopConfig[] formerPops = [.. _current?.Config.Pops ?? []];
        (_head, _text, _current) = (head, text, Snapshot(head, config));
        LogApplied(head.Version, by.Who, changes, rolledBackTo);
        events.Tell(Happenings.Applied(head.History[^1]));
        foreach (ConfigVersionInfo dropped in before.History.Where(old => head.Find(old.Version) is null))
        {
            await ClearAsync(dropped.Version);
        }

        await Task.WhenAll(config.Pops.Concat(formerPops).Select(pop => pop.Id).Distinct().Select(pop => TellAsync(pop, _current)));
    }

    /// <summary>A text that is not cleared costs its space and nothing else.</summary>
    private async Task ClearAsync(long version)
    {
        try
        {
            await Row(version).ClearAsync(CancellationToken.None);
        }
        catch (Exception error)
        {
            LogNotCleared(version, error);
        }
    }

    /// <summary>A PoP that cannot be told finds out by itself (<see cref="GrainLimits.SyncInterval"/>).</summary>
    private async Task TellAsync(string pop, ConfigSnapshot snapshot)
    {
        try
        {
            await GrainFactory.GetGrain<IPopGrain>(pop).ConfigChangedAsync(snapshot, CancellationToken.None);
            await GrainFactory.GetGrain<IPopRoutesGrain>(pop).ConfigChangedAsync(CancellationToken.None);
        }
        catch (Exception error)
        {
            LogNotTold(pop, snapshot.Version, error);
        }
    }

    private ConfigOutcome Outcome(ConfigVerdict verdict) => new() { Verdict = verdict, Version = _head.Version };

    private static ConfigSnapshot Snapshot(ConfigHead head, CdnConfig config) =>
        new() { Epoch = head.Epoch, Version = head.Version, Config = config };

    private IConfigVersionGrain Row(long version) => GrainFactory.GetGrain<IConfigVersionGrain>(GrainKeys.Of(version));

    [LoggerMessage(Level = LogLevel.Information, Message = "Config version {Version} is in force: {Changes} changes by {Who}, rollback to {RolledBackTo}")]
    private partial void LogApplied(long version, string who, int changes, long? rolledBackTo);

    [LoggerMessage(Level = LogLevel.Error, Message = "Stored config version {Version} is not valid for this software ({Reason}); edges keep what they have. Apply a mended config.")]
    private partial void LogUnreadable(long version, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Text of old config version {Version} could not be cleared")]
    private partial void LogNotCleared(long version, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PoP {Pop} could not be told of config version {Version}; it asks by itself")]
    private partial void LogNotTold(string pop, long version, Exception error);
}
