using System.Collections.Immutable;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Zones;

/// <summary>What has become of a <see cref="ZoneSource"/>.</summary>
/// <param name="Source">Of it.</param>
/// <param name="Zone">Null: it has errors.</param>
/// <param name="Mistakes">Errors and warnings, in the order of the records' lines.</param>
public sealed record CompiledZone(ZoneSource Source, Zone? Zone, ImmutableArray<ZoneMistake> Mistakes)
{
    public bool HasErrors => Zone is null;
}

/// <summary>Compiles all zones of a config together, since names of one may be aliases of another's.</summary>
public static class ZoneCompiler
{
    /// <returns>In the order of <paramref name="sources"/>.</returns>
    public static ImmutableArray<CompiledZone> Compile(params IEnumerable<ZoneSource> sources)
    {
        ZoneDraft[] drafts = [.. sources.Select(ZoneDraft.Read)];
        var aliases = new AliasResolver(drafts);
        return [.. drafts.Select(draft => Compile(draft, aliases))];
    }

    private static CompiledZone Compile(ZoneDraft draft, AliasResolver aliases)
    {
        ZoneCheck.Check(draft);
        var sets = new Dictionary<byte[], List<RrSet>>(NameComparer.Instance);
        var steered = new Dictionary<byte[], SteeredName>(draft.Steered, NameComparer.Instance);
        foreach ((byte[] owner, List<ZoneRecord> records) in draft.Records)
        {
            sets[owner] = [.. records.Where(record => !record.IsAlias).GroupBy(record => record.Type).Select(Set)];
            foreach (ZoneRecord alias in records.Where(record => record.IsAlias))
            {
                aliases.Resolve(draft, alias, sets[owner], steered);
            }
        }

        foreach (byte[] name in steered.Keys)
        {
            sets.TryAdd(name, []);
        }

        return new CompiledZone(draft.Source, draft.Mistakes.AnyErrors ? null : Join(draft.Name, sets, steered), draft.Mistakes.InOrder());
    }

    /// <summary>RFC 2181 §5.2: one TTL for a set; the lowest serves them all.</summary>
    private static RrSet Set(IGrouping<DnsType, ZoneRecord> records) =>
        RrSet.Of(records.Key, records.Min(record => record.Ttl), records.Select(record => record.Rdata));

    private static Zone Join(byte[] apex, Dictionary<byte[], List<RrSet>> sets, Dictionary<byte[], SteeredName> steered)
    {
        var nodes = new Dictionary<byte[], ZoneNode>(NameComparer.Instance);
        foreach ((byte[] name, List<RrSet> own) in sets)
        {
            nodes[name] = new ZoneNode(name, own, steered.GetValueOrDefault(name));
        }

        // Names between those and the apex exist as well (RFC 4592 §2.2.2).
        foreach (byte[] name in sets.Keys)
        {
            byte[] above = name;
            while (above.Length > apex.Length)
            {
                above = WireName.Parent(above).ToArray();
                if (!nodes.TryAdd(above, new ZoneNode(above, [], null)))
                {
                    break;
                }
            }
        }

        Link(apex, nodes);
        return new Zone(apex, nodes);
    }

    private static void Link(byte[] apex, Dictionary<byte[], ZoneNode> nodes)
    {
        Dictionary<byte[], ZoneNode>.AlternateLookup<ReadOnlySpan<byte>> find = nodes.GetAlternateLookup<ReadOnlySpan<byte>>();

        // From the top: the highest cut is the one that counts.
        foreach (ZoneNode node in nodes.Values.OrderBy(node => node.Labels))
        {
            ReadOnlySpan<byte> name = node.Name.Span;
            if (name.Length <= apex.Length)
            {
                continue;
            }

            ZoneNode parent = find[WireName.Parent(name)];
            node.Cut = parent.Cut ?? (node.Find(DnsType.Ns) is null ? null : node);
            if (name is [1, (byte)'*', ..])
            {
                parent.Wildcard = node;
            }
        }
    }
}
