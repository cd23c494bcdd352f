namespace OrleansCdn.Internet.Routes;

/// <summary>The route of one point of a network.</summary>
/// <param name="Exit">Point of the same network where it is learnt: itself, or the nearest that has an equal one.</param>
/// <param name="Origin">Index of the operator's route; -1: none.</param>
/// <param name="From">Point of the neighbour that it is learnt from; -1: the operator's, or by way of a route server.</param>
/// <param name="Repeats">How often whoever it is learnt from stands in the path beyond the first time.</param>
/// <param name="PopSet">PoPs that it may lead to when nothing tells equal routes apart.</param>
internal readonly record struct PointRoute(int Exit, int Origin, int From, int Repeats, int PopSet)
{
    public static readonly PointRoute None = new(-1, -1, -1, 0, 0);
}
