using System.Buffers.Binary;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Wire;

namespace OrleansCdn.Dns.Server.Limiting;

/// <summary>
/// Which answers count as alike: those that one attacker could ask for again and again by names that differ. An answer with data
/// counts by its name, or by its wildcard's; one without (NODATA, NXDOMAIN, referral) by its zone or delegation, so that random names are all one;
/// errors are all one. Reads answers of our own making.
/// </summary>
internal static class ResponseKey
{
    /// <summary>Records of an authority section that are looked at for the one that names the zone: SOA or NS come first or after NSEC and its signature.</summary>
    private const int MaxRecords = 4;

    private const int TypeAndClass = 4;
    private const int TypeToLength = 10;

    private enum Kind : ulong
    {
        Error = 1,
        Empty = 2,
        Data = 3,
        Wildcard = 4,
    }

    /// <param name="responder">Has just written <paramref name="response"/>.</param>
    public static ulong Of(in KeyedHash hash, UInt128 network, Responder responder, ReadOnlySpan<byte> response)
    {
        ReadOnlySpan<byte> name = responder.LastName;
        ref readonly QueryFacts facts = ref responder.Last;
        if (name.IsEmpty || facts.Rcode is not (DnsRcode.NoError or DnsRcode.NxDomain))
        {
            return hash.Of(network, (ulong)Kind.Error);
        }

        if (BinaryPrimitives.ReadUInt16BigEndian(response[6..]) == 0)
        {
            return hash.Of(network, ZoneHash(hash, response, DnsHeader.Length + name.Length + TypeAndClass) ^ (ulong)Kind.Empty);
        }

        return facts.WildcardLabels == 0
            ? hash.Of(network, hash.OfName(name) ^ (ulong)Kind.Data)
            : hash.Of(network, hash.OfName(WireName.Last(name, WireName.CountLabels(name), facts.WildcardLabels - 1)) ^ (ulong)Kind.Wildcard);
    }

    /// <summary>By the owner of the first SOA or NS; 0: there is none.</summary>
    private static ulong ZoneHash(in KeyedHash hash, ReadOnlySpan<byte> response, int offset)
    {
        int records = Math.Min(MaxRecords, (int)BinaryPrimitives.ReadUInt16BigEndian(response[8..]));
        for (int i = 0; i < records; i++)
        {
            int fields = EndOfName(response, offset);
            if (fields < 0 || fields + TypeToLength > response.Length)
            {
                break;
            }

            if ((DnsType)BinaryPrimitives.ReadUInt16BigEndian(response[fields..]) is DnsType.Soa or DnsType.Ns)
            {
                return OfOwner(hash, response, offset);
            }

            offset = fields + TypeToLength + BinaryPrimitives.ReadUInt16BigEndian(response[(fields + TypeToLength - 2)..]);
        }

        return 0;
    }

    /// <summary>
    /// The owner is the question's name or one above it: written as a pointer into the question, or in full. Its labels stand in
    /// one piece either way.
    /// </summary>
    private static ulong OfOwner(in KeyedHash hash, ReadOnlySpan<byte> response, int offset)
    {
        if (response[offset] >= WireName.PointerBits)
        {
            offset = BinaryPrimitives.ReadUInt16BigEndian(response[offset..]) & 0x3fff;
        }

        int end = EndOfName(response, offset);
        return end < 0 ? 0 : hash.OfName(response[offset..end]);
    }

    /// <returns>-1: it has none within the message.</returns>
    private static int EndOfName(ReadOnlySpan<byte> message, int offset)
    {
        int length = WireName.Skip(message, offset);
        return length == 0 ? -1 : offset + length;
    }
}
