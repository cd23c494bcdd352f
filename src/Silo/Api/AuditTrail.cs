using System.Collections.Immutable;
using System.Globalization;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains;
using OrleansCdn.Grains.Purge;
using OrleansCdn.Silo.Api.Routing;

namespace OrleansCdn.Silo.Api;

/// <summary>
/// The audit trail is not written anew: the receipts in the purge log and the histories of config, routes, drains and keys say who did what, each durable
/// in the write that it is about. This merges them, with the refusals of this silo.
/// </summary>
internal sealed class AuditTrail(IGrainFactory grains, RouteAudit routeAudit, RefusedPurges refused)
{
    /// <summary>Segments of the log that one request reads, a quarter of the largest log. A page may be short then, and names the next.</summary>
    private const int MaxSegments = 64;

    public async Task<AuditReply> ReadAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        (List<(long Position, AuditEntry Entry)> purges, AuditPosition scanned, DateTimeOffset? floor) = await PurgesAsync(query, cancellationToken);
        List<(long Position, AuditEntry Entry)> configs = await ConfigsAsync(query, cancellationToken);
        List<(long Position, AuditEntry Entry)> refusals =
            [.. refused.NewestFirst().Where(r => r.Number < query.After.Refused && query.Wants(r.Entry)).Select(r => (r.Number, r.Entry))];

        List<(long Position, AuditEntry Entry)> routes = await routeAudit.ReadAsync(query, cancellationToken);
        var entries = ImmutableArray.CreateBuilder<AuditEntry>();
        (int purge, int config, int refusal, int route) = (0, 0, 0, 0);
        while (entries.Count < query.Limit)
        {
            // Each source in its own order, which a clock that was set back does not change.
            DateTimeOffset? newest = null;
            int source = 0;
            Consider(1, purges, purge);
            Consider(2, configs, config);
            Consider(3, refusals, refusal);
            Consider(4, routes, route);
            if (newest is null || (source != 1 && newest < floor))
            {
                break;
            }

            entries.Add(source switch
            {
                1 => purges[purge++].Entry,
                2 => configs[config++].Entry,
                3 => refusals[refusal++].Entry,
                _ => routes[route++].Entry,
            });

            void Consider(int number, List<(long Position, AuditEntry Entry)> from, int at)
            {
                if (at < from.Count && (newest is null || from[at].Entry.When > newest))
                {
                    (newest, source) = (from[at].Entry.When, number);
                }
            }
        }

        bool isLast = purge == purges.Count && config == configs.Count && refusal == refusals.Count && route == routes.Count && floor is null && purges.Count <= query.Limit;
        var next = new AuditPosition(
            purge == purges.Count ? scanned.Purge : purge > 0 ? purges[purge - 1].Position : query.After.Purge,
            config > 0 ? configs[config - 1].Position : query.After.Config,
            refusal > 0 ? refusals[refusal - 1].Position : query.After.Refused,
            route > 0 ? routes[route - 1].Position : query.After.Route);
        return new AuditReply { Entries = entries.ToImmutable(), Next = isLast ? null : next.ToString() };
    }

    /// <returns>One more than a page at most, how far down the log was read, and when that was if it goes on below.</returns>
    private async Task<(List<(long Position, AuditEntry Entry)> Found, AuditPosition Scanned, DateTimeOffset? Floor)> PurgesAsync(
        AuditQuery query, CancellationToken cancellationToken)
    {
        var found = new List<(long, AuditEntry)>();
        AuditPosition scanned = query.After;
        DateTimeOffset? oldest = null;
        int segments = 0;
        PurgeCursor end = await grains.GetGrain<IPurgeLogGrain>(GrainKeys.Cluster).EndAsync(cancellationToken);
        await foreach (ImmutableArray<PurgeReceiptSample> segment in PurgeTrail.BackwardsAsync(grains, end, query.After.Purge, cancellationToken))
        {
            foreach (PurgeReceiptSample sample in segment)
            {
                AuditEntry entry = Entry(sample);
                if (query.Wants(entry))
                {
                    found.Add((sample.Receipt.Cursor.Sequence, entry));
                    if (found.Count > query.Limit)
                    {
                        return (found, scanned, null);
                    }
                }

                scanned = scanned with { Purge = sample.Receipt.Cursor.Sequence };
                oldest = sample.Receipt.When;
            }

            if (segment.Length > 0 && segment.All(sample => sample.Receipt.When < query.Since))
            {
                break;
            }

            if (++segments == MaxSegments)
            {
                return (found, scanned, oldest ?? DateTimeOffset.MaxValue);
            }
        }

        return (found, scanned, null);
    }

    private async Task<List<(long Position, AuditEntry Entry)>> ConfigsAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        if (!query.Configs || query.Site is not null)
        {
            return [];
        }

        ConfigHistoryReply history = await grains.GetGrain<IConfigGrain>(GrainKeys.Cluster).HistoryAsync(cancellationToken);
        return [.. history.Versions.Reverse().Where(v => v.Version < query.After.Config).Select(v => (v.Version, Entry(v))).Where(v => query.Wants(v.Item2))];
    }

    private static AuditEntry Entry(PurgeReceiptSample sample) => new()
    {
        When = sample.Receipt.When,
        Who = sample.Receipt.Who,
        From = sample.Receipt.From,
        Action = AuditAction.Purge,
        Outcome = AuditOutcome.Done,
        Id = sample.Receipt.Id,
        Site = sample.Receipt.Site,
        Kind = sample.Receipt.Kind,
        Soft = sample.Receipt.Soft,
        Count = sample.Receipt.Entries,
        Values = sample.Values,
    };

    private static AuditEntry Entry(ConfigVersionInfo version) => new()
    {
        When = version.When,
        Who = version.Who,
        From = version.From,
        Action = version.RolledBackTo is null ? AuditAction.Apply : AuditAction.Rollback,
        Outcome = AuditOutcome.Done,
        Id = version.Version.ToString(CultureInfo.InvariantCulture),
        Count = version.Changes,
        Detail = version.RolledBackTo is { } old ? $"back to {old}{(version.Why is null ? "" : ": " + version.Why)}" : version.Why,
    };
}

/// <summary>Which entries are asked for, and which the caller may see.</summary>
internal sealed record AuditQuery
{
    /// <summary>Null: of every site, and what is of none.</summary>
    public string? Site { get; init; }

    public string? Who { get; init; }

    public DateTimeOffset? Since { get; init; }

    public required int Limit { get; init; }

    public required AuditPosition After { get; init; }

    /// <summary>The caller may see who changed config, routes and drains.</summary>
    public required bool Configs { get; init; }

    /// <summary>Sites whose purges the caller may see.</summary>
    public required Func<string, bool> MaySee { get; init; }

    public bool Wants(AuditEntry entry) =>
        (Site is null || entry.Site == Site) && (Who is null || entry.Who == Who) && (Since is null || entry.When >= Since)
        && (entry.Site is null || MaySee(entry.Site))
        && (entry.Action is not (AuditAction.Route or AuditAction.Drain or AuditAction.Undrain or AuditAction.Maintenance or AuditAction.DnsKey or AuditAction.Pin or AuditAction.Unpin) || (Configs && Site is null));
}
