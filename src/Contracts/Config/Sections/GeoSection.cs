using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class GeoSection
{
    public static readonly ScalarKey<string> Country = ScalarKey<string>.Optional(
        "country", Tokens.FilePath, "no place is known", "A database of countries or cities. It is read again when it changes.");

    public static readonly ScalarKey<string> Asn = ScalarKey<string>.Optional(
        "asn", Tokens.FilePath, "no AS number is known", "A database of AS numbers. It is read again when it changes.");

    public static readonly KeyTable Table = new("dns.geo", [Country, Asn]);

    /// <returns>And whether all of it is right, so that something can be said of what it does not have.</returns>
    public static (GeoFilesConfig Config, bool IsRight) Bind(MapReader keys)
    {
        Found<string> country = keys.Read(Country);
        Found<string> asn = keys.Read(Asn);
        if (country is { Node: null, Valid: true } && asn is { Node: null, Valid: true } && !keys.HasUnknownKeys)
        {
            keys.Report("names no database", "country, asn or both");
        }

        return (
            new GeoFilesConfig { Country = country.Given ? country.Value : null, Asn = asn.Given ? asn.Value : null },
            country.Valid && asn.Valid && !keys.HasUnknownKeys);
    }
}
