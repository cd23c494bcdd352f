using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Edge.Rules;

/// <summary>Where a request is sent instead of being answered.</summary>
public readonly record struct Redirect(int Status, string Location);

/// <summary>A site's redirects, compiled.</summary>
internal sealed class RedirectRules
{
    private readonly ImmutableArray<RedirectConfig> _redirects;
    private readonly PathIndex _byPath;
    private readonly bool _toHttps;

    private RedirectRules(SiteConfig site)
    {
        _redirects = site.Redirects;
        _byPath = new PathIndex(site.Redirects.Select((redirect, index) => (index, new PathPattern(redirect.Path, []))));
        _toHttps = site.HttpsRedirect;
    }

    /// <summary>Null: there are none.</summary>
    public static RedirectRules? Of(SiteConfig site) => site.Redirects.IsEmpty && !site.HttpsRedirect ? null : new RedirectRules(site);

    /// <summary>Null: the request is to be answered. A Location is always absolute, so that no path becomes a host (<c>//elsewhere</c>).</summary>
    /// <param name="host">Name without port, as one of the site's.</param>
    /// <param name="target">Path and query.</param>
    /// <param name="isRead">GET or HEAD: other methods keep method and body on their way to https.</param>
    public Redirect? Find(bool isHttps, string authority, ReadOnlySpan<char> host, string target, bool isRead)
    {
        if (_toHttps && !isHttps)
        {
            return new Redirect(isRead ? 301 : 308, $"https://{host}{target}");
        }

        int question = target.IndexOf('?', StringComparison.Ordinal);
        string path = question < 0 ? target : target[..question];
        int index = _byPath.Find(path);
        if (index == PathIndex.None)
        {
            return null;
        }

        RedirectConfig redirect = _redirects[index];
        string to = redirect.To is [.. string beginning, '*'] ? string.Concat(beginning, path.AsSpan(redirect.Path.Length - 1)) : redirect.To;
        if (redirect.KeepQuery && question >= 0)
        {
            to = to.Contains('?') ? $"{to}&{target[(question + 1)..]}" : to + target[question..];
        }

        return new Redirect(redirect.Status, to[0] == '/' ? $"{(isHttps ? "https" : "http")}://{authority}{to}" : to);
    }
}
