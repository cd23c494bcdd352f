using System.Collections.Immutable;
using OrleansCdn.Contracts.Dns;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Dnssec;

/// <summary>The records at a zone's name that come from its keys.</summary>
internal sealed class KeyRecords
{
    private readonly RrSet? _dnskey;
    private readonly RrSet? _cds;
    private readonly RrSet? _cdnskey;

    public KeyRecords(ImmutableArray<SigningKey> keys, CdsForm cds, ReadOnlySpan<byte> apex)
    {
        byte[] owner = apex.ToArray();
        _dnskey = Set(DnsType.DnsKey, keys.Select(key => key.Rdata));
        ImmutableArray<SigningKey> asked = [.. keys.Where(key => key.IsAskedFor)];
        (_cds, _cdnskey) = cds switch
        {
            CdsForm.Keys => (Set(DnsType.Cds, asked.Select(key => DsRecord.Rdata(owner, key.Rdata))), Set(DnsType.CDnsKey, asked.Select(key => key.Rdata))),
            CdsForm.Delete => (Set(DnsType.Cds, [DsRecord.CdsOfNone]), Set(DnsType.CDnsKey, [DsRecord.CdnskeyOfNone])),
            _ => (null, null),
        };
    }

    public RrSet? Of(DnsType type) => type switch
    {
        DnsType.DnsKey => _dnskey,
        DnsType.Cds => _cds,
        DnsType.CDnsKey => _cdnskey,
        _ => null,
    };

    private static RrSet? Set(DnsType type, IEnumerable<byte[]> rdata)
    {
        byte[][] records = [.. rdata];
        return records.Length == 0 ? null : RrSet.Of(type, DnsKeyTimes.DnskeyTtlSeconds, records);
    }
}
