using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class LocationSection
{
    public static readonly ScalarKey<double> Latitude = ScalarKey<double>.Must("latitude", Numbers.Degrees(90), "Degrees north; south is negative.");

    public static readonly ScalarKey<double> Longitude = ScalarKey<double>.Must("longitude", Numbers.Degrees(180), "Degrees east; west is negative.");

    public static readonly ScalarKey<string> Country = ScalarKey<string>.Must("country", Places.Country, "The country.");

    public static readonly ScalarKey<string> Continent = ScalarKey<string>.Must("continent", Places.Continent, "The continent, as geo databases abbreviate it.");

    public static readonly KeyTable Table = new("pops.ID.location", [Latitude, Longitude, Country, Continent]);

    public static LocationConfig Bind(MapReader keys) => new()
    {
        Latitude = keys.Read(Latitude).Value,
        Longitude = keys.Read(Longitude).Value,
        Country = keys.Read(Country).Value,
        Continent = keys.Read(Continent).Value,
    };
}
