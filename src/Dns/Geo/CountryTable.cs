using System.Collections.Frozen;
using System.Globalization;

namespace OrleansCdn.Dns.Geo;

/// <summary>What is known of countries without a database: <c>countries.txt</c>.</summary>
internal static class CountryTable
{
    private static readonly FrozenDictionary<GeoCode, Country> Countries = Read();

    /// <summary>The default value: no country of ISO 3166-1.</summary>
    public static GeoCode ContinentOf(GeoCode country) => Countries.TryGetValue(country, out Country? known) ? known.Continent : default;

    /// <summary>A place where many people of the country live; null: no country of ISO 3166-1.</summary>
    public static Country? Find(GeoCode country) => Countries.GetValueOrDefault(country);

    private static FrozenDictionary<GeoCode, Country> Read()
    {
        using Stream file = typeof(CountryTable).Assembly.GetManifestResourceStream("countries.txt")!;
        using var reader = new StreamReader(file);
        Dictionary<GeoCode, Country> countries = [];
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                string[] words = line.Split(' ');
                countries.Add(GeoCode.Parse(words[0]), new Country(
                    GeoCode.Parse(words[1]),
                    float.Parse(words[2], CultureInfo.InvariantCulture),
                    float.Parse(words[3], CultureInfo.InvariantCulture),
                    words[4]));
            }
        }

        return countries.ToFrozenDictionary();
    }

    /// <param name="Continent">Two letters.</param>
    /// <param name="Latitude">Degrees north.</param>
    /// <param name="Longitude">Degrees east.</param>
    /// <param name="Place">Whose coordinates these are.</param>
    public sealed record Country(GeoCode Continent, float Latitude, float Longitude, string Place);
}
