using System.IO.Compression;
using System.Net;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Silo.Hosting;

namespace OrleansCdn.Silo.Prewarm;

/// <summary>
/// Fetches sitemaps of a site from its origin: never from an address that a sitemap or a caller names. The host of the URL
/// only has to be the site's, and is sent as <c>Host</c> like an edge does.
/// </summary>
internal sealed class SitemapSource(TimeProvider time) : IDisposable
{
    /// <summary>Of one sitemap, unpacked: the protocol's own limit (sitemaps.org).</summary>
    public const int MaxBytes = 50 * 1024 * 1024;

    /// <summary>Sitemaps of an index: with them the number of URLs is reached long before.</summary>
    public const int MaxSitemaps = 200;

    /// <summary>For all sitemaps together: less than the API waits for an answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly byte[] GzipMagic = [0x1f, 0x8b];

    /// <summary>Connections stay open for the next request: one that a site's config allows is not for those whose config does not.</summary>
    private readonly HttpMessageInvoker _toPublic = NewHttp(allowPrivate: false);

    private readonly HttpMessageInvoker _toAny = NewHttp(allowPrivate: true);

    /// <returns>Locations of pages, as they stand in the sitemaps; or what is wrong.</returns>
    public async Task<(IReadOnlyList<string> Urls, string? Error)> ReadAsync(string url, CdnConfig config, SiteConfig site, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await ReadAllAsync(url, config, site, either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return ([], $"The sitemap '{url}' could not be read within {Patience.TotalSeconds:0} s.");
        }
    }

    public void Dispose()
    {
        _toPublic.Dispose();
        _toAny.Dispose();
    }

    private async Task<(IReadOnlyList<string> Urls, string? Error)> ReadAllAsync(string url, CdnConfig config, SiteConfig site, CancellationToken cancellationToken)
    {
        Sitemap first = await FetchAsync(url, config, site, PrewarmRequest.MaxUrls, cancellationToken);
        if (first.Error is not null || !first.IsIndex)
        {
            return (first.Locations, first.Error is null ? null : $"Sitemap '{url}': {first.Error}.");
        }

        if (first.Locations.Count > MaxSitemaps)
        {
            return ([], $"Sitemap '{url}': it has more than {MaxSitemaps} sitemaps.");
        }

        var urls = new List<string>();
        foreach (string location in first.Locations)
        {
            Sitemap part = await FetchAsync(location, config, site, PrewarmRequest.MaxUrls - urls.Count, cancellationToken);
            string? error = part.Error ?? (part.IsIndex ? "an index in an index is not read" : null);
            if (error is not null)
            {
                return ([], $"Sitemap '{location}': {error}.");
            }

            urls.AddRange(part.Locations);
        }

        return (urls, null);
    }

    private async Task<Sitemap> FetchAsync(string text, CdnConfig config, SiteConfig site, int maxLocations, CancellationToken cancellationToken)
    {
        (string? canonical, string? error) = PrewarmRequestReader.ReadUrl(text, config, site.Id);
        if (canonical is null || !PurgeUrl.TryParse(canonical, out PurgeUrl url, out error))
        {
            return Sitemap.Of(error!);
        }

        OriginConfig origin = site.Origins[0];
        using var request = new HttpRequestMessage(
            HttpMethod.Get, new Uri(origin.Url.GetLeftPart(UriPartial.Authority) + url.Target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        request.Headers.Host = origin.HostHeader ?? url.AuthorityAndTarget[..^url.Target.Length];
        request.Headers.TryAddWithoutValidation("User-Agent", "OrleansCdn-prewarm");
        try
        {
            using HttpResponseMessage response = await (origin.AllowPrivate ? _toAny : _toPublic).SendAsync(request, cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return Sitemap.Of($"the origin answered {(int)response.StatusCode}");
            }

            await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
            byte[] start = new byte[GzipMagic.Length];
            int read = await body.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
            var whole = new PrefixedStream(start.AsMemory(0, read), body);
            // By the bytes, not by the name: servers call a .gz gzip-coded, application/gzip or nothing at all.
            await using Stream plain = new BoundedStream(
                start.AsSpan(0, read).SequenceEqual(GzipMagic) ? new GZipStream(whole, CompressionMode.Decompress) : whole, MaxBytes);
            return await SitemapReader.ReadAsync(plain, maxLocations, cancellationToken);
        }
        catch (Exception failure) when (TransportFailure.Is(failure) || failure is InvalidDataException)
        {
            return Sitemap.Of(failure is InvalidDataException ? failure.Message : $"the origin could not be read ({failure.GetBaseException().Message})");
        }
    }

    /// <summary>As edges connect: addresses of special purposes only where the origin's config allows them.</summary>
    private static HttpMessageInvoker NewHttp(bool allowPrivate) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        ConnectCallback = async (context, cancellationToken) => await CheckedConnection.OpenAsync(
            context.DnsEndPoint, address => allowPrivate || !SpecialPurposeAddresses.Contains(address), cancellationToken),
    });
}
