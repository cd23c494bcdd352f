using System.Collections.Immutable;
using System.Globalization;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Grains;

namespace OrleansCdn.Silo.Api.Routing;

/// <summary>The histories of all upstreams as one, for the audit trail.</summary>
internal sealed class RouteAudit(IGrainFactory grains, ConfigCache configs)
{
    /// <returns>Newest first. A position is a time in ticks, counted up where two entries have the same.</returns>
    public async Task<List<(long Position, AuditEntry Entry)>> ReadAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        if (!query.Configs || query.Site is not null || await configs.CurrentAsync(cancellationToken) is not { } snapshot)
        {
            return [];
        }

        IEnumerable<Task<(string Name, ImmutableArray<IntentVersion> Versions)>> reading =
            snapshot.Config.Pops.SelectMany(pop => pop.Upstreams.Select(upstream => HistoryAsync(pop, upstream, cancellationToken)));
        var oldestFirst = (await Task.WhenAll(reading))
            .SelectMany(h => h.Versions.Select(v => (h.Name, Version: v)))
            .OrderBy(v => v.Version.When).ThenBy(v => v.Name, StringComparer.Ordinal).ThenBy(v => v.Version.Version);
        var entries = new List<(long Position, AuditEntry Entry)>();
        long last = 0;
        foreach ((string name, IntentVersion version) in oldestFirst)
        {
            last = Math.Max(last + 1, version.When.UtcTicks);
            entries.Add((last, Entry(name, version)));
        }

        entries.Reverse();
        entries.RemoveAll(e => e.Position >= query.After.Route || !query.Wants(e.Entry));
        return entries;
    }

    private async Task<(string Name, ImmutableArray<IntentVersion> Versions)> HistoryAsync(PopConfig pop, UpstreamConfig upstream, CancellationToken cancellationToken)
    {
        string key = GrainKeys.Upstream(pop.Id, upstream.Id);
        return (key, await grains.GetGrain<IUpstreamGrain>(key).HistoryAsync(cancellationToken));
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
