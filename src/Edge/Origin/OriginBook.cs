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

    /// <summary>
    /// Of the version that the request began with. One that began before the newest config gets a list of its own, so that it
    /// does not take the place of the newest.
    /// </summary>
    public SiteOrigins Of(SiteConfig site)
    {
        SiteOrigins known = _sites.GetOrAdd(site.Id, static (_, arg) => new SiteOrigins(arg.site, arg.book.StateOf), (site, book: this));
        return ReferenceEquals(known.Site, site) ? known : new SiteOrigins(site, StateOf);
    }

    /// <summary>Forgets what the config no longer has, and what is no longer checked.</summary>
    public void Keep(CdnConfig config)
    {
        HashSet<OriginId> wanted = [];
        HashSet<string> sites = [];
        foreach (SiteConfig site in config.Sites)
        {
            sites.Add(site.Id);
            SiteOrigins current = Of(site);
            _sites[site.Id] = current;
            foreach (OriginEndpoint endpoint in current.Endpoints)
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
