using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Contracts.Control;

/// <summary>How long an edge has known of no purge, and what its sites make of that.</summary>
public sealed record EdgeCutOff
{
    /// <summary>Null: since the edge's start.</summary>
    public double? Seconds { get; init; }

    /// <summary>Sites whose policy is to go on.</summary>
    public int Serving { get; init; }

    /// <summary>Sites that confirm with the origin what they have stored.</summary>
    public int Revalidating { get; init; }

    /// <summary>Sites that want the edge taken out.</summary>
    public int Draining { get; init; }

    /// <summary>Null: no site's time is over.</summary>
    /// <param name="silence">Since all purges were known; null: they never were.</param>
    public static EdgeCutOff? Of(ImmutableArray<SiteConfig> sites, TimeSpan? silence)
    {
        Span<int> counts = stackalloc int[3];
        foreach (SiteConfig site in sites)
        {
            if (silence is null || silence > site.WhenCutOff.After)
            {
                counts[(int)site.WhenCutOff.Policy]++;
            }
        }

        (int serving, int revalidating, int draining) = (counts[(int)CutOffPolicy.Serve], counts[(int)CutOffPolicy.Revalidate], counts[(int)CutOffPolicy.Drain]);
        return serving + revalidating + draining == 0 ? null : new EdgeCutOff
        {
            Seconds = silence is { } since ? Math.Round(since.TotalSeconds, 1) : null,
            Serving = serving,
            Revalidating = revalidating,
            Draining = draining,
        };
    }
}
