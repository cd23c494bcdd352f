using System.Collections.Immutable;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Grains.Dns;

/// <summary>What was put together, and the row under whose number it may be given out once that is durable.</summary>
internal sealed record DnsComposition(DnsDeskRow Row, DnsSecrets Secrets)
{
    /// <param name="before">The row as it is.</param>
    /// <param name="zones">Every zone that the config wants signed, and every one of the row; without keys where it has none.</param>
    /// <param name="cookies">As they are to be.</param>
    public static DnsComposition Of(DnsDeskRow before, IReadOnlyDictionary<string, ZoneKeysView> zones, CookieRow cookies)
    {
        long next = before.Revision + 1;
        var known = before.Zones.ToDictionary(zone => zone.Zone);
        KeyValuePair<string, ZoneKeysView>[] signed = [.. zones.Where(zone => zone.Value.Keys is not null).OrderBy(zone => zone.Key, StringComparer.Ordinal)];
        ImmutableArray<ComposedZone> composed =
        [
            .. signed.Select(zone => known.TryGetValue(zone.Key, out ComposedZone? at) && at.Revision == zone.Value.Revision
                ? at : new ComposedZone(zone.Key, zone.Value.Revision, next)),
        ];
        bool isNew = before.Epoch.Length == 0 || cookies.SinceRevision == next || !composed.SequenceEqual(before.Zones);
        var row = new DnsDeskRow
        {
            Epoch = before.Epoch.Length == 0 ? Guid.NewGuid().ToString("N") : before.Epoch,
            Revision = isNew ? next : before.Revision,
            Zones = isNew ? composed : before.Zones,
            Cookies = cookies,
        };
        return new DnsComposition(row, new DnsSecrets
        {
            Epoch = row.Epoch,
            Revision = row.Revision,
            Zones = [.. signed.Select(zone => zone.Value.Keys!)],
            Cookies = cookies.Keys,
        });
    }

    /// <summary>The revision of a zone's keys that edges have which have this revision of the desk, at least; -1: not known.</summary>
    public static long HeldOf(DnsDeskRow row, string zone, long held) =>
        row.Zones.FirstOrDefault(z => z.Zone == zone) is { } at && held >= at.Since ? at.Revision : -1;
}
