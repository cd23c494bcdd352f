namespace OrleansCdn.Contracts.Config;

/// <summary>Distances on the globe, by the haversine formula.</summary>
public static class GreatCircle
{
    /// <summary>IUGG's mean radius.</summary>
    private const double EarthKilometres = 6371.0088;

    /// <summary>Between two places, each in degrees north and east.</summary>
    public static double Kilometres(double latitude, double longitude, double otherLatitude, double otherLongitude)
    {
        double north = double.DegreesToRadians(otherLatitude - latitude) / 2;
        double east = double.DegreesToRadians(otherLongitude - longitude) / 2;
        double haversine = Square(Math.Sin(north))
            + (Math.Cos(double.DegreesToRadians(latitude)) * Math.Cos(double.DegreesToRadians(otherLatitude)) * Square(Math.Sin(east)));
        return 2 * EarthKilometres * Math.Asin(Math.Sqrt(Math.Min(1, haversine)));
    }

    private static double Square(double value) => value * value;
}
