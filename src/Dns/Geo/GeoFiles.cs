using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Dns.Geo;

/// <summary>The databases on an edge's disk. Not for use by several threads at once.</summary>
/// <param name="country">Path of the database of places; null: none.</param>
/// <param name="asn">Path of the database of AS numbers; null: none.</param>
public sealed class GeoFiles(string? country, string? asn)
{
    /// <summary>How often is worth looking: operators copy files by hand and want to see what happens.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly GeoFile _country = new(country);
    private readonly GeoFile _asn = new(asn);

    public GeoDatabases Current { get; private set; } = GeoDatabases.None;

    public GeoFileStatus Country => _country.Status;

    public GeoFileStatus Asn => _asn.Status;

    /// <summary>Looks whether the files are others, and reads those that are: up to a second for large ones.</summary>
    /// <returns>Whether <see cref="Current"/> is another one: steering is to be compiled anew.</returns>
    public bool Look()
    {
        bool isOther = _country.Look() | _asn.Look();
        if (isOther)
        {
            Current = new GeoDatabases(_country.Database, _asn.Database);
        }

        return isOther;
    }
}
