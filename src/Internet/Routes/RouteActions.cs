using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Internet.Graph;
using OrleansCdn.Routing.Catalogue;
using OrleansCdn.Routing.Intent;

namespace OrleansCdn.Internet.Routes;

/// <summary>
/// What communities make networks do: the neighbour reads them by its provider's catalogue, networks farther away by that of their
/// own number. Communities travel on with the route; well-known ones count for the neighbour alone, which takes them off.
/// </summary>
internal sealed class RouteActions
{
    /// <summary>RFC 1997: not to be passed on to anybody.</summary>
    private static readonly Community NoAdvertise = Community.Standard(65535, 65282);

    /// <summary>RFC 3765: not to peers.</summary>
    private static readonly Community NoPeer = Community.Standard(65535, 65284);

    private readonly AsGraph _graph;
    private readonly ImmutableArray<OriginRoute> _origins;
    private readonly Dictionary<int, ProviderConfig> _providers = [];
    private readonly Dictionary<(int Network, int Origin, bool IsFirst), CommunityReading?> _readings = [];
    private readonly bool[] _speaks;

    public RouteActions(AsGraph graph, ImmutableArray<OriginRoute> origins, ProviderCatalogue catalogue)
    {
        _graph = graph;
        _origins = origins;
        foreach (ProviderConfig provider in catalogue.All)
        {
            if (provider.Asn is { } asn && graph.IndexOf(asn) is >= 0 and var index)
            {
                // Two catalogues of one number: the first by name, as it stands in the list.
                _providers.TryAdd(index, provider);
            }
        }

        _speaks = [.. origins.Select(o => !o.Communities.IsEmpty)];
    }

    /// <summary>What a network does with a route towards a neighbour.</summary>
    /// <param name="network">Who passes it on.</param>
    /// <param name="origin">Whose route.</param>
    /// <param name="isFirst">The network has it from the operator.</param>
    /// <param name="arc">To the neighbour.</param>
    /// <param name="relation">Of the neighbour to the network.</param>
    public CarrierAction Towards(int network, int origin, bool isFirst, Arc arc, Relation relation)
    {
        if (!_speaks[origin])
        {
            return default;
        }

        OriginRoute route = _origins[origin];
        if (isFirst && route.Communities.Any(c => c == Community.NoExport || c == NoAdvertise || (c == NoPeer && relation == Relation.Peer)))
        {
            return new CarrierAction(true, 0);
        }

        if (ReadingOf(network, origin, isFirst) is not { } reading)
        {
            return default;
        }

        bool isKept = reading.IsIxpOnly ? !arc.IsAtExchange : reading.IsNoExport;
        return isKept ? new CarrierAction(true, 0) : reading.Towards(_graph.Networks[arc.Neighbor].Asn);
    }

    /// <summary>The network has the route from the operator itself, and not by way of a route server.</summary>
    /// <param name="origin">Whose route.</param>
    /// <param name="from">See <see cref="PointRoute.From"/>.</param>
    public bool IsFirst(int origin, int from) => from < 0 && _origins[origin].Kind != UpstreamKind.RouteServer;

    private CommunityReading? ReadingOf(int network, int origin, bool isFirst)
    {
        (int, int, bool) key = (network, origin, isFirst);
        if (!_readings.TryGetValue(key, out CommunityReading? reading))
        {
            OriginRoute route = _origins[origin];
            ProviderConfig? provider = isFirst ? route.Provider : _providers.GetValueOrDefault(network);
            uint neighbor = isFirst ? route.SessionAsn : _graph.Networks[network].Asn;
            reading = provider is null ? null : new CommunityReading(provider, neighbor, route.Communities);
            _readings.Add(key, reading);
        }

        return reading;
    }
}
