using OrleansCdn.Dns.Wire;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.Answering;

public sealed partial class Responder
{
    /// <summary>Seconds; RFC 8482 §4.2 wants it long enough that the question is not asked again soon.</summary>
    private const uint AnyTtl = 3600;

    private static readonly byte[] s_idServer = NameText.Parse("id.server.");
    private static readonly byte[] s_hostnameBind = NameText.Parse("hostname.bind.");

    /// <summary>RFC 8482 §4.2: CPU "RFC8482", OS empty.</summary>
    private static readonly RrSet s_any = RrSet.Of(DnsType.HInfo, AnyTtl, [[7, .. "RFC8482"u8, 0]]);

    /// <summary>
    /// RFC 8482: ANY is answered with an alias if the name is one, else with the record that says that there is no more to learn. Who asks for
    /// signatures alone (RFC 8482 §7) is told the same.
    /// </summary>
    private PutResult AnswerAny(ZoneNode node, in AnswerWay way, ref ResponseWriter writer) =>
        Put(ref writer, Section.Answer, way.Name, (node.CName ?? s_any).View, way);

    /// <summary>RFC 4892: which server this is, with the words of NSID. Versions are nobody's business.</summary>
    private DnsRcode AnswerChaos(DnsData data, in DnsQuery query, ref ResponseWriter writer)
    {
        if (data.Nsid.IsEmpty || query.Type is not (DnsType.Txt or DnsType.Any)
            || (!query.Name.SequenceEqual(s_idServer) && !query.Name.SequenceEqual(s_hostnameBind)))
        {
            return DnsRcode.Refused;
        }

        _made[0] = (byte)data.Nsid.Length;
        data.Nsid.Span.CopyTo(_made.AsSpan(1));
        writer.SetAuthoritative();
        if (!writer.TryWriteRecord(Section.Answer, query.Name, DnsType.Txt, 0, _made.AsSpan(0, 1 + data.Nsid.Length), DnsClass.Chaos))
        {
            writer.Truncate();
        }

        return DnsRcode.NoError;
    }
}
