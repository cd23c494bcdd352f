using System.Collections.Immutable;

namespace OrleansCdn.Internet.Graph;

/// <summary>A way from one network's point to another network's.</summary>
/// <param name="Neighbor">Index of the other network.</param>
/// <param name="Mine">Point of this network.</param>
/// <param name="Theirs">Point of the other one.</param>
/// <param name="IsAtExchange">See <see cref="NetworkLink.IsAtExchange"/>.</param>
public readonly record struct Arc(int Neighbor, int Mine, int Theirs, bool IsAtExchange);

/// <summary>
/// Networks, the points where each of them meets others, and the ways between points. A network whose places are not known is one
/// point. Everything is by index, so that the whole Internet (80,000 networks, 500,000 links) fits in some 50 MB. Immutable.
/// </summary>
public sealed class AsGraph
{
    private const int Relations = 3;

    private readonly int[] _firstPoint;
    private readonly Place?[] _places;
    private readonly int[] _firstArc;
    private readonly Arc[] _arcs;
    private readonly Dictionary<uint, int> _byAsn;

    /// <param name="name">Of the graph.</param>
    /// <param name="networks">By AS number.</param>
    /// <param name="firstPoint">Of each network, and one more for the end.</param>
    /// <param name="places">Of each point; null: not known.</param>
    /// <param name="firstArc">Of each network and relation, and one more for the end.</param>
    /// <param name="arcs">Sorted by network, relation, neighbour.</param>
    /// <param name="byAsn">Index of each network; not changed any more.</param>
    internal AsGraph(
        string name, ImmutableArray<Network> networks, int[] firstPoint, Place?[] places, int[] firstArc, Arc[] arcs, Dictionary<uint, int> byAsn)
    {
        Name = name;
        Networks = networks;
        _firstPoint = firstPoint;
        _places = places;
        _firstArc = firstArc;
        _arcs = arcs;
        _byAsn = byAsn;
    }

    public string Name { get; }

    public ImmutableArray<Network> Networks { get; }

    public int PointCount => _places.Length;

    public int ArcCount => _arcs.Length;

    /// <returns>-1: it is not in the graph.</returns>
    public int IndexOf(uint asn) => _byAsn.GetValueOrDefault(asn, -1);

    public (int First, int End) PointsOf(int network) => (_firstPoint[network], _firstPoint[network + 1]);

    public Place? PlaceOf(int point) => _places[point];

    /// <summary>The network that a point belongs to.</summary>
    public int NetworkAt(int point)
    {
        int found = _firstPoint.AsSpan().BinarySearch(point);
        return found >= 0 ? found : ~found - 1;
    }

    /// <summary>The ways to the networks that are <paramref name="relation"/> of this one.</summary>
    public ReadOnlySpan<Arc> ArcsOf(int network, Relation relation)
    {
        int at = (network * Relations) + (int)relation;
        return _arcs.AsSpan(_firstArc[at].._firstArc[at + 1]);
    }

    public double Kilometres(int point, int other) =>
        _places[point] is { } from && _places[other] is { } to ? from.KilometresTo(to) : 0;

    /// <summary>Where the network meets who is at <paramref name="place"/>: its nearest point.</summary>
    public int PointNear(int network, Place place)
    {
        (int first, int end) = PointsOf(network);
        int nearest = first;
        for (int point = first + 1; point < end; point++)
        {
            if (_places[point]!.KilometresTo(place) < _places[nearest]!.KilometresTo(place))
            {
                nearest = point;
            }
        }

        return nearest;
    }
}
