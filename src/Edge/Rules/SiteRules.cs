using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Rules;

/// <summary>A site with its rules compiled, once for each version of the config; immutable.</summary>
public sealed class SiteRules(SiteConfig site)
{
    public SiteConfig Site { get; } = site;

    public CacheRuleSet Cache { get; } = site.Cache.Rules.IsEmpty && site.Cache.Key is null
        ? CacheRuleSet.Empty
        : new CacheRuleSet(site.Cache.Rules, site.Cache.Key);

    /// <summary>Null: none.</summary>
    internal RedirectRules? Redirects { get; } = RedirectRules.Of(site);

    /// <summary>Null: none.</summary>
    internal HeaderRules? RequestHeaders { get; } = HeaderRules.Of(site.RequestHeaders);

    /// <summary>Null: none.</summary>
    internal HeaderRules? ResponseHeaders { get; } = HeaderRules.Of(site.ResponseHeaders);

    /// <summary>Null: none.</summary>
    public ErrorPages? ErrorPages { get; } = ErrorPages.Of(site.ErrorPages);

    /// <summary>Null: nothing is compressed.</summary>
    internal CompressionRule? Compression { get; } = CompressionRule.Of(site.Compression);

    /// <summary>Null: no request is explained.</summary>
    internal DebugKey? DebugKey { get; } = DebugKey.Of(site.DebugKey);

    /// <summary>Seconds without contact to a silo after which what is older than that is confirmed before it is used; infinite: never.</summary>
    internal double RevalidateAfter { get; } =
        site.WhenCutOff.Policy == CutOffPolicy.Revalidate ? site.WhenCutOff.After.TotalSeconds : double.PositiveInfinity;

    /// <summary>Whether visitors get stored responses otherwise than the origin sent them.</summary>
    public bool ShapesResponses { get; } = !site.ResponseHeaders.IsEmpty || site.Compression is not null || site.Cache.Rules.Any(rule => rule.BrowserTtl is not null);

    /// <summary>Where an answer to a request for cacheable content with this target would be stored.</summary>
    public CacheKey StoredKey(CacheKey key)
    {
        int question = key.Target.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? key : key with { Target = Cache.ForRequest(key.Target.AsSpan(0, question)).TargetOf(key.Target) };
    }

    internal VisitorView ViewOf(StoredResponse stored, string pop)
    {
        CacheRuleConfig? rule = Cache.ForResponse(stored.Key.Target, stored.Status, stored.Header);
        return new VisitorView(this, ForVisitors(stored.VisitorHeader, stored.Key, pop), rule?.BrowserTtl, Compression?.Applies(stored) == true);
    }

    /// <summary>A response's fields after the site's changes.</summary>
    internal ResponseHeader ForVisitors(ResponseHeader header, CacheKey key, string pop) =>
        ResponseHeaders is null ? header : ResponseHeaders.Apply(header, new HeaderVariables(pop, key.Authority, ""));
}
