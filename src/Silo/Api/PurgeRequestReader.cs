using System.Collections.Immutable;
using System.Text;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Silo.Api;

/// <summary>Checks a purge request against the config and brings its values into the form of the log.</summary>
internal static class PurgeRequestReader
{
    /// <summary>Mistakes that are listed; a list of ten thousand tells nobody more.</summary>
    private const int MaxErrors = 20;

    private const int MaxDeadlineMs = 60_000;

    /// <returns>What to append, or the mistakes as one text.</returns>
    public static (PurgeAppend? Append, string? Error) Read(PurgeRequest request, CdnConfig config, string who)
    {
        if (config.FindSite(request.Site) is not { } site)
        {
            return (null, $"There is no site '{Shorten(request.Site)}'; the config has {QuotedNames.Of(config.Sites.Select(s => s.Id))}.");
        }

        if (!Enum.IsDefined(request.Kind))
        {
            return (null, "'kind' is one of Url, Tag, Prefix, Host and Site.");
        }

        if (request.Wait && request.DeadlineMs is < 1 or > MaxDeadlineMs)
        {
            return (null, $"'deadlineMs' is {request.DeadlineMs}; with 'wait' it is 1 to {MaxDeadlineMs} milliseconds.");
        }

        if (request.Refresh && !request.Soft)
        {
            return (null, "'refresh' goes with 'soft': what is purged softly is still there to be confirmed, and served meanwhile. To fetch what was removed, prewarm it.");
        }

        ImmutableArray<string> values = request.Values.IsDefault ? [] : request.Values;
        if (request.Kind == PurgeKind.Site)
        {
            return values.IsEmpty
                ? (Append(request, [""], who), null)
                : (null, "'values' has to be empty for a purge of the whole site; for less set 'kind' to Url, Tag, Prefix or Host.");
        }

        if (values.IsEmpty || values.Length > ApiRoutes.MaxPurgeValues)
        {
            return (null, $"'values' has {values.Length} items; 1 to {ApiRoutes.MaxPurgeValues} are allowed. To purge everything of the site set 'kind' to Site.");
        }

        var errors = new List<string>();
        var canonical = new List<string>();
        for (int i = 0; i < values.Length && errors.Count < MaxErrors; i++)
        {
            string? error = values[i] is null ? "it is null"
                : Encoding.UTF8.GetByteCount(values[i]) > ApiRoutes.MaxPurgeValueBytes ? $"it is longer than {ApiRoutes.MaxPurgeValueBytes} bytes"
                : request.Kind switch
                {
                    PurgeKind.Url => AddUrl(values[i], site, config, canonical),
                    PurgeKind.Prefix => AddPrefix(values[i], site, config, canonical),
                    PurgeKind.Host => AddHost(values[i], site, config, canonical),
                    _ => AddTag(values[i], canonical),
                };
            if (error is not null)
            {
                errors.Add($"values[{i}] '{Shorten(values[i] ?? "")}': {error}.");
            }
        }

        return errors.Count > 0
            ? (null, string.Join(' ', errors) + (errors.Count == MaxErrors ? " There may be more." : ""))
            : request.Refresh && request.Kind != PurgeKind.Url && canonical.Sum(v => (long)v.Length) is > CoverageQuestion.MaxValueChars and var chars
                ? (null, $"With 'refresh' a purge has up to {CoverageQuestion.MaxValueChars} characters of values; these have {chars}: purge in parts.")
            : (Append(request, [.. canonical.Distinct(StringComparer.Ordinal)], who), null);
    }

    private static string? AddUrl(string text, SiteConfig site, CdnConfig config, List<string> canonical)
    {
        if (!PurgeUrl.TryParse(text, out PurgeUrl url, out string? error))
        {
            return error;
        }

        if (WrongHost(url.Host, site, config) is { } wrong)
        {
            return wrong;
        }

        // Who purges a page means the page, whichever scheme a visitor came with.
        canonical.Add(url.ToString());
        canonical.Add(url.OtherScheme().ToString());
        return null;
    }

    private static string? AddPrefix(string text, SiteConfig site, CdnConfig config, List<string> canonical)
    {
        string absolute = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        if (!PurgeUrl.TryParse(absolute, out PurgeUrl prefix, out string? error))
        {
            return error;
        }

        if (WrongHost(prefix.Host, site, config) is { } wrong)
        {
            return wrong;
        }

        if (prefix.Target.EndsWith('*'))
        {
            return "a prefix is plain text and covers everything that begins with it: leave the '*' out";
        }

        canonical.Add(prefix.AuthorityAndTarget);
        canonical.Add(prefix.OtherScheme().AuthorityAndTarget);
        return null;
    }

    private static string? AddHost(string text, SiteConfig site, CdnConfig config, List<string> canonical)
    {
        if (!PurgeUrl.TryParse("http://" + text, out PurgeUrl url, out _) || !string.Equals(text, url.Host, StringComparison.OrdinalIgnoreCase))
        {
            return "a host is a name like 'www.example.net', without scheme, port and path; all its ports and both schemes are purged";
        }

        if (WrongHost(url.Host, site, config) is { } wrong)
        {
            return wrong;
        }

        canonical.Add(url.Host);
        return null;
    }

    private static string? WrongHost(string host, SiteConfig site, CdnConfig config)
    {
        if (host.Contains('*', StringComparison.Ordinal))
        {
            return $"'{host}' names no single host: give each host of a wildcard, or purge the site";
        }

        SiteConfig? owner = SiteHosts.Find(config, host);
        return owner == site ? null
            : owner is null ? $"the host '{host}' belongs to no site; '{site.Id}' has {string.Join(", ", site.Hosts)}"
            : $"the host '{host}' belongs to site '{owner.Id}', not to '{site.Id}'";
    }

    private static string? AddTag(string tag, List<string> canonical)
    {
        if (tag.Length == 0)
        {
            return "a tag has at least one character";
        }

        if (tag.Any(c => c is <= ' ' or >= '\x7f'))
        {
            return "a tag has printable ASCII characters without spaces; give several tags as several values";
        }

        canonical.Add(tag);
        return null;
    }

    private static PurgeAppend Append(PurgeRequest request, ImmutableArray<string> values, string who) =>
        new() { Site = request.Site, Kind = request.Kind, Values = values, Soft = request.Soft, Who = who };

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..79] + "…";
}
