using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Server;
using OrleansCdn.Edge.Dns.Visits;

namespace OrleansCdn.Edge.Dns;

/// <summary>Where who asks is, and whom it asks for, as the databases have it.</summary>
internal static class QuestionPlaces
{
    public static GeoRecord OfResolver(GeoDatabases databases, in SteeredQuestion question)
    {
        QuerySource source = question.Source;
        return databases.Find(source.IsIpv4, source.IsIpv4 ? (uint)source.Address : source.Address);
    }

    /// <summary>Null: the resolver has sent no network, or one of 0 bits, which says that the client is not to be looked at (RFC 7871 §7.1.2).</summary>
    public static GeoRecord? OfSubnet(GeoDatabases databases, in SteeredQuestion question) =>
        question.Subnet is { SourceBits: > 0 } subnet ? databases.Find(subnet.IsIpv4, subnet.Address) : null;

    public static VisitPlace ToVisit(in GeoRecord record) => new(
        Text(record.Continent), Text(record.Country), Text(record.RegisteredCountry), record.Asn);

    /// <summary>IPv4 mapped into IPv6, as visits have it.</summary>
    public static UInt128 Mapped(bool isIpv4, UInt128 address) => isIpv4 ? MappedAddress.Of((uint)address) : address;

    private const int Letters = 26;

    /// <summary>One string for each code, however many visits name it.</summary>
    private static readonly string?[] Codes = new string?[Letters * Letters];

    private static string? Text(GeoCode code)
    {
        if (code.ToText() is not string text)
        {
            return null;
        }

        ref string? known = ref Codes[((text[0] - 'A') * Letters) + text[1] - 'A'];
        return known ??= text;
    }
}
