using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Grains.WarmUp;

/// <summary>
/// What is fetched to a PoP before it is announced again: of each site what is asked for most elsewhere, and with it whatever came up while the
/// PoP was away. From edges of other PoPs where they have it. Pure.
/// </summary>
internal static class WarmUpPlan
{
    /// <summary>Of all sites together. At 20 KiB on average these are 200 MiB, which an edge fetches from its neighbours within the time that it has.</summary>
    private const int MaxUrls = 10_000;

    /// <summary>Fewer would warm nothing.</summary>
    private const int LeastPerSite = 20;

    /// <summary>Half a gigabit for two minutes is far more than caches that are asked for these URLs hold; what is left out is fetched when it is asked for.</summary>
    private const long MaxBytesPerSecond = 64L << 20;

    /// <summary>Name of the author of the jobs.</summary>
    public const string Author = "failover";

    /// <summary>Empty: there is nobody to warm, or nobody to warm it from.</summary>
    public static ImmutableArray<PrewarmOrder> Of(CdnConfig config, string pop, long id, DateTimeOffset now)
    {
        ImmutableArray<PrewarmEdge> edges = [.. from at in config.Pops from edge in at.Edges select new PrewarmEdge(at.Id, edge.Name)];
        if (config.Sites.IsEmpty || !edges.Any(edge => edge.Pop == pop) || edges.All(edge => edge.Pop == pop))
        {
            return [];
        }

        int top = Math.Clamp(MaxUrls / config.Sites.Length, LeastPerSite, PrewarmRequest.DefaultMissed);
        return
        [
            .. config.Sites.Select(site => new PrewarmOrder
            {
                Id = JobOf(pop, id, site.Id),
                Site = site.Id,
                Source = $"warm-up of {pop}",
                Who = Author,
                Lane = PrewarmLane.WarmUp,
                Urls = [],
                Plan = new PrewarmPlan { Top = top },
                Targets = [pop],
                Edges = edges,
                Shield = site.Shield,
                RequestsPerSecond = PrewarmRequest.DefaultRequestsPerSecond,
                BytesPerSecond = MaxBytesPerSecond / config.Sites.Length,
                Encodings = [.. Enum.GetValues<PrewarmEncoding>()],
                Deadline = now + config.Cluster.Failover.WarmUp,
            }),
        ];
    }

    /// <summary>The same warm-up has the same jobs, also after a restart.</summary>
    private static string JobOf(string pop, long id, string site) =>
        new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"warm-up:{pop}:{id}:{site}"))).AsSpan(0, 16)).ToString("N");
}
