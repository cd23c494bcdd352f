using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Orleans;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Api.Dns;

namespace OrleansCdn.Silo.Api.Routing;

/// <summary>The histories of all upstreams, of the PoPs' drains and of the zones' keys as one, for the audit trail.</summary>
internal sealed class RouteAudit(IGrainFactory grains, ConfigCache configs, DnsKeyAudit keys)
{
    /// <returns>Newest first. A position is a time in ticks, counted up where two entries have the same.</returns>
    public async Task<List<(long Position, AuditEntry Entry)>> ReadAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        if (!query.Configs || query.Site is not null || await configs.CurrentAsync(cancellationToken) is not { } snapshot)
        {
            return [];
        }

        IEnumerable<Task<IEnumerable<Change>>> reading = snapshot.Config.Pops.SelectMany(pop =>
            pop.Upstreams.Select(upstream => RoutesAsync(pop, upstream, cancellationToken)).Prepend(DrainsAsync(pop, cancellationToken)).Prepend(WindowsAsync(pop, cancellationToken)));
        var oldestFirst = (await Task.WhenAll(reading))
            .SelectMany(changes => changes)
            .Concat((await keys.EntriesAsync(cancellationToken)).Select((entry, index) => new Change(entry.Id!, -index, entry)))
            .OrderBy(c => c.Entry.When).ThenBy(c => c.Name, StringComparer.Ordinal).ThenBy(c => c.Version);
        var entries = new List<(long Position, AuditEntry Entry)>();
        long last = 0;
        foreach (Change change in oldestFirst)
        {
            last = Math.Max(last + 1, change.Entry.When.UtcTicks);
            entries.Add((last, change.Entry));
        }

        entries.Reverse();
        entries.RemoveAll(e => e.Position >= query.After.Route || !query.Wants(e.Entry));
        return entries;
    }

    /// <param name="Name">Of what was changed.</param>
    /// <param name="Version">Of that.</param>
    private sealed record Change(string Name, long Version, AuditEntry Entry);

    private async Task<IEnumerable<Change>> RoutesAsync(PopConfig pop, UpstreamConfig upstream, CancellationToken cancellationToken)
    {
        string key = GrainKeys.Upstream(pop.Id, upstream.Id);
        return (await grains.GetGrain<IUpstreamGrain>(key).HistoryAsync(cancellationToken)).Select(version => new Change(key, version.Version, Entry(key, version)));
    }

    private async Task<IEnumerable<Change>> DrainsAsync(PopConfig pop, CancellationToken cancellationToken) =>
        (await grains.GetGrain<IDrainGrain>(pop.Id).HistoryAsync(cancellationToken)).Select(change => new Change(pop.Id, change.Version, Entry(pop.Id, change)));

    private async Task<IEnumerable<Change>> WindowsAsync(PopConfig pop, CancellationToken cancellationToken)
    {
        ImmutableArray<MaintenanceWindow> windows = await grains.GetGrain<IDrainGrain>(pop.Id).WindowsAsync(cancellationToken);
        return windows.SelectMany(window => Entries(window)).Select((entry, index) => new Change(entry.Id!, index, entry));
    }

    /// <summary>What began and ended by itself is among the drains.</summary>
    private static IEnumerable<AuditEntry> Entries(MaintenanceWindow window)
    {
        string times = string.Create(CultureInfo.InvariantCulture, $"{window.From.UtcDateTime:yyyy-MM-dd HH:mm}Z to {window.Until.UtcDateTime:yyyy-MM-dd HH:mm}Z");
        var planned = new AuditEntry
        {
            When = window.When,
            Who = window.Who,
            From = window.Caller,
            Action = AuditAction.Maintenance,
            Outcome = AuditOutcome.Done,
            Id = window.Id,
            Count = 1,
            Detail = $"planned for {times}{(window.Force ? " (forced)" : "")}{(window.Why is null ? "" : ": " + window.Why)}",
        };
        yield return planned;
        if (window is { EndedBy: { } who, Over: { } over })
        {
            yield return planned with { When = over, Who = who, From = null, Detail = $"ended ahead of time: {window.Detail}" };
        }
    }

    public static AuditAction ActionOf(DrainAction action) => action switch
    {
        DrainAction.Drain => AuditAction.Drain,
        DrainAction.Undrain => AuditAction.Undrain,
        DrainAction.Pin => AuditAction.Pin,
        DrainAction.Unpin => AuditAction.Unpin,
        _ => throw new UnreachableException($"no such action: {action}"),
    };

    private static AuditEntry Entry(string pop, DrainChange change) => new()
    {
        When = change.When,
        Who = change.Who,
        From = change.From,
        Action = ActionOf(change.Action),
        Outcome = AuditOutcome.Done,
        Id = string.Create(CultureInfo.InvariantCulture, $"{pop} {change.Version}"),
        Count = 1,
        Detail = Detail(change),
    };

    private static string? Detail(DrainChange change)
    {
        string?[] notes =
        [
            change.Edge is null ? null : $"edge {change.Edge}",
            change.Pin == FailoverPin.None ? null : change.Pin.ToString().ToLowerInvariant(),
            change.Forced ? "forced" : null,
            change.Until is null ? null : $"until {UtcText.Of(change.Until.Value)}",
            change.Window is null ? null : $"maintenance {change.Window}",
            change.ByTime ? "by itself" : null,
        ];
        string noted = string.Join(", ", notes.OfType<string>());
        return noted.Length == 0 ? change.Why : $"({noted}) {change.Why}".TrimEnd();
    }

    private static AuditEntry Entry(string name, IntentVersion version)
    {
        string notes = (version.Forced ? " (forced)" : "") + (version.RpkiOverridden ? " (RPKI overridden)" : "");
        return new AuditEntry
        {
            When = version.When,
            Who = version.Who,
            From = version.From,
            Action = AuditAction.Route,
            Outcome = AuditOutcome.Done,
            Id = string.Create(CultureInfo.InvariantCulture, $"{name} {version.Version}"),
            Count = version.Changes.Length,
            Detail = $"{version.What}{notes}{(version.Why is null ? "" : ": " + version.Why)}",
        };
    }
}
