using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones.Master;

namespace OrleansCdn.Dns.Zones;

/// <summary>A zone whose records have been read and not yet put together.</summary>
internal sealed class ZoneDraft
{
    /// <summary>Seconds, for secondaries, which this server has none of: what RFC 1912 §2.2 recommends.</summary>
    private const uint Refresh = 7200;
    private const uint Retry = 3600;
    private const uint Expire = 1_209_600;

    private ZoneDraft(ZoneSource source, byte[] name) => (Source, Name, Mistakes) = (source, name, new ZoneMistakes(source.Name));

    private HashSet<byte[]>? _existing;

    public ZoneSource Source { get; }

    public byte[] Name { get; }

    public ZoneMistakes Mistakes { get; }

    /// <summary>By owner.</summary>
    public Dictionary<byte[], List<ZoneRecord>> Records { get; } = new(NameComparer.Instance);

    public Dictionary<byte[], SteeredName> Steered { get; } = new(NameComparer.Instance);

    /// <summary>Steered names whose TXT answers are their own.</summary>
    public HashSet<byte[]> WithText { get; } = new(NameComparer.Instance);

    public static ZoneDraft Read(ZoneSource source)
    {
        if (!NameText.TryParse(source.Name, WireName.Root, out byte[] name, out string? problem))
        {
            var nameless = new ZoneDraft(source, [0]);
            nameless.Mistakes.Error(0, source.Name, problem!);
            return nameless;
        }

        var draft = new ZoneDraft(source, name);
        foreach (ZoneRecord record in new MasterReader(name, source.Ttl, draft.Mistakes).Read(source.Records ?? ""))
        {
            draft.Add(draft.WithinADay(record));
        }

        draft.AddSoa();
        draft.AddNameservers();
        foreach ((string relative, SteeredName answers, bool hasText) in source.Steered)
        {
            if (!NameText.TryParse(relative, name, out byte[] owner, out problem) || !draft.Steered.TryAdd(owner, answers))
            {
                draft.Mistakes.Error(0, relative, problem ?? "is steered twice");
            }
            else if (hasText || answers.Explainer is not null)
            {
                draft.WithText.Add(owner);
            }
        }

        return draft;
    }

    /// <summary>Changes of keys wait for what caches hold, also for answers from before a zone was signed: nothing is given for longer than is waited.</summary>
    private ZoneRecord WithinADay(ZoneRecord record)
    {
        if (record.Ttl <= DnsKeyTimes.MaxTtlSeconds)
        {
            return record;
        }

        Mistakes.Warn(record.Line, record.Subject, "has a TTL of more than a day, and is answered with a day", "write 1d or less");
        return record with { Ttl = DnsKeyTimes.MaxTtlSeconds };
    }

    /// <summary>Whether there is something at a name, or below it (RFC 4592 §2.2.2).</summary>
    public bool Exists(ReadOnlySpan<byte> name)
    {
        _existing ??= Existing();
        return _existing.GetAlternateLookup<ReadOnlySpan<byte>>().Contains(name);
    }

    public IEnumerable<ZoneRecord> At(ReadOnlySpan<byte> name) =>
        Records.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out List<ZoneRecord>? records) ? records : [];

    private HashSet<byte[]> Existing()
    {
        var existing = new HashSet<byte[]>(NameComparer.Instance);
        foreach (byte[] owner in Records.Keys.Concat(Steered.Keys))
        {
            for (byte[] name = owner; existing.Add(name) && name.Length > Name.Length; name = WireName.Parent(name).ToArray())
            {
            }
        }

        return existing;
    }

    private void Add(ZoneRecord record)
    {
        if (!Records.TryGetValue(record.Owner, out List<ZoneRecord>? records))
        {
            Records.Add(record.Owner, records = []);
        }

        records.Add(record);
    }

    private void AddSoa()
    {
        ZoneRecord[] given = [.. Records.Values.SelectMany(records => records).Where(record => record.Type == DnsType.Soa)];
        foreach (ZoneRecord record in given.Where(record => !record.Owner.AsSpan().SequenceEqual(Name)))
        {
            Mistakes.Error(record.Line, record.Subject, "does not stand at the zone's name", "a zone has one SOA record, at @");
        }

        ZoneRecord[] atApex = [.. given.Where(record => record.Owner.AsSpan().SequenceEqual(Name))];
        foreach (ZoneRecord record in atApex.Skip(1))
        {
            Mistakes.Error(record.Line, record.Subject, $"is a second one, after that of line {atApex[0].Line}", "a zone has one SOA record");
        }

        if (atApex.Length > 0)
        {
            Records[Name][Records[Name].IndexOf(atApex[0])] = atApex[0] with { Rdata = SoaRdata.WithSerial(atApex[0].Rdata, Source.Serial) };
            return;
        }

        byte[] nameserver = Source.Nameservers.Length > 0 && NameText.TryParse(Source.Nameservers[0], WireName.Root, out byte[] first, out _) ? first : Name;
        if (!NameText.TryParse(Source.Hostmaster ?? "hostmaster." + Source.Name, WireName.Root, out byte[] hostmaster, out string? problem))
        {
            Mistakes.Error(0, $"hostmaster {Source.Hostmaster}", problem!);
            hostmaster = Name;
        }

        byte[] soa = SoaRdata.Of(nameserver, hostmaster, Source.Serial, Refresh, Retry, Expire, Source.NegativeTtl);
        Add(new ZoneRecord(Name, DnsType.Soa, Source.NegativeTtl, soa, 0));
    }

    /// <summary>Those of the config are the zone's; records that say others would leave open which are meant.</summary>
    private void AddNameservers()
    {
        var configured = new HashSet<byte[]>(NameComparer.Instance);
        foreach (string nameserver in Source.Nameservers)
        {
            if (NameText.TryParse(nameserver, WireName.Root, out byte[] name, out string? problem))
            {
                configured.Add(name);
            }
            else
            {
                Mistakes.Error(0, $"nameserver {nameserver}", problem!);
            }
        }

        ZoneRecord[] given = [.. At(Name).Where(record => record.Type == DnsType.Ns)];
        if (given.Length == 0)
        {
            // A day: RFC 1912 §2.2 and practice of delegations.
            const uint NameserverTtl = 86_400;
            foreach (byte[] name in configured)
            {
                Add(new ZoneRecord(Name, DnsType.Ns, Math.Min(NameserverTtl, Math.Max(Source.Ttl, 3600)), name, 0));
            }
        }
        else if (configured.Count > 0 && !configured.SetEquals(given.Select(record => record.Rdata)))
        {
            Mistakes.Error(
                given[0].Line, given[0].Subject, $"and the config's nameservers differ ({string.Join(' ', configured.Select(name => NameText.Of(name)))})",
                "leave the zone's own NS records out, or name the same ones");
        }
    }
}
