using System.Collections.Immutable;

namespace OrleansCdn.Contracts.Failover;

/// <summary>What the config says of failover, for every announcer alike.</summary>
/// <param name="Servers">All that announce; at most <see cref="MaxServers"/>.</param>
/// <param name="Policy">Its figures.</param>
public sealed record FailoverPlan(ImmutableArray<KnownServer> Servers, FailoverPolicy Policy)
{
    /// <summary>As many as edges ask each other (<see cref="Control.EdgeReach.MaxEdges"/>).</summary>
    public const int MaxServers = Control.EdgeReach.MaxEdges;
}

/// <param name="Server">Name, unique in the network.</param>
/// <param name="Pop">Where it is.</param>
public sealed record KnownServer(string Server, string Pop);
