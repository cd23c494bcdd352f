using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Zones;

/// <summary>What can be wrong with records that are right one by one.</summary>
internal static class ZoneCheck
{
    /// <summary>Of one name and type on the wire: leaves room for its signature, its question and EDNS in 65,535 octets over TCP.</summary>
    private const int MaxSetLength = 60_000;

    /// <summary>Of one name; more than there are in use, and as many as a denial takes note of.</summary>
    private const int MaxTypesPerName = 200;

    /// <summary>As many as an answer follows.</summary>
    private const int MaxChain = 8;

    public static void Check(ZoneDraft draft)
    {
        ZoneMistakes mistakes = draft.Mistakes;
        foreach ((byte[] owner, List<ZoneRecord> records) in draft.Records)
        {
            CheckName(draft, owner, records);
            foreach (IGrouping<DnsType, ZoneRecord> set in records.GroupBy(record => record.Type))
            {
                CheckSet(mistakes, set);
            }

            foreach (ZoneRecord record in records)
            {
                CheckTarget(draft, record);
            }
        }

        foreach (byte[] owner in draft.Steered.Keys)
        {
            CheckSteered(draft, owner);
        }
    }

    private static void CheckName(ZoneDraft draft, byte[] owner, List<ZoneRecord> records)
    {
        ZoneMistakes mistakes = draft.Mistakes;
        bool isApex = owner.AsSpan().SequenceEqual(draft.Name);
        ZoneRecord? alias = records.Find(record => record.Type == DnsType.CName);
        if (alias is not null && isApex)
        {
            mistakes.Error(alias.Line, alias.Subject, "stands at the zone's name, which has SOA and NS records", "write ALIAS for a name of this CDN, or steer @");
        }
        else if (alias is not null && records.Find(record => record != alias && !(record.Type == DnsType.CName && record.Rdata.AsSpan().SequenceEqual(alias.Rdata))) is ZoneRecord other)
        {
            mistakes.Error(other.Line, other.Subject, $"stands beside the CNAME of line {alias.Line}, which allows nothing else (RFC 1034 §3.6.2)");
        }

        if (records.Find(record => record.IsAlias) is ZoneRecord own
            && records.Find(record => (record.IsAlias && record != own) || record.Type is DnsType.A or DnsType.Aaaa or DnsType.Https) is ZoneRecord beside)
        {
            mistakes.Error(beside.Line, beside.Subject, $"stands beside the ALIAS of line {own.Line}, whose addresses the name is given");
        }

        if (records.Find(record => record.Type == DnsType.Ds) is ZoneRecord ds && (isApex || records.TrueForAll(record => record.Type != DnsType.Ns)))
        {
            mistakes.Error(ds.Line, ds.Subject, isApex ? "stands at the zone's own name, and belongs to the zone above" : "needs NS records beside it");
        }

        if (owner is [1, (byte)'*', ..] && records.Find(record => record.Type == DnsType.Ns) is ZoneRecord delegation)
        {
            mistakes.Error(delegation.Line, delegation.Subject, "delegates a wildcard, which has no meaning (RFC 4592 §4.2)");
        }

        if (Cut(draft, owner) is byte[] cut)
        {
            ZoneRecord? lost = records.Find(record => owner.AsSpan().SequenceEqual(cut)
                ? record.Type is not (DnsType.Ns or DnsType.Ds or DnsType.A or DnsType.Aaaa)
                : record.Type is not (DnsType.A or DnsType.Aaaa));
            if (lost is not null)
            {
                mistakes.Warn(lost.Line, lost.Subject, $"is never answered: {NameText.Of(cut)} is delegated");
            }
        }

        if (records.Select(record => record.Type).Distinct().Count() > MaxTypesPerName)
        {
            mistakes.Error(records[0].Line, NameText.Of(owner), $"has records of more than {MaxTypesPerName} types");
        }
    }

    private static void CheckSet(ZoneMistakes mistakes, IGrouping<DnsType, ZoneRecord> set)
    {
        ZoneRecord first = set.First();
        if (set.FirstOrDefault(record => record.Ttl != first.Ttl) is ZoneRecord other)
        {
            mistakes.Warn(
                other.Line, other.Subject, $"has another TTL than line {first.Line}; all are given the lowest (RFC 2181 §5.2)", $"write {set.Min(record => record.Ttl)} for each");
        }

        if (set.Key == DnsType.CName && set.Any(record => !record.Rdata.AsSpan().SequenceEqual(first.Rdata)))
        {
            mistakes.Error(set.Last().Line, first.Subject, "has more than one target");
        }

        if (set.Sum(record => record.Rdata.Length + 12) > MaxSetLength)
        {
            mistakes.Error(first.Line, first.Subject, $"has more than {MaxSetLength} octets, which no answer holds");
        }
    }

