using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Answering;

public sealed partial class Responder
{
    /// <summary>Names that one answer goes through by CNAMEs; RFC 1034 §3.6.2 leaves the number open, resolvers take about a dozen.</summary>
    private const int MaxChain = 8;

    private DnsRcode Answer(DnsData data, in DnsQuery query, in QuerySource from, ref ResponseWriter writer)
    {
        if (query.Class == DnsClass.Chaos)
        {
            return AnswerChaos(data, query, ref writer);
        }

        // There are no transfers: zones come from the config.
        if (query.Class != DnsClass.Internet || query.Type is DnsType.Axfr or DnsType.Ixfr or DnsType.TKey)
        {
            return DnsRcode.Refused;
        }

        // OPT and TSIG are no data (RFC 6891 §6.1.1); RFC 9824 §3.4 has NXNAME be an error.
        if (query.Type is DnsType.None or DnsType.Opt or DnsType.TSig or DnsType.NxName)
        {
            return DnsRcode.FormErr;
        }

        if (FindZone(data.Zones, query) is not ServedZone served)
        {
            counters.Add(DnsCount.OutsideZones);
            return DnsRcode.Refused;
        }

        if (served.IsSigned && served.Signer is not { CanSign: true })
        {
            counters.Add(DnsCount.NotSigned);
            return DnsRcode.ServFail;
        }

        var way = new AnswerWay
        {
            Data = data,
            From = from,
            Query = query,
            Zone = served.Zone,
            ZoneSigner = served.IsSigned ? served.Signer : null,
            Name = query.Name,
            Labels = query.Labels,
        };
        ResponseWriter.Mark start = writer.Here;
        writer.SetAuthoritative();
        DnsRcode rcode = Follow(ref way, ref writer);
        if (rcode == DnsRcode.ServFail)
        {
            writer.Back(start);
            writer.SetAuthoritative(false);
            counters.Add(DnsCount.NotSigned);
        }

        return rcode;
    }

    /// <summary>DS is the parent's (RFC 4035 §3.1.4.1): where both zones are here, the parent is asked.</summary>
    private static ServedZone? FindZone(ZoneTable zones, in DnsQuery query)
    {
        ServedZone? zone = zones.Find(query.Name, query.Labels);
        return query.Type == DnsType.Ds && zone is not null && query.Labels > 0 && zone.Zone.Apex.Labels == query.Labels
            ? zones.Find(WireName.Parent(query.Name), query.Labels - 1) ?? zone
            : zone;
    }

    /// <summary>From name to name while they are aliases of each other within the zone (RFC 1034 §4.3.2 step 3).</summary>
    private DnsRcode Follow(ref AnswerWay way, ref ResponseWriter writer)
    {
        for (int links = 0; ; links++)
        {
            (ZoneVerdict verdict, ZoneNode node) = way.Zone.Lookup(way.Name, way.Labels);
            switch (verdict)
            {
                case ZoneVerdict.Delegation when way.Type != DnsType.Ds || !way.Name.SequenceEqual(node.Name.Span):
                    return Refer(ref writer, way, node, isFirst: links == 0);
                case ZoneVerdict.NameError:
                    return Deny(ref writer, way, null);
                case ZoneVerdict.Wildcard:
                    counters.Add(DnsCount.Wildcard);
                    _last.WildcardLabels = links == 0 ? node.Labels : _last.WildcardLabels;
                    break;
            }

            if (node.CName is not RrSet alias || way.Type is DnsType.CName or DnsType.Any or DnsType.Nsec or DnsType.RrSig)
            {
                return AnswerAt(node, ref way, ref writer);
            }

            PutResult result = Put(ref writer, Section.Answer, way.Name, alias.View, way);
            ReadOnlySpan<byte> target = alias.Packed.AsSpan(2);
            if (result != PutResult.Written || links >= MaxChain || !WireName.IsAtOrBelow(target, way.Zone.Apex.Name.Span))
            {
                return result == PutResult.NoSignature ? DnsRcode.ServFail : DnsRcode.NoError;
            }

            way.Name = target;
            way.Labels = WireName.CountLabels(target);
        }
    }

    private DnsRcode AnswerAt(ZoneNode node, ref AnswerWay way, ref ResponseWriter writer)
    {
        PutResult result;
        if (node.Find(way.Type) is RrSet set)
        {
            result = Put(ref writer, Section.Answer, way.Name, set.View, way);
        }
        else if (node.Steered is SteeredName steered && way.Type is DnsType.A or DnsType.Aaaa or DnsType.Https or DnsType.Txt)
        {
            result = Steer(steered, ref way, ref writer, out bool isFound);
            if (!isFound)
            {
                counters.Add(DnsCount.NoData);
                return Deny(ref writer, way, node);
            }
        }
        else
        {
            bool isApex = ReferenceEquals(node, way.Zone.Apex);
            switch (way.Type)
            {
                case DnsType.DnsKey or DnsType.Cds or DnsType.CDnsKey when isApex && way.ZoneSigner?.KeySet(way.Type) is RrSet keys:
                    result = Put(ref writer, Section.Answer, way.Name, keys.View, way);
                    break;
                case DnsType.Nsec when way.ZoneSigner is not null:
                    result = PutNsec(ref writer, Section.Answer, way.Name, node, way);
                    break;
                case DnsType.Any or DnsType.RrSig when !node.Types.IsEmpty:
                    result = AnswerAny(node, way, ref writer);
                    break;
                default:
                    counters.Add(DnsCount.NoData);
                    return Deny(ref writer, way, node);
            }
        }

        return result == PutResult.NoSignature ? DnsRcode.ServFail : DnsRcode.NoError;
    }
}
