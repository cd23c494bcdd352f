using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Rules;

/// <summary>
/// A site's cache rules, compiled. Rules that look at the request alone decide what is looked up; when the response is
/// here, the first of all rules that matches both decides how it is stored.
/// </summary>
public sealed class CacheRuleSet
{
    public static readonly CacheRuleSet Empty = new([], null);

    private readonly CompiledRule[] _rules;
    private readonly RequestRule _default;
    private readonly PathIndex? _byRequest;

    public CacheRuleSet(ImmutableArray<CacheRuleConfig> rules, CacheKeyConfig? key)
    {
        _rules = [.. rules.Select(rule => new CompiledRule(rule, key))];
        _default = key is null ? RequestRule.None : new RequestRule(key, null);
        _byRequest = _rules.Length == 0
            ? null
            : new PathIndex(_rules.Index().Where(rule => !rule.Item.Config.LooksAtResponse).Select(rule => (rule.Index, rule.Item.Pattern)));
    }

    /// <param name="path">Without query.</param>
    public RequestRule ForRequest(ReadOnlySpan<char> path)
    {
        if (_byRequest is null)
        {
            return _default;
        }

        int index = _byRequest.Find(path);
        if (index == PathIndex.None)
        {
            return _default;
        }

        RequestRule rule = _rules[index].Request;
        return rule.IsBypass && MayBeDecidedBefore(index, path) ? _default : rule;
    }

    /// <summary>A rule before it may match the response: nothing is passed by until that is known.</summary>
    private bool MayBeDecidedBefore(int index, ReadOnlySpan<char> path)
    {
        for (int i = 0; i < index; i++)
        {
            if (_rules[i].Config.LooksAtResponse && _rules[i].Pattern.Matches(path))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The rule as it holds for this response; null: none does.</summary>
    /// <param name="target">Path and query of the key.</param>
    public CacheRuleConfig? ForResponse(string target, int status, ResponseHeader header) =>
        IndexFor(target, status, header) is >= 0 and int index ? _rules[index].As(status) : null;

    /// <summary>Place in the site's list of the rule that <see cref="ForResponse"/> goes by; -1: none does.</summary>
    public int IndexFor(string target, int status, ResponseHeader header)
    {
        if (_rules.Length == 0)
        {
            return -1;
        }

        int question = target.IndexOf('?', StringComparison.Ordinal);
        ReadOnlySpan<char> path = question < 0 ? target : target.AsSpan(0, question);
        ReadOnlySpan<char> essence = ContentTypeMatch.Essence(header["Content-Type"].FirstOrDefault());
        for (int i = 0; i < _rules.Length; i++)
        {
            if (_rules[i].Pattern.Matches(path) && _rules[i].MatchesResponse(path, status, essence))
            {
                return i;
            }
        }

        return -1;
    }

    private sealed class CompiledRule
    {
        private readonly CacheRuleConfig _withoutLifetime;

        public CompiledRule(CacheRuleConfig rule, CacheKeyConfig? siteKey)
        {
            Config = rule;
            Pattern = new PathPattern(rule.Path, rule.Extensions);
            Request = new RequestRule(rule.Key ?? siteKey, rule);
            _withoutLifetime = rule with { Ttl = null, MinTtl = null, OverrideOrigin = false, SetCookie = null };
        }

        public CacheRuleConfig Config { get; }

        public PathPattern Pattern { get; }

        public RequestRule Request { get; }

        /// <summary>Whether more is stored, or for longer, than the origin said.</summary>
        private bool Widens => Config.Ttl is not null || Config.MinTtl is not null || Config.OverrideOrigin
            || Config.SetCookie is SetCookieHandling.Strip or SetCookieHandling.Store;

        public bool MatchesResponse(ReadOnlySpan<char> path, int status, ReadOnlySpan<char> essence)
        {
            if (!Config.Statuses.IsEmpty && !StatusMatch.IsAny(status, Config.Statuses))
            {
                return false;
            }

            if (!Config.ContentTypes.IsEmpty && !ContentTypeMatch.IsAny(essence, Config.ContentTypes))
            {
                return false;
            }

            if (!Widens)
            {
                return true;
            }

            // Cache deception: the path says one thing and the origin answered another, or may have.
            bool isBody = status is >= 200 and < 300;
            return !PathPattern.IsAmbiguous(path)
                && (!isBody || !Pattern.HasExtensions || !Config.ContentTypes.IsEmpty || ContentTypeMatch.Fits(PathPattern.ExtensionOf(path), essence));
        }

        /// <summary>A lifetime for whatever comes is not meant for errors and for redirects that hold this once.</summary>
        public CacheRuleConfig As(int status) => Widens && Config.Statuses.IsEmpty && !IsLasting(status) ? _withoutLifetime : Config;

        private static bool IsLasting(int status) => status is 200 or 203 or 204 or 300 or 301 or 308;
    }
}
