using System.Collections.Immutable;
using OrleansCdn.Contracts.Cluster;

namespace OrleansCdn.Grains.Dns;

/// <summary>How far the edges are that serve DNS.</summary>
/// <param name="ByAll">The oldest revision that one of them has; -1: of one of them that is not known, or there is none.</param>
/// <param name="ByConnected">The same of those that a silo reaches.</param>
internal sealed record HeldSecrets(long ByAll, long ByConnected)
{
    public static readonly HeldSecrets Unknown = new(-1, -1);

    public static HeldSecrets Of(string epoch, ImmutableArray<DnsEdgeHeld> edges) =>
        new(Least(epoch, edges), Least(epoch, edges.Where(edge => edge.Connected)));

    /// <summary>Whether an edge is not known to have the revision.</summary>
    public static bool IsBehind(DnsEdgeHeld edge, string epoch, long revision) => RevisionOf(epoch, edge) < revision;

    private static long Least(string epoch, IEnumerable<DnsEdgeHeld> edges) => edges.Select(edge => RevisionOf(epoch, edge)).DefaultIfEmpty(-1).Min();

    private static long RevisionOf(string epoch, DnsEdgeHeld edge) => edge.Held is { } held && held.Epoch == epoch ? held.Revision : -1;
}
