using System.Collections.Immutable;
using Orleans;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Grains;

namespace OrleansCdn.Silo.Prewarm;

/// <summary>The URLs of a request, wherever they come from.</summary>
internal sealed class PrewarmSources(IGrainFactory grains, SitemapSource sitemaps)
{
    /// <returns>Canonical URLs of the site, each once; or what is wrong.</returns>
    public async Task<(ImmutableArray<string> Urls, string? Error)> ReadAsync(PrewarmRequest request, CdnConfig config, CancellationToken cancellationToken)
    {
        if (request.Missed)
        {
            return ([], null); // they are found when it is the job's turn
        }

        if (request.Top is { } top)
        {
            PopularityView view = await grains.GetGrain<IPopularityGrain>(request.Site).TopAsync(Math.Min(top, PopularityView.MaxCount), null, cancellationToken);
            // Of a host that the site has no more: no mistake of the caller.
            return ([.. view.Urls.Select(u => PrewarmRequestReader.ReadUrl(u.Url, config, request.Site).Url).OfType<string>().Distinct(StringComparer.Ordinal)], null);
        }

        if (request.Sitemap is not { } sitemap)
        {
            return PrewarmRequestReader.ReadUrls(request.Urls, config, request.Site);
        }

        (IReadOnlyList<string> urls, string? error) = await sitemaps.ReadAsync(sitemap, config, config.FindSite(request.Site)!, cancellationToken);
        return error is not null ? ([], error) : PrewarmRequestReader.ReadUrls(urls, config, request.Site);
    }
}
