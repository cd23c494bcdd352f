using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Contracts.Cluster;

/// <summary>What one edge has told of a site's popularity.</summary>
/// <param name="Connection">That it came by.</param>
public sealed record PopPopularity(string Pop, string Edge, string Connection, EdgePopularity Part);
