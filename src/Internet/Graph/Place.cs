using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Internet.Graph;

/// <summary>A town where networks meet.</summary>
/// <param name="Id">Short, unique in a graph.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Region">For tables: Europe, North America …</param>
/// <param name="Latitude">Degrees north.</param>
/// <param name="Longitude">Degrees east.</param>
public sealed record Place(string Id, string Name, string Region, double Latitude, double Longitude)
{
    /// <summary>On the great circle: what a network's own lines follow, more or less.</summary>
    public double KilometresTo(Place other) => GreatCircle.Kilometres(Latitude, Longitude, other.Latitude, other.Longitude);
}
