using System.Collections.Immutable;
using System.Text;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Silo.Api;

namespace OrleansCdn.Silo.Prewarm;

/// <summary>Checks a prewarm request against the config and makes a job's order of it, still without its URLs.</summary>
internal static class PrewarmRequestReader
{
    /// <summary>Mistakes that are listed.</summary>
    private const int MaxErrors = 20;

    /// <returns>The order, or the mistakes as one text.</returns>
    public static (PrewarmOrder? Order, string? Error) Read(PrewarmRequest request, CdnConfig config, string who)
    {
        if (config.FindSite(request.Site) is not { } site)
        {
            return (null, $"There is no site '{Shorten(request.Site)}'; the config has {QuotedNames.Of(config.Sites.Select(s => s.Id))}.");
        }

        int sources = (request.Urls.IsEmpty ? 0 : 1) + (request.Sitemap is null ? 0 : 1) + (request.Top is null && !request.Missed ? 0 : 1);
        if (sources != 1)
        {
            return (null, "Give one of 'urls', 'sitemap', 'top' and 'missed'.");
        }

        if (request.Missed && (request.Pops.IsEmpty || config.Pops.All(p => request.Pops.Contains(p.Id))))
        {
            return (null, "With 'missed' give the PoPs in 'pops' that are to be warmed from the others.");
        }

        if (request.DeadlineSeconds is < 1 or > PrewarmRequest.MaxDeadlineSeconds)
        {
            return (null, $"'deadlineSeconds' is 1 to {PrewarmRequest.MaxDeadlineSeconds}.");
        }

        if (request.Urls.Length > PrewarmRequest.MaxUrls || request.Top is < 1 or > PrewarmRequest.MaxUrls)
        {
            return (null, $"A job has 1 to {PrewarmRequest.MaxUrls} URLs.");
        }

        if (request.RequestsPerSecond is { } rate && !(rate is >= 0.1 and <= PrewarmRequest.MaxRequestsPerSecond))
        {
            return (null, FormattableString.Invariant($"'requestsPerSecond' is 0.1 to {PrewarmRequest.MaxRequestsPerSecond}."));
        }

        if (request.BytesPerSecond is < 1024)
        {
            return (null, "'bytesPerSecond' is at least 1024.");
        }

        if (request.Encodings.Any(e => !Enum.IsDefined(e)))
        {
            return (null, "'encodings' are of Identity, Gzip, Brotli and Zstd.");
        }

        if (request.Pops.FirstOrDefault(id => id is null || config.FindPop(id) is null) is { } unknown)
        {
            return (null, $"There is no PoP '{Shorten(unknown)}'; the config has {QuotedNames.Of(config.Pops.Select(p => p.Id))}.");
        }

        return (new PrewarmOrder
        {
            Site = site.Id,
            Source = request.Missed ? "missed" : request.Sitemap is { } sitemap ? $"sitemap {Shorten(sitemap)}" : request.Top is { } top ? $"top {top}" : "urls",
            Who = who,
            Urls = [],
            Edges =
            [
                .. from pop in config.Pops
                   where request.Missed || request.Pops.IsEmpty || request.Pops.Contains(pop.Id)
                   from edge in pop.Edges
                   select new PrewarmEdge(pop.Id, edge.Name),
            ],
            Lane = request.Missed ? PrewarmLane.WarmUp : PrewarmLane.Ordinary,
            Plan = request.Missed ? new PrewarmPlan { Top = Math.Min(request.Top ?? PrewarmRequest.DefaultMissed, PopularityView.MaxCount) } : null,
            Targets = request.Missed ? [.. request.Pops.Distinct()] : [],
            Shield = site.Shield,
            RequestsPerSecond = request.RequestsPerSecond ?? PrewarmRequest.DefaultRequestsPerSecond,
            BytesPerSecond = request.BytesPerSecond,
            Encodings = request.Encodings.IsEmpty ? [.. Enum.GetValues<PrewarmEncoding>()] : [.. request.Encodings.Distinct()],
        }, null);
    }

    /// <summary>Canonical URLs, each once; or the mistakes as one text.</summary>
    public static (ImmutableArray<string> Urls, string? Error) ReadUrls(IReadOnlyList<string?> texts, CdnConfig config, string site)
    {
        var errors = new List<string>();
        var urls = new List<string>(texts.Count);
        for (int i = 0; i < texts.Count && errors.Count < MaxErrors; i++)
        {
            (string? url, string? error) = ReadUrl(texts[i] ?? "", config, site);
            if (url is null)
            {
                errors.Add($"URL {i + 1} '{Shorten(texts[i] ?? "")}': {error}.");
            }
            else
            {
                urls.Add(url);
            }
        }

        return errors.Count > 0
            ? ([], string.Join(' ', errors) + (errors.Count == MaxErrors ? " There may be more." : ""))
            : ([.. urls.Distinct(StringComparer.Ordinal)], null);
    }

    public static (string? Url, string? Error) ReadUrl(string text, CdnConfig config, string site)
    {
        if (Encoding.UTF8.GetByteCount(text) > PrewarmBatch.MaxUrlBytes)
        {
            return (null, $"it is longer than {PrewarmBatch.MaxUrlBytes} bytes");
        }

        if (!PurgeUrl.TryParse(text, out PurgeUrl url, out string? error))
        {
            return (null, error);
        }

        SiteConfig? owner = url.Host.Contains('*', StringComparison.Ordinal) ? null : SiteHosts.Find(config, url.Host);
        return owner?.Id == site ? (url.ToString(), null)
            : (null, owner is null ? $"the host '{url.Host}' belongs to no site" : $"the host '{url.Host}' belongs to another site, not to '{site}'");
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..79] + "…";
}