    private static void CheckTarget(ZoneDraft draft, ZoneRecord record)
    {
        ReadOnlySpan<byte> target = record.Type switch
        {
            DnsType.Ns or DnsType.CName => record.Rdata,
            DnsType.Mx => record.Rdata.AsSpan(2),
            DnsType.Srv => record.Rdata.AsSpan(6),
            _ => default,
        };
        if (target.Length <= 1 || !WireName.IsAtOrBelow(target, draft.Name))
        {
            return;
        }

        ZoneRecord[] there = [.. draft.At(target)];
        if (record.Type == DnsType.CName)
        {
            CheckChain(draft, record, target, there);
        }
        else if (there.Any(x => x.Type == DnsType.CName))
        {
            draft.Mistakes.Warn(record.Line, record.Subject, $"leads to {NameText.Of(target)}, which is a CNAME (RFC 2181 §10.3)", "name the host itself");
        }
        else if (!HasAddress(draft, target, there))
        {
            bool isGlue = record.Type == DnsType.Ns && !record.Owner.AsSpan().SequenceEqual(draft.Name) && WireName.IsAtOrBelow(target, record.Owner);
            draft.Mistakes.Warn(
                record.Line, record.Subject, $"leads to {NameText.Of(target)}, which has no address here",
                isGlue ? "without glue (A or AAAA records of that name in this zone) nobody finds the delegated zone" : null);
        }
    }

    private static void CheckChain(ZoneDraft draft, ZoneRecord record, ReadOnlySpan<byte> target, ZoneRecord[] there)
    {
        if (there.Length == 0 && !Exists(draft, target))
        {
            draft.Mistakes.Warn(record.Line, record.Subject, $"leads to {NameText.Of(target)}, which does not exist");
            return;
        }

        ZoneRecord? next = record;
        for (int links = 0; links < MaxChain; links++)
        {
            next = draft.At(next.Rdata).FirstOrDefault(x => x.Type == DnsType.CName);
            if (next is null)
            {
                return;
            }

            if (next.Owner.AsSpan().SequenceEqual(record.Owner))
            {
                draft.Mistakes.Error(record.Line, record.Subject, "leads back to itself");
                return;
            }
        }

        draft.Mistakes.Error(record.Line, record.Subject, $"leads through more than {MaxChain} CNAMEs", "lead to the last name at once");
    }

    private static void CheckSteered(ZoneDraft draft, byte[] owner)
    {
        string name = NameText.Of(owner);
        foreach (ZoneRecord record in draft.At(owner))
        {
            if (record.Type is DnsType.A or DnsType.Aaaa or DnsType.Https or DnsType.CName || record.IsAlias || (record.Type == DnsType.Txt && draft.WithText.Contains(owner)))
            {
                draft.Mistakes.Error(record.Line, record.Subject, $"stands at {name}, which is steered", "leave the record or the steered name out");
            }
        }

        if (Cut(draft, owner) is byte[] cut)
        {
            draft.Mistakes.Error(0, name, $"is steered, and {NameText.Of(cut)} is delegated");
        }
    }

    private static bool HasAddress(ZoneDraft draft, ReadOnlySpan<byte> name, ZoneRecord[] there) =>
        there.Any(record => record.Type is DnsType.A or DnsType.Aaaa || record.IsAlias)
        || draft.Steered.GetAlternateLookup<ReadOnlySpan<byte>>().ContainsKey(name)
        || (there.Length == 0 && Wildcard(draft, name));

    private static bool Exists(ZoneDraft draft, ReadOnlySpan<byte> name) =>
        draft.Exists(name) || Wildcard(draft, name) || Cut(draft, name.ToArray()) is not null;

    /// <summary>Whether there is a wildcard somewhere above; which names it stands for exactly is seen when they are asked.</summary>
    private static bool Wildcard(ZoneDraft draft, ReadOnlySpan<byte> name)
    {
        while (name.Length > draft.Name.Length)
        {
            name = WireName.Parent(name);
            byte[] wildcard = [1, (byte)'*', .. name];
            if (draft.Records.ContainsKey(wildcard) || draft.Steered.ContainsKey(wildcard))
            {
                return true;
            }
        }

        return false;
    }

    /// <returns>The delegation that a name is at or below, the highest; null: none.</returns>
    private static byte[]? Cut(ZoneDraft draft, byte[] name)
    {
        byte[]? cut = null;
        for (byte[] above = name; above.Length > draft.Name.Length; above = WireName.Parent(above).ToArray())
        {
            if (draft.Records.TryGetValue(above, out List<ZoneRecord>? records) && records.Exists(record => record.Type == DnsType.Ns))
            {
                cut = above;
            }
        }

        return cut;
    }
}
