using System.Collections.Immutable;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Grains;

namespace OrleansCdn.Silo.Api.Dns;

/// <summary>What has happened to the keys of all zones, for the audit trail.</summary>
internal sealed class DnsKeyAudit(IGrainFactory grains)
{
    public async Task<IEnumerable<AuditEntry>> EntriesAsync(CancellationToken cancellationToken)
    {
        ImmutableArray<string> zones = await grains.GetGrain<IDnsDeskGrain>(GrainKeys.Cluster).ZonesAsync(cancellationToken);
        DnsKeysReply[] keys = await Task.WhenAll(zones.Select(zone => grains.GetGrain<IDnsKeysGrain>(zone).ViewAsync(cancellationToken)));
        return keys.SelectMany(zone => zone.History.Select(entry => new AuditEntry
        {
            When = entry.When,
            Who = entry.Who,
            From = entry.From,
            Action = AuditAction.DnsKey,
            Outcome = AuditOutcome.Done,
            Id = zone.Zone,
            Count = 1,
            Detail = $"{entry.What}{(entry.Forced ? " (forced)" : "")}{(entry.Why is null ? "" : ": " + entry.Why)}",
        }));
    }
}
