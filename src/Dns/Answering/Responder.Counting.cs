using OrleansCdn.Dns.Edns;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Answering;

public sealed partial class Responder
{
    private void Note(QueryStatus status, in DnsQuery query, in QuerySource from)
    {
        _nameLength = query.Name.Length;
        _last = new QueryFacts
        {
            Status = status,
            Type = query.Type,
            HasEdns = query.HasEdns,
            Subnet = query.HasClientSubnet ? query.ClientSubnet : null,
            Pop = -1,
        };
        counters.Add(from.IsTcp ? DnsCount.Tcp : DnsCount.Udp);
        CountIf(!from.IsIpv4, DnsCount.Ipv6);
        CountIf(status == QueryStatus.Ignored, DnsCount.Ignored);
        CountIf(status == QueryStatus.Malformed, DnsCount.Malformed);
        CountIf(query.HasEdns, DnsCount.Edns);
        CountIf(query.WantsDnssec, DnsCount.DnssecOk);
        CountIf(query.HasClientSubnet, DnsCount.ClientSubnet);
        CountIf(query.WantsNsid, DnsCount.Nsid);
        if (status == QueryStatus.Ok)
        {
            counters.Add(query.Type);
        }
    }

    private void Note(DnsRcode rcode, bool isTruncated)
    {
        _last.Rcode = rcode;
        _last.IsTruncated = isTruncated;
        counters.Add(rcode);
        CountIf(isTruncated, DnsCount.Truncated);
        CountIf(_last.Scope > 0, DnsCount.Scoped);
        switch (_last.Cookie)
        {
            case CookieVerdict.ClientOnly:
                counters.Add(DnsCount.CookieNew);
                break;
            case CookieVerdict.Bad:
                counters.Add(DnsCount.CookieBad);
                break;
            case CookieVerdict.Good:
                counters.Add(DnsCount.CookieGood);
                break;
        }
    }

    private void CountIf(bool isSo, DnsCount count)
    {
        if (isSo)
        {
            counters.Add(count);
        }
    }
}
