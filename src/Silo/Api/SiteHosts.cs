using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Silo.Api;

/// <summary>Which site a host belongs to, as edges see it.</summary>
internal static class SiteHosts
{
    /// <summary>Exact names win over wildcards, longer wildcards over shorter ones. Null: no site's.</summary>
    public static SiteConfig? Find(CdnConfig config, string host)
    {
        SiteConfig? best = null;
        int bestLength = -1;
        foreach (SiteConfig site in config.Sites)
        {
            foreach (string pattern in site.Hosts)
            {
                if (string.Equals(pattern, host, StringComparison.OrdinalIgnoreCase))
                {
                    return site;
                }

                if (pattern.StartsWith("*.", StringComparison.Ordinal) && pattern.Length > bestLength
                    && host.Length >= pattern.Length && host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase))
                {
                    (best, bestLength) = (site, pattern.Length);
                }
            }
        }

        return best;
    }
}
