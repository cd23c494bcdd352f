using System.Buffers.Binary;
using OrleansCdn.Dns.Dnssec;
using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Answering;

public sealed partial class Responder
{
    /// <summary>Two keys sign at once while one takes over from the other, each 18 octets, the zone's name and 64 octets of signature (RFC 6605 §4); with as much again to spare.</summary>
    private const int MaxSignaturesLength = 4 * (2 + 18 + WireName.MaxLength + 64);

    /// <summary>A name, and a bitmap in which each of the 256 windows has 34 octets (RFC 4034 §4.1.2).</summary>
    private const int MaxNsecLength = WireName.MaxLength + 2 + (256 * 34);

    private readonly byte[] _signatures = new byte[MaxSignaturesLength];

    /// <summary>Records made for one answer, each behind its length in two octets.</summary>
    private readonly byte[] _made = new byte[2 + MaxNsecLength];
    private readonly DnsType[] _types = new DnsType[MaxTypes];

    /// <summary>Of a name's bitmap: more than there are types in use.</summary>
    private const int MaxTypes = 256;

    /// <summary>A set and, where the answer is signed, its signatures: both or neither.</summary>
    private PutResult Put(ref ResponseWriter writer, Section section, ReadOnlySpan<byte> owner, RrSetView set, in AnswerWay way)
    {
        ResponseWriter.Mark mark = writer.Here;
        if (!writer.TryWrite(section, owner, set))
        {
            return NoRoom(ref writer, section);
        }

        if (way.Signer is not ZoneSigner signer)
        {
            return PutResult.Written;
        }

        PutResult result = PutSignatures(ref writer, section, owner, set, signer, way.From);
        if (result != PutResult.Written)
        {
            writer.Back(mark);
        }

        return result;
    }

    private PutResult PutSignatures(ref ResponseWriter writer, Section section, ReadOnlySpan<byte> owner, RrSetView set, ZoneSigner signer, in QuerySource from)
    {
        int length = signer.Sign(owner, set, from.UnixTime, _signatures);
        if (length == 0)
        {
            return PutResult.NoSignature;
        }

        return writer.TryWrite(section, owner, new RrSetView(DnsType.RrSig, set.Ttl, _signatures.AsSpan(0, length)))
            ? PutResult.Written
            : NoRoom(ref writer, section);
    }

    /// <summary>RFC 2181 §9: what is additional may be left out without a word.</summary>
    private static PutResult NoRoom(ref ResponseWriter writer, Section section)
    {
        if (section != Section.Additional)
        {
            writer.Truncate();
        }

        return PutResult.NoRoom;
    }

    /// <summary>The SOA record of RFC 2308 §3 and, in a signed answer, the proof of RFC 9824.</summary>
    /// <param name="writer">Of the answer.</param>
    /// <param name="way">At the name that is denied, or whose type is.</param>
    /// <param name="node">Null: the name does not exist.</param>
    private DnsRcode Deny(ref ResponseWriter writer, in AnswerWay way, ZoneNode? node)
    {
        PutResult result = Put(ref writer, Section.Authority, way.Zone.Apex.Name.Span, way.Zone.NegativeSoa.View, way);
        if (result == PutResult.Written && way.Signer is not null)
        {
            result = PutNsec(ref writer, Section.Authority, way.Name, node, way);
        }

        // RFC 9824 §5.1: a name that is not there is NOERROR to validators unless they say that they know better.
        return result == PutResult.NoSignature ? DnsRcode.ServFail
            : node is not null || (way.Signer is not null && !way.Query.TakesCompactDenial) ? DnsRcode.NoError
            : DnsRcode.NxDomain;
    }

    private PutResult PutNsec(ref ResponseWriter writer, Section section, ReadOnlySpan<byte> owner, ZoneNode? node, in AnswerWay way)
    {
        int count = 0;
        if (node is not null)
        {
            bool isCut = ReferenceEquals(node.Cut, node);
            foreach (DnsType type in node.Types)
            {
                // At a cut the parent has NS and DS alone; what was asked and not found is not there, though another PoP may have it.
                if ((!isCut || type is DnsType.Ns or DnsType.Ds) && type != way.Type)
                {
                    AddType(ref count, type);
                }
            }

            if (ReferenceEquals(node, way.Zone.Apex))
            {
                foreach (DnsType type in (ReadOnlySpan<DnsType>)[DnsType.DnsKey, DnsType.Cds, DnsType.CDnsKey])
                {
                    if (way.ZoneSigner!.KeySet(type) is not null)
                    {
                        AddType(ref count, type);
                    }
                }
            }
        }

        int length = way.ZoneSigner!.Deny(owner, node is not null, _types.AsSpan(0, count), _made.AsSpan(2));
        BinaryPrimitives.WriteUInt16BigEndian(_made, (ushort)length);
        return Put(ref writer, section, owner, new RrSetView(DnsType.Nsec, way.Zone.NegativeTtl, _made.AsSpan(0, 2 + length)), way);
    }

    /// <summary>Where it belongs, ascending; nearly always at the end. (Sorting a span of enums would allocate.)</summary>
    private void AddType(ref int count, DnsType type)
    {
        if (count == MaxTypes)
        {
            return;
        }

        int at = count++;
        for (; at > 0 && _types[at - 1] > type; at--)
        {
            _types[at] = _types[at - 1];
        }

        _types[at] = type;
    }

    /// <summary>What the parent knows of a delegation (RFC 1034 §4.2.1), with the proof that it is signed or not (RFC 4035 §3.1.4).</summary>
    private DnsRcode Refer(ref ResponseWriter writer, in AnswerWay way, ZoneNode cut, bool isFirst)
    {
        counters.Add(DnsCount.Referral);

        // RFC 1034 §6.2.6: a referral is not authoritative; behind an alias, AA is about the alias.
        if (isFirst)
        {
            writer.SetAuthoritative(false);
        }

        RrSet nameservers = cut.Find(DnsType.Ns)!;
        if (!writer.TryWrite(Section.Authority, cut.Name.Span, nameservers.View))
        {
            writer.Truncate();
            return DnsRcode.NoError;
        }

        PutResult result = way.Signer is null ? PutResult.Written
            : cut.Find(DnsType.Ds) is RrSet signer ? Put(ref writer, Section.Authority, cut.Name.Span, signer.View, way)
            : PutNsec(ref writer, Section.Authority, cut.Name.Span, cut, way);
        if (result == PutResult.NoSignature)
        {
            return DnsRcode.ServFail;
        }

        foreach (ReadOnlySpan<byte> nameserver in nameservers.View)
        {
            PutGlue(ref writer, way, nameserver, cut);
        }

        return DnsRcode.NoError;
    }

    /// <summary>RFC 9471 §3.1: glue below the cut has to be there, or the answer is truncated.</summary>
    private static void PutGlue(ref ResponseWriter writer, in AnswerWay way, ReadOnlySpan<byte> nameserver, ZoneNode cut)
    {
        if (!WireName.IsAtOrBelow(nameserver, way.Zone.Apex.Name.Span) || way.Zone.Find(nameserver) is not ZoneNode node)
        {
            return;
        }

        bool isNeeded = WireName.IsAtOrBelow(nameserver, cut.Name.Span);
        foreach (RrSet set in node.Sets)
        {
            if (set.Type is DnsType.A or DnsType.Aaaa && !writer.TryWrite(Section.Additional, nameserver, set.View) && isNeeded)
            {
                writer.Truncate();
            }
        }
    }
}
