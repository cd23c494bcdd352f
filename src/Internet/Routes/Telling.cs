using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Internet.Graph;
using OrleansCdn.Routing.Intent;

namespace OrleansCdn.Internet.Routes;

/// <summary>The operator's word to one network.</summary>
/// <param name="Neighbor">Index of the network that the session is with: a route server, or the network itself.</param>
/// <param name="Network">Who is told.</param>
/// <param name="IsToProvider">False: to a peer.</param>
/// <param name="Length">Of the path.</param>
/// <param name="Candidate">The route, without PoPs yet.</param>
internal readonly record struct Telling(int Neighbor, int Network, bool IsToProvider, int Length, Candidate Candidate)
{
    /// <returns>Routes of neighbours that are not in the graph are told to nobody.</returns>
    public static ImmutableArray<Telling> Of(AsGraph graph, ImmutableArray<OriginRoute> origins, RouteActions actions)
    {
        var tellings = ImmutableArray.CreateBuilder<Telling>();
        for (int i = 0; i < origins.Length; i++)
        {
            OriginRoute origin = origins[i];
            int neighbor = graph.IndexOf(origin.NetworkAsn);
            if (neighbor < 0)
            {
                continue;
            }

            if (origin.Kind != UpstreamKind.RouteServer)
            {
                var candidate = new Candidate(graph.PointNear(neighbor, origin.At), i, -1, 0, 0);
                tellings.Add(new Telling(neighbor, neighbor, origin.Kind == UpstreamKind.Transit, origin.Path.Length, candidate));
                continue;
            }

            // A route server gives routes to its members without standing in the path (RFC 7947 §2.2.2.1).
            foreach (Arc arc in Members(graph, neighbor))
            {
                CarrierAction action = actions.Towards(neighbor, i, isFirst: true, arc, Relation.Peer);
                if (!action.Withdraw)
                {
                    var candidate = new Candidate(arc.Theirs, i, -1, action.Prepend, 0);
                    tellings.Add(new Telling(neighbor, arc.Neighbor, false, origin.Path.Length + action.Prepend, candidate));
                }
            }
        }

        return tellings.ToImmutable();
    }

    private static IEnumerable<Arc> Members(AsGraph graph, int server) =>
        ((Relation[])[Relation.Provider, Relation.Peer, Relation.Customer]).SelectMany(relation => graph.ArcsOf(server, relation).ToArray());
}
