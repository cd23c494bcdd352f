using System.Collections.Concurrent;
using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Edge.Origin;

/// <summary>The origins of every site with what is known of them, bounded by what the config names.</summary>
public sealed class OriginBook(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, SiteOrigins> _sites = new();
    private readonly ConcurrentDictionary<OriginId, OriginState> _states = new();

    // Only its own lock hands out numbers: one generator for each state, seeded from this one.
    private readonly Random _seeds = new();

    /// <summary>Of the version that the request began with, which need not be the newest.</summary>
    public SiteOrigins Of(SiteConfig site)
    {
        if (_sites.TryGetValue(site.Id, out SiteOrigins? known) && ReferenceEquals(known.Site, site))
        {
            return known;
        }

        SiteOrigins compiled = new(site, StateOf);
        _sites[site.Id] = compiled;
        return compiled;
    }

    /// <summary>Whether nothing good is known of any origin of the site.</summary>
    public bool AreAllSick(SiteConfig site) => Of(site).AreAllSick(time.MonotonicSeconds());

    /// <summary>Forgets what the config no longer has, and what is no longer checked.</summary>
    public void Keep(CdnConfig config)
    {
        HashSet<OriginId> wanted = [];
        HashSet<string> sites = [];
        foreach (SiteConfig site in config.Sites)
        {
            sites.Add(site.Id);
            foreach (OriginEndpoint endpoint in Of(site).Endpoints)
            {
                wanted.Add(endpoint.State.Id);
                if (endpoint.Config.Health is null)
                {
                    endpoint.State.ForgetChecks();
                }
            }
        }

        foreach (string gone in _sites.Keys.Where(id => !sites.Contains(id)))
        {
            _sites.TryRemove(gone, out _);
        }

        foreach (OriginId gone in _states.Keys.Where(id => !wanted.Contains(id)))
        {
            _states.TryRemove(gone, out _);
        }
    }

    /// <summary>By site, then in the order of the config.</summary>
    public ImmutableArray<OriginStatus> Status()
    {
        double now = time.MonotonicSeconds();
        return
        [
            .. _sites.OrderBy(site => site.Key, StringComparer.Ordinal)
                .SelectMany(site => site.Value.Endpoints)
                .Select(endpoint => endpoint.State)
                .Distinct()
                .Select(state => state.Status(now)),
        ];
    }

    private OriginState StateOf(OriginId id) => _states.GetOrAdd(id, NewState);

    private OriginState NewState(OriginId id)
    {
        lock (_seeds)
        {
            return new OriginState(id, new Random(_seeds.Next()));
        }
    }
}
