namespace OrleansCdn.Dns.Geo;

/// <summary>The databases in force; either may be missing.</summary>
/// <param name="Country">Countries, continents, perhaps coordinates.</param>
/// <param name="Asn">AS numbers.</param>
public sealed record GeoDatabases(GeoDatabase? Country, GeoDatabase? Asn)
{
    public static readonly GeoDatabases None = new(null, null);

    /// <summary>What both say of an address.</summary>
    /// <param name="isIpv4">The address is the low 32 bits.</param>
    /// <param name="address">The address.</param>
    public GeoRecord Find(bool isIpv4, UInt128 address)
    {
        GeoRecord place = Country?.Find(isIpv4, address, out _) ?? GeoRecord.Nothing;
        GeoRecord network = Asn?.Find(isIpv4, address, out _) ?? GeoRecord.Nothing;
        return Joined(place, network);
    }

    /// <summary>Some databases have both; the AS number is the word of the database that is for it.</summary>
    internal static GeoRecord Joined(in GeoRecord place, in GeoRecord network) => network.Asn == 0
        ? place
        : place with { Asn = network.Asn, OrganizationAt = network.OrganizationAt, OrganizationBytes = network.OrganizationBytes };
}
