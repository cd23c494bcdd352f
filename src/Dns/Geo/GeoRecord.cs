namespace OrleansCdn.Dns.Geo;

/// <summary>What a database says of a network. Each database knows some of it.</summary>
public readonly record struct GeoRecord
{
    /// <summary>Nothing is known.</summary>
    public static readonly GeoRecord Nothing = new() { Latitude = float.NaN, Longitude = float.NaN };

    public GeoCode Country { get; init; }

    /// <summary>Of the network's holder.</summary>
    public GeoCode RegisteredCountry { get; init; }

    /// <summary>The database's word, else the country's.</summary>
    public GeoCode Continent { get; init; }

    /// <summary>Degrees north; not a number: not known.</summary>
    public float Latitude { get; init; }

    /// <summary>Degrees east; not a number: not known.</summary>
    public float Longitude { get; init; }

    /// <summary>0: not known.</summary>
    public uint Asn { get; init; }

    /// <summary>Where the database's data section has the name of the AS.</summary>
    internal int OrganizationAt { get; init; }

    /// <summary>0: the database has no name.</summary>
    internal int OrganizationBytes { get; init; }

    public bool HasCoordinates => !float.IsNaN(Latitude) && !float.IsNaN(Longitude);
}
