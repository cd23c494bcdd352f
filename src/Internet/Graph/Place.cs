namespace OrleansCdn.Internet.Graph;

/// <summary>A town where networks meet.</summary>
/// <param name="Id">Short, unique in a graph.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Region">For tables: Europe, North America …</param>
/// <param name="Latitude">Degrees north.</param>
/// <param name="Longitude">Degrees east.</param>
public sealed record Place(string Id, string Name, string Region, double Latitude, double Longitude)
{
    /// <summary>IUGG's mean radius.</summary>
    private const double EarthKilometres = 6371.0088;

    /// <summary>On the great circle: what a network's own lines follow, more or less.</summary>
    public double KilometresTo(Place other)
    {
        double north = double.DegreesToRadians(other.Latitude - Latitude) / 2;
        double east = double.DegreesToRadians(other.Longitude - Longitude) / 2;
        double haversine = Square(Math.Sin(north))
            + (Math.Cos(double.DegreesToRadians(Latitude)) * Math.Cos(double.DegreesToRadians(other.Latitude)) * Square(Math.Sin(east)));
        return 2 * EarthKilometres * Math.Asin(Math.Sqrt(Math.Min(1, haversine)));
    }

    private static double Square(double value) => value * value;
}
