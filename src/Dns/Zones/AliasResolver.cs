using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Zones;

/// <summary>
/// ALIAS records, resolved when the zones are compiled: the name is given the addresses of another name of these zones, or is steered
/// as that one is. Names of other people's zones would have to be asked for all the time, which is what a CNAME is for.
/// </summary>
internal sealed class AliasResolver(IReadOnlyList<ZoneDraft> drafts)
{
    /// <summary>Aliases of aliases; nobody needs more, and it ends loops.</summary>
    private const int MaxLinks = 8;

    private static bool IsAddress(DnsType type) => type is DnsType.A or DnsType.Aaaa or DnsType.Https;

    public void Resolve(ZoneDraft draft, ZoneRecord alias, List<RrSet> sets, Dictionary<byte[], SteeredName> steered)
    {
        byte[] target = alias.Rdata;
        for (int links = 0; links < MaxLinks; links++)
        {
            if (Home(target) is not ZoneDraft home)
            {
                draft.Mistakes.Error(alias.Line, alias.Subject, $"leads to {NameText.Of(target)}, which is in no zone of this config", "below the zone's name a CNAME may lead there");
                return;
            }

            if (home.Steered.TryGetValue(target, out SteeredName? answers))
            {
                steered.TryAdd(alias.Owner, answers);
                return;
            }

            ZoneRecord[] records = [.. home.At(target)];
            if (records.FirstOrDefault(record => record.IsAlias || record.Type == DnsType.CName) is ZoneRecord next)
            {
                target = next.Rdata;
                continue;
            }

            IGrouping<DnsType, ZoneRecord>[] found = [.. records.Where(record => IsAddress(record.Type)).GroupBy(record => record.Type)];
            if (found.Length == 0)
            {
                draft.Mistakes.Error(alias.Line, alias.Subject, $"leads to {NameText.Of(target)}, which has no addresses and is not steered");
            }

            sets.AddRange(found.Where(group => sets.TrueForAll(set => set.Type != group.Key))
                .Select(group => RrSet.Of(group.Key, Math.Min(alias.Ttl, group.Min(record => record.Ttl)), group.Select(record => record.Rdata))));
            return;
        }

        draft.Mistakes.Error(alias.Line, alias.Subject, $"goes through more than {MaxLinks} names, or in a circle");
    }

    /// <summary>The innermost zone.</summary>
    private ZoneDraft? Home(byte[] name) =>
        drafts.Where(draft => WireName.IsAtOrBelow(name, draft.Name)).MaxBy(draft => draft.Name.Length);
}
