using System.Collections.Frozen;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Dns.Visits;
using OrleansCdn.Edge.Rules;

namespace OrleansCdn.Edge;

/// <summary>One version of the config, compiled for lookups by host; immutable.</summary>
public sealed class EdgeSnapshot
{
    private readonly FrozenDictionary<string, SiteRules>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly FrozenDictionary<string, SiteRules> _wildcard;
    private readonly FrozenDictionary<string, SiteRules>.AlternateLookup<ReadOnlySpan<char>> _wildcardBySpan;

    public EdgeSnapshot(string epoch, long version, CdnConfig config)
    {
        Epoch = epoch;
        Version = version;
        Config = config;
        var exact = new Dictionary<string, SiteRules>(StringComparer.OrdinalIgnoreCase);
        var wildcard = new Dictionary<string, SiteRules>(StringComparer.OrdinalIgnoreCase);
        foreach (SiteConfig site in config.Sites)
        {
            var rules = new SiteRules(site);
            foreach (string host in site.Hosts)
            {
                if (host.StartsWith("*.", StringComparison.Ordinal))
                {
                    wildcard[host[1..]] = rules;
                }
                else
                {
                    exact[host] = rules;
                }
            }
        }

        VisitHosts = VisitHosts.Of(config);
        _exact = exact.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        _wildcard = wildcard.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _wildcardBySpan = _wildcard.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Id of the config history; versions are comparable within one epoch only.</summary>
    public string Epoch { get; }

    /// <summary>0 for a config that came from a file.</summary>
    public long Version { get; }

    public CdnConfig Config { get; }

    /// <summary>Hosts that show their visitors how they came.</summary>
    internal VisitHosts VisitHosts { get; }

    /// <summary>
    /// Where the answer to a purged URL is stored: the site's key rules may leave parameters of its query out, or put them in
    /// another order. Null: under the URL as it is, or the entry is for no URL of its site.
    /// </summary>
    public string? StoredUrl(PurgeEntry entry)
    {
        if (entry.Kind != PurgeKind.Url || !entry.Value.Contains('?', StringComparison.Ordinal)
            || !PurgeUrl.TryParse(entry.Value, out PurgeUrl url, out _)
            || FindSite(url.Host) is not { } rules || rules.Site.Id != entry.Site)
        {
            return null;
        }

        string authority = url.AuthorityAndTarget[..^url.Target.Length];
        CacheKey stored = rules.StoredKey(new CacheKey(entry.Site, url.Scheme == "https", authority, url.Target));
        return stored.Target == url.Target ? null : stored.Url;
    }

    /// <summary>The site of a host name without port; exact names win over wildcards, longer wildcards over shorter ones.</summary>
    public SiteRules? FindSite(ReadOnlySpan<char> host)
    {
        if (_exact.TryGetValue(host, out SiteRules? site))
        {
            return site;
        }

        if (_wildcard.Count == 0)
        {
            return null;
        }

        for (int dot = host.IndexOf('.'); dot >= 0; dot = host.IndexOf('.'))
        {
            if (_wildcardBySpan.TryGetValue(host[dot..], out site))
            {
                return site;
            }

            host = host[(dot + 1)..];
        }

        return null;
    }
}
