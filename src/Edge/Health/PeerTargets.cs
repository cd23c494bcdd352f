using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Health;

/// <param name="Name">Of an edge; unique in the whole CDN.</param>
/// <param name="Url">Of its listener for other edges.</param>
internal sealed record PeerTarget(string Name, Uri Url);

/// <summary>Which edges are asked, and where. Pure.</summary>
internal static class PeerTargets
{
    /// <summary>
    /// The edges of the config that follow this one, around the end: of more than <see cref="EdgeReach.MaxEdges"/> each is still asked by as many
    /// as it asks. An edge that is connected nowhere any more is asked where it was, or where the config has it.
    /// </summary>
    /// <param name="before">What was asked until now.</param>
    /// <param name="hasTls">Whether edges of this network speak TLS with each other.</param>
    public static ImmutableArray<PeerTarget> Of(CdnConfig config, string pop, string edge, PeerTable peers, ImmutableArray<PeerTarget> before, bool hasTls)
    {
        ImmutableArray<(string Pop, EdgeConfig Edge)> all = [.. config.Pops.SelectMany(p => p.Edges.Select(e => (p.Id, e)))];
        int own = all.IndexOf(all.FirstOrDefault(at => at.Pop == pop && at.Edge.Name == edge));
        ImmutableArray<PeerTarget>.Builder targets = ImmutableArray.CreateBuilder<PeerTarget>();
        for (int i = 1; i <= all.Length && targets.Count < EdgeReach.MaxEdges; i++)
        {
            int at = (own + i) % all.Length;
            if (at != own && UrlOf(all[at].Pop, all[at].Edge, peers, before, hasTls) is { } url)
            {
                targets.Add(new PeerTarget(all[at].Edge.Name, url));
            }
        }

        return targets.ToImmutable();
    }

    private static Uri? UrlOf(string pop, EdgeConfig edge, PeerTable peers, ImmutableArray<PeerTarget> before, bool hasTls)
    {
        if (Uri.TryCreate(peers.Find($"{pop}/{edge.Name}")?.PeerUrl, UriKind.Absolute, out Uri? connected))
        {
            return connected;
        }

        return before.FirstOrDefault(target => target.Name == edge.Name)?.Url
            ?? (edge.Peer is { } peer && !peer.Address.Equals(IPAddress.Any) && !peer.Address.Equals(IPAddress.IPv6Any)
                ? new Uri($"{(hasTls ? "https" : "http")}://{peer}")
                : null);
    }
}
