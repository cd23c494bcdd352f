using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Edge.Http;

/// <summary>Which of a site's cache rules applies to a path.</summary>
public static class CacheRules
{
    /// <summary>The first that matches; null: none.</summary>
    public static CacheRuleConfig? Find(SiteConfig site, RequestTarget target)
    {
        if (site.Cache.Rules.IsEmpty)
        {
            return null;
        }

        ReadOnlySpan<char> path = target.Path;
        foreach (CacheRuleConfig rule in site.Cache.Rules)
        {
            if (MatchesPath(rule.Path, path) && MatchesExtension(rule, path))
            {
                return rule;
            }
        }

        return null;
    }

    private static bool MatchesPath(string? pattern, ReadOnlySpan<char> path) =>
        pattern is null
        || (pattern.EndsWith('*') ? path.StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal) : path.SequenceEqual(pattern));

    private static bool MatchesExtension(CacheRuleConfig rule, ReadOnlySpan<char> path)
    {
        if (rule.Extensions.IsEmpty)
        {
            return true;
        }

        int dot = path.LastIndexOf('.');
        if (dot < 0 || path[dot..].Contains('/'))
        {
            return false;
        }

        foreach (string extension in rule.Extensions)
        {
            if (path[(dot + 1)..].Equals(extension, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
