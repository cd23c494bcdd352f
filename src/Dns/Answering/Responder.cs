using System.Buffers.Binary;
using OrleansCdn.Dns.Edns;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Answering;

/// <summary>
/// The whole way of a query: one in, one answer out. One instance for each socket thread; it keeps that thread's buffers.
/// <list type="number">
/// <item>Decode; what is no query is not answered.</item>
/// <item>EDNS of the answer, so that its room is known.</item>
/// <item>Refuse by form, or look the name up and write the sections.</item>
/// <item>Truncate, close, count.</item>
/// </list>
/// </summary>
public sealed partial class Responder(DnsDataSource source, DnsCounters counters)
{
    /// <summary>Most octets of an answer over UDP, and what is said to be taken: passes every path without fragments (RFC 9715 §3.1 has 1,400; 1,232 is the agreement of DNS Flag Day 2020).</summary>
    public const int MaxUdpLength = 1232;

    /// <summary>RFC 1035 §4.2.1: without EDNS. Also the least that EDNS may say (RFC 6891 §6.2.5).</summary>
    public const int MinUdpLength = 512;

    /// <summary>RFC 1035 §4.2.2.</summary>
    public const int MaxTcpLength = ushort.MaxValue;

    /// <summary>Header of OPT, client subnet, cookie, NSID, keepalive, each at its longest.</summary>
    private const int MaxOptLength = 11 + (4 + 20) + (4 + ServerCookies.Length) + (4 + DnsData.MaxNsidLength) + (4 + 2);

    private readonly byte[] _name = new byte[WireName.MaxLength];
    private readonly byte[] _opt = new byte[MaxOptLength];
    private QueryFacts _last;

    /// <summary>Of the query that was answered last.</summary>
    public ref readonly QueryFacts Last => ref _last;

    /// <summary>Canonical, of the query that was answered last; empty: it had none that could be read.</summary>
    public ReadOnlySpan<byte> LastName => _name.AsSpan(0, _nameLength);

    private int _nameLength;

    /// <param name="packet">One message, without the length that TCP has before it.</param>
    /// <param name="from">Who asks.</param>
    /// <param name="response">Most that the transport takes: at least <see cref="MinUdpLength"/> octets.</param>
    /// <returns>Octets written; 0: no answer is sent.</returns>
    public int Respond(ReadOnlySpan<byte> packet, in QuerySource from, Span<byte> response)
    {
        // :: 1. Decode.
        DnsData data = source.Current;
        QueryStatus status = QueryReader.Read(packet, _name, out DnsQuery query);
        Note(status, query, from);
        if (status == QueryStatus.Ignored)
        {
            return 0;
        }

        // :: 2. EDNS.
        var opt = new OptWriter(_opt, MaxUdpLength, query.WantsDnssec);
        Span<byte> subnet = query.HasEdns ? AddOptions(ref opt, data, query, from, status) : default;
        var writer = new ResponseWriter(response[..Math.Min(response.Length, Limit(query, from))], query, query.HasEdns ? opt.Length : 0);

        // :: 3. Answer.
        DnsRcode rcode = status switch
        {
            QueryStatus.Malformed => DnsRcode.FormErr,
            QueryStatus.OtherOpcode => DnsRcode.NotImp,
            QueryStatus.BadVersion => DnsRcode.BadVers,
            _ when _last.Cookie is CookieVerdict.Bad or CookieVerdict.ClientOnly && data.RequiresCookies && !from.IsTcp => DnsRcode.BadCookie,
            QueryStatus.CookieOnly => DnsRcode.NoError,
            _ => Answer(data, query, from, ref writer),
        };

        // :: 4. Close.
        if (query.HasEdns)
        {
            opt.SetRcode(rcode);
            if (!subnet.IsEmpty)
            {
                query.ClientSubnet.Write(_last.Scope, subnet);
            }

            writer.WriteOpt(_opt.AsSpan(0, opt.Length));
            _last.OptLength = opt.Length;
        }

        Note(rcode, writer.IsTruncated);
        return writer.Finish(rcode);
    }

    /// <summary>
    /// An answer of <see cref="Respond"/> cut down to one that says nothing but to ask over TCP (RFC 2181 §9), its EDNS with it.
    /// </summary>
    /// <returns>Its length.</returns>
    public int Slip(Span<byte> response, int length)
    {
        if (BinaryPrimitives.ReadUInt16BigEndian(response[4..]) == 0)
        {
            return length;
        }

        int end = DnsHeader.Length + WireName.Skip(response[..length], DnsHeader.Length) + 4;
        response[2] |= DnsHeader.Truncated;
        response[3] &= unchecked((byte)~DnsHeader.RcodeMask);
        response[6..DnsHeader.Length].Clear();
        response[11] = _last.OptLength > 0 ? (byte)1 : (byte)0;
        response[(length - _last.OptLength)..length].CopyTo(response[end..]);
        return end + _last.OptLength;
    }

    private static int Limit(in DnsQuery query, in QuerySource from) =>
        from.IsTcp ? MaxTcpLength : query.HasEdns ? Math.Clamp((int)query.PayloadSize, MinUdpLength, MaxUdpLength) : MinUdpLength;

    /// <returns>Where the client subnet is written when its scope is known; empty: there is none.</returns>
    private Span<byte> AddOptions(ref OptWriter opt, DnsData data, in DnsQuery query, in QuerySource from, QueryStatus status)
    {
        if (status is QueryStatus.Malformed or QueryStatus.BadVersion)
        {
            return default;
        }

        Span<byte> subnet = query.HasClientSubnet ? opt.Add(EdnsOptionCode.ClientSubnet, ClientSubnet.HeaderLength + query.ClientSubnet.AddressOctets) : default;
        if (!query.Cookie.IsEmpty && data.Cookies is ServerCookies cookies)
        {
            _last.Cookie = cookies.Judge(query.Cookie, from.IsIpv4, from.Address, from.UnixTime, opt.Add(EdnsOptionCode.Cookie, ServerCookies.Length));
        }

        if (query.WantsNsid && !data.Nsid.IsEmpty)
        {
            opt.Add(EdnsOptionCode.Nsid, data.Nsid.Span);
        }

        if (query.WantsKeepalive && from.IsTcp && data.TcpIdle > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(opt.Add(EdnsOptionCode.TcpKeepalive, 2), data.TcpIdle);
        }

        return subnet;
    }
}
