using System.Buffers.Binary;
using OrleansCdn.Dns.Edns;

namespace OrleansCdn.Dns.Wire;

/// <summary>Takes a packet apart (RFC 1035 §4.1, RFC 6891 §6). Every octet of it has to belong to something.</summary>
internal static class QueryReader
{
    /// <summary>TYPE, CLASS, TTL, RDLENGTH.</summary>
    private const int RecordHeaderLength = 10;

    private const int QuestionTail = 4;
    private const byte DnssecOk = 0x80;

    /// <summary>RFC 9824 §5.1.</summary>
    private const byte CompactAnswersOk = 0x40;

    /// <summary>RFC 7873 §4: the client's alone, or with a server's of 8 to 32 octets.</summary>
    private const int ClientCookieLength = 8;
    private const int MinCookieLength = 16;
    private const int MaxCookieLength = 40;

    /// <param name="packet">As it came.</param>
    /// <param name="name">Room for the canonical name, <see cref="WireName.MaxLength"/> octets.</param>
    /// <param name="query">As much as was read before anything was found wrong.</param>
    public static QueryStatus Read(ReadOnlySpan<byte> packet, Span<byte> name, out DnsQuery query)
    {
        query = default;
        if (packet.Length < DnsHeader.Length || (packet[2] & DnsHeader.Response) != 0)
        {
            return QueryStatus.Ignored;
        }

        query.Id = BinaryPrimitives.ReadUInt16BigEndian(packet);
        query.Flags1 = packet[2];
        query.Flags2 = packet[3];
        return (packet[2] & DnsHeader.OpcodeMask) != 0
            ? QueryStatus.OtherOpcode
            : ReadSections(packet, name, ref query);
    }

    private static QueryStatus ReadSections(ReadOnlySpan<byte> packet, Span<byte> name, ref DnsQuery query)
    {
        int at = DnsHeader.Length;
        int questions = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        int answers = BinaryPrimitives.ReadUInt16BigEndian(packet[6..]);
        int authorities = BinaryPrimitives.ReadUInt16BigEndian(packet[8..]);
        int additional = BinaryPrimitives.ReadUInt16BigEndian(packet[10..]);

        // RFC 9619: more than one question has no meaning.
        if (questions > 1 || answers > 0 || (questions == 1 && !ReadQuestion(packet, name, ref at, ref query)))
        {
            return QueryStatus.Malformed;
        }

        QueryStatus status = QueryStatus.Ok;
        for (int i = 0; i < authorities + additional && status == QueryStatus.Ok; i++)
        {
            status = ReadRecord(packet, isAdditional: i >= authorities, ref at, ref query);
        }

        return status != QueryStatus.Ok ? status
            : at != packet.Length ? QueryStatus.Malformed
            : questions == 1 ? QueryStatus.Ok
            : query.Cookie.IsEmpty ? QueryStatus.Malformed
            : QueryStatus.CookieOnly;
    }

    private static bool ReadQuestion(ReadOnlySpan<byte> packet, Span<byte> name, ref int at, ref DnsQuery query)
    {
        ReadOnlySpan<byte> rest = packet[at..];
        int length = WireName.Read(rest, name, out int labels);
        if (length == 0 || rest.Length < length + QuestionTail)
        {
            return false;
        }

        query.Question = rest[..(length + QuestionTail)];
        query.Name = name[..length];
        query.Labels = labels;
        query.Type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(rest[length..]);
        query.Class = (DnsClass)BinaryPrimitives.ReadUInt16BigEndian(rest[(length + 2)..]);
        at += length + QuestionTail;
        return true;
    }

    private static QueryStatus ReadRecord(ReadOnlySpan<byte> packet, bool isAdditional, ref int at, ref DnsQuery query)
    {
        int nameLength = WireName.Skip(packet, at);
        if (nameLength == 0 || packet.Length - at - nameLength < RecordHeaderLength)
        {
            return QueryStatus.Malformed;
        }

        ReadOnlySpan<byte> record = packet[(at + nameLength)..];
        int length = BinaryPrimitives.ReadUInt16BigEndian(record[8..]);
        if (length > record.Length - RecordHeaderLength)
        {
            return QueryStatus.Malformed;
        }

        bool isRoot = nameLength == 1 && packet[at] == 0;
        at += nameLength + RecordHeaderLength + length;
        if ((DnsType)BinaryPrimitives.ReadUInt16BigEndian(record) != DnsType.Opt)
        {
            return QueryStatus.Ok;
        }

        // RFC 6891 §6.1.1: one, of the root, in the additional section.
        return !isAdditional || !isRoot || query.HasEdns
            ? QueryStatus.Malformed
            : ReadOpt(record, record.Slice(RecordHeaderLength, length), ref query);
    }

    private static QueryStatus ReadOpt(ReadOnlySpan<byte> record, ReadOnlySpan<byte> options, ref DnsQuery query)
    {
        query.HasEdns = true;
        query.PayloadSize = BinaryPrimitives.ReadUInt16BigEndian(record[2..]);
        query.WantsDnssec = (record[6] & DnssecOk) != 0;
        query.TakesCompactDenial = (record[6] & CompactAnswersOk) != 0;
        if (record[5] != 0)
        {
            return QueryStatus.BadVersion;
        }

        while (!options.IsEmpty)
        {
            if (options.Length < 4)
            {
                return QueryStatus.Malformed;
            }

            var code = (EdnsOptionCode)BinaryPrimitives.ReadUInt16BigEndian(options);
            int length = BinaryPrimitives.ReadUInt16BigEndian(options[2..]);
            if (length > options.Length - 4 || !ReadOption(code, options.Slice(4, length), ref query))
            {
                return QueryStatus.Malformed;
            }

            options = options[(4 + length)..];
        }

        return QueryStatus.Ok;
    }

    private static bool ReadOption(EdnsOptionCode code, ReadOnlySpan<byte> value, ref DnsQuery query)
    {
        switch (code)
        {
            case EdnsOptionCode.ClientSubnet:
                // Two of them contradict each other, and an answer would be kept for one of the two.
                if (query.HasClientSubnet || !ClientSubnet.TryRead(value, out ClientSubnet subnet))
                {
                    return false;
                }

                query.ClientSubnet = subnet;
                query.HasClientSubnet = true;
                return true;

            case EdnsOptionCode.Cookie:
                // RFC 7873 §5.2: of several the first counts.
                if (query.Cookie.IsEmpty)
                {
                    query.Cookie = value;
                }

                return value.Length is ClientCookieLength or (>= MinCookieLength and <= MaxCookieLength);

            case EdnsOptionCode.Nsid:
                query.WantsNsid = true;
                return true;

            case EdnsOptionCode.TcpKeepalive:
                // RFC 7828 §3.2.1: a client leaves its length 0; what it says otherwise does not matter to us.
                query.WantsKeepalive = true;
                return true;

            default:
                return true;
        }
    }
}
