using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Routing.Intent;

namespace OrleansCdn.Cli.LabInternet;

/// <summary>One session that a neighbour of a PoP waits for.</summary>
/// <param name="Pop">Where.</param>
/// <param name="Edge">The server whose announcer opens it.</param>
/// <param name="Upstream">Whom with.</param>
/// <param name="Session">As the announcer is told: its neighbour is this address.</param>
/// <param name="Source">The announcer's address.</param>
internal sealed record NeighborPlan(PopConfig Pop, string Edge, UpstreamConfig Upstream, DesiredSession Session, IPAddress Source)
{
    public string Name => $"{Pop.Id}/{Upstream.Id}";

    /// <summary>All of a config that was moved onto this machine, in its order.</summary>
    public static ImmutableArray<NeighborPlan> Of(CdnConfig config) =>
    [
        .. from pop in config.Pops
           from upstream in pop.Upstreams
           from session in SessionPlan.Of(upstream, config.Cluster.Prefixes)
           from server in pop.Edges.Index()
           where upstream.IsHeldBy(server.Item.Name)
           select new NeighborPlan(pop, server.Item.Name, upstream, session, SourceOf(server.Index)),
    ];

    /// <summary>
    /// A neighbour tells the servers of one PoP apart by their addresses. The first has the one that every system has on its loopback.
    /// </summary>
    /// <param name="server">Its place among the PoP's servers, from 0.</param>
    public static IPAddress SourceOf(int server) => new([127, 0, 0, (byte)(1 + server)]);
}
