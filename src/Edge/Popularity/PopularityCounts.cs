using System.Collections.Immutable;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Popularity;

/// <summary>Counts what <see cref="RequestSampler"/> has taken, by site, behind the requests' backs.</summary>
public sealed class PopularityCounts(EdgeState state, EdgeMetrics metrics, RequestSampler sampler, TimeProvider time) : BackgroundService
{
    /// <summary>URLs that are counted of all sites: some 20 MB when they are as long as they may be, 5 MB as they usually are.</summary>
    private const int MaxUrls = 32 * 1024;

    /// <summary>Of a site, however many there are.</summary>
    private const int LeastUrls = 64;

    /// <summary>Messages of one report: 2 MB every ten seconds at the very most. Sites that find no room are the first of the next one.</summary>
    internal const int MaxParts = 32;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>A rate over less says nothing.</summary>
    private const double LeastSeconds = 0.5;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, SiteTop> _sites = new(StringComparer.Ordinal);
    private double _adaptedAt = time.MonotonicSeconds();
    private long _requests;
    private int _nextSite;

    /// <summary>What has to be told now; whole sites, in parts.</summary>
    public ImmutableArray<EdgePopularity> Report()
    {
        ImmutableArray<EdgePopularity>.Builder parts = ImmutableArray.CreateBuilder<EdgePopularity>();
        lock (_lock)
        {
            Fetch_NeedsLock();
            double now = time.MonotonicSeconds();
            string[] sites = [.. _sites.Keys.Order(StringComparer.Ordinal)];
            for (int i = 0; i < sites.Length; i++)
            {
                string site = sites[(_nextSite + i) % sites.Length];
                ImmutableArray<EdgePopularity> report = _sites[site].Report(site, now);
                if (parts.Count + report.Length > MaxParts)
                {
                    _nextSite = (_nextSite + i) % sites.Length;
                    break;
                }

                parts.AddRange(report);
            }
        }

        return parts.ToImmutable();
    }

    /// <summary>Counts what was taken since the last time.</summary>
    public void Fetch()
    {
        lock (_lock)
        {
            Fetch_NeedsLock();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            Fetch();
        }
    }

    private void Fetch_NeedsLock()
    {
        long requests = metrics.Read(Edge.Counter.Requests);
        double now = time.MonotonicSeconds();
        EdgeSnapshot? snapshot = state.Snapshot;
        sampler.Fetch((url, isMiss, weight) =>
        {
            if (snapshot?.FindSite(HostOf(url)) is { } rules)
            {
                TopOf(rules.Site.Id, snapshot.Config.Sites.Length).Add(url, isMiss, weight, now);
            }
        });
        if (now - _adaptedAt >= LeastSeconds)
        {
            sampler.Adapt((requests - _requests) / (now - _adaptedAt));
            (_requests, _adaptedAt) = (requests, now);
        }

        foreach (string gone in _sites.Keys.Where(site => snapshot?.Config.FindSite(site) is null).ToList())
        {
            _sites.Remove(gone);
        }
    }

    private SiteTop TopOf(string site, int sites)
    {
        if (!_sites.TryGetValue(site, out SiteTop? top))
        {
            _sites[site] = top = new SiteTop(Math.Clamp(MaxUrls / sites, LeastUrls, PopularityLimits.MaxUrls));
        }

        return top;
    }

    private static ReadOnlySpan<char> HostOf(string url)
    {
        ReadOnlySpan<char> authority = url.AsSpan(url.IndexOf("://", StringComparison.Ordinal) + 3);
        return HostPurges.HostOf(authority[..authority.IndexOf('/')]);
    }
}
