using System.Collections.Immutable;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class SiteSection
{
    /// <summary>Says in the file that a site has no shield, and so is no PoP's id.</summary>
    public const string NoShield = "none";

    public static readonly ListKey<string> Hosts = new(
        "hosts", HostNames.SiteHost, 1, ConfigLimits.HostsPerSite,
        "Its names, each in one site only. `*.example.net` covers every name below example.net, not example.net itself; an exact name wins.");

    public static readonly SectionListKey Origins = new(
        "origins", OriginSection.Table, 1, ConfigLimits.OriginsPerSite, "Where its content comes from; without priorities in order of preference.");

    public static readonly SectionKey Cache = new("cache", CacheSection.Table, "the defaults of its keys", "How it is cached.");

    public static readonly ScalarKey<string> Shield = ScalarKey<string>.May(
        "shield", Tokens.Text($"the id of a PoP, or {NoShield}", _ => null), NoShield,
        "The PoP that alone speaks to the origin while it can be reached; `none`: every PoP does.");

    public static readonly ScalarKey<CoalescingScope> Coalescing = ScalarKey<CoalescingScope>.May(
        "coalescing", Tokens.Choice(("pop", CoalescingScope.Pop), ("cluster", CoalescingScope.Cluster)), ConfigDefaults.Coalescing,
        "Among whom one origin request is shared: the edges of a PoP, or all edges.");

    public static readonly SectionKey Tls = new("tls", TlsSection.Table, "plain HTTP only", "The certificate for its hosts.");

    public static readonly SectionKey Failover = new(
        "failover", FailoverSection.Table, "the defaults of its keys", "What happens when an origin fails.");

    public static readonly SectionKey WhenCutOff = new(
        "when-cut-off", CutOffSection.Table, "the defaults of its keys", "What an edge does that hears from no silo, so that it may miss purges.");

    public static readonly SectionKey Limits = new(
        "limits", LimitsSection.Table, "the edge's own bounds alone", "What visitors of the site may ask of each edge.");

    public static readonly ScalarKey<bool> HttpsRedirect = ScalarKey<bool>.May(
        "https-redirect", Numbers.Flag, ConfigDefaults.HttpsRedirect, "Sends plain HTTP to the same URL with https. Needs `tls`.");

    public static readonly SectionListKey Redirects = new(
        "redirects", RedirectSection.Table, 0, ConfigLimits.RedirectsPerSite, "Requests that are sent elsewhere. Tried in order; the first that matches decides.");

    public static readonly SectionListKey RequestHeaders = new(
        "request-headers", HeaderRuleSection.Request.Table, 0, ConfigLimits.HeaderRulesPerSite, "Changes of requests on their way to the origin, in order.");

    public static readonly SectionListKey ResponseHeaders = new(
        "response-headers", HeaderRuleSection.Response.Table, 0, ConfigLimits.HeaderRulesPerSite, "Changes of responses on their way to visitors, in order.");

    public static readonly SectionListKey ErrorPages = new(
        "error-pages", ErrorPageSection.Table, 0, ConfigLimits.ErrorPagesPerSite, "Pages of your own for errors. The first with the status counts.");

    public static readonly SectionKey Compression = new(
        "compression", CompressionSection.Table, "nothing is compressed here", "Compresses what is stored and came uncompressed, with brotli and gzip.");

    public static readonly ScalarKey<string> DebugKey = ScalarKey<string>.Optional(
        "debug-key", HeaderTexts.DebugKey, "no request is told",
        "A secret. A request with it in `Cdn-Debug` is told in `Cdn-Explain` why it is answered as it is.");

    public static readonly KeyTable Table = new(
        "sites.ID",
        [Hosts, Origins, Cache, Shield, Coalescing, Tls, Failover, WhenCutOff, Limits, HttpsRedirect, Redirects, RequestHeaders, ResponseHeaders, ErrorPages, Compression, DebugKey]);

    public static ImmutableArray<SiteConfig> BindAll(MapReader root, FileFacts facts)
    {
        ImmutableArray<(string Id, MapReader Keys)> sites = [.. root.Sections(RootSection.Sites)];

        // Hosts first, of all sites: an origin must not be one of them.
        ImmutableArray<ImmutableArray<string>> hosts = [.. sites.Select(site => BindHosts(site.Keys, facts))];
        return [.. sites.Select((site, index) => Bind(site.Id, site.Keys, hosts[index], facts))];
    }

    private static ImmutableArray<string> BindHosts(MapReader keys, FileFacts facts) =>
        [.. keys.Read(Hosts).Where(facts.TryAddHost).Select(host => host.Value)];

    private static SiteConfig Bind(string id, MapReader keys, ImmutableArray<string> hosts, FileFacts facts) => new()
    {
        Id = id,
        Hosts = hosts,
        Origins = [.. keys.Sections(Origins).Select(origin => OriginSection.Bind(origin, facts))],
        Cache = keys.Section(Cache) is MapReader cache ? CacheSection.Bind(cache, facts) : CacheSection.Defaults,
        Shield = BindShield(keys, facts),
        Coalescing = keys.Read(Coalescing).Value,
        Tls = keys.Section(Tls) is MapReader tls ? TlsSection.Bind(tls) : null,
        Failover = keys.Section(Failover) is MapReader failover ? FailoverSection.Bind(failover, facts) : FailoverConfig.Default,
        WhenCutOff = keys.Section(WhenCutOff) is MapReader cutOff ? CutOffSection.Bind(cutOff) : CutOffConfig.Default,
        Limits = keys.Section(Limits) is MapReader limits ? LimitsSection.Bind(limits) : null,
        HttpsRedirect = BindHttpsRedirect(keys, facts),
        Redirects = [.. keys.Sections(Redirects).Select(redirect => RedirectSection.Bind(redirect, facts))],
        RequestHeaders = [.. keys.Sections(RequestHeaders).Select(HeaderRuleSection.Request.Bind).OfType<HeaderRuleConfig>()],
        ResponseHeaders = [.. keys.Sections(ResponseHeaders).Select(HeaderRuleSection.Response.Bind).OfType<HeaderRuleConfig>()],
        Compression = keys.Section(Compression) is MapReader compression ? CompressionSection.Bind(compression) : null,
        ErrorPages = [.. keys.Sections(ErrorPages).Select(ErrorPageSection.Bind)],
        DebugKey = keys.Read(DebugKey) is { Given: true, Value: var debugKey } ? debugKey : null,
    };

    private static bool BindHttpsRedirect(MapReader keys, FileFacts facts)
    {
        Found<bool> redirect = keys.Read(HttpsRedirect);
        if (redirect is { Given: true, Value: true } && !keys.Node.Entries.Any(entry => entry.Key.Text == Tls.Name) && !keys.HasUnknownKeys)
        {
            facts.Errors.Add(redirect.Node!, "sends visitors to https, and the site has no certificate", "tls beside it, or no redirect");
        }

        return redirect.Value;
    }

    private static string? BindShield(MapReader keys, FileFacts facts)
    {
        Found<string> shield = keys.Read(Shield);
        if (!shield.Given || shield.Value == NoShield)
        {
            return null;
        }

        facts.ReportUnknownPop(shield, NoShield);
        return shield.Value;
    }
}
