using System.Collections.Immutable;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class CacheRuleSection
{
    public static readonly ScalarKey<string> Path = ScalarKey<string>.Optional(
        "path", PathPatterns.Path, "every path", "The path as the visitor sends it, exactly, or its beginning and a `*`.");

    public static readonly ListKey<string> Extensions = new(
        "extensions", PathPatterns.Extension, 0, ConfigLimits.ExtensionsPerRule, "File name extensions, without dot. With `path`, both must match; without any, every path does.");

    public static readonly ListKey<string> ContentTypes = new(
        "content-types", HttpTexts.ContentType, 0, ConfigLimits.ContentTypesPerRule, "Content types of the response; without any, every response matches.");

    public static readonly ListKey<string> Statuses = new(
        "statuses", HttpTexts.Status, 0, ConfigLimits.StatusesPerRule, "Statuses of the response; without any, every response matches.");

    public static readonly ScalarKey<bool> Bypass = ScalarKey<bool>.May(
        "bypass", Numbers.Flag, ConfigDefaults.Bypass, "Never look up, never store.");

    public static readonly ListKey<string> BypassCookies = new(
        "bypass-cookies", HttpTexts.CookieName, 0, ConfigLimits.BypassNamesPerRule, "Requests that have one of these cookies are never looked up, and what they bring is not stored.");

    public static readonly ListKey<string> BypassHeaders = new(
        "bypass-headers", HttpTexts.FieldName, 0, ConfigLimits.BypassNamesPerRule, "The same for requests that have one of these fields.");

    public static readonly ScalarKey<TimeSpan> Ttl = ScalarKey<TimeSpan>.Optional(
        "ttl", Durations.Between(TimeSpan.Zero, ConfigLimits.MaxTtl), "the origin decides",
        "Replaces the lifetime that the origin gave, for responses that may be stored at all; errors and temporary redirects only with `statuses`.");

    public static readonly ScalarKey<TimeSpan> MinTtl = ScalarKey<TimeSpan>.Optional(
        "min-ttl", Durations.Between(TimeSpan.Zero, ConfigLimits.MaxTtl), "no least lifetime", "Raises a shorter lifetime; not that of `no-cache`.");

    public static readonly ScalarKey<TimeSpan> MaxTtl = ScalarKey<TimeSpan>.Optional(
        "max-ttl", Durations.Between(TimeSpan.Zero, ConfigLimits.MaxTtl), "no longest lifetime", "Lowers a longer lifetime.");

    public static readonly ScalarKey<TimeSpan> BrowserTtl = ScalarKey<TimeSpan>.Optional(
        "browser-ttl", Durations.WholeSecondsBetween(TimeSpan.Zero, ConfigLimits.MaxTtl), "what the origin said",
        "How long visitors' own caches may use a stored response from when they get it; `0s`: only after asking.");

    public static readonly ScalarKey<bool> OverrideOrigin = ScalarKey<bool>.May(
        "override-origin", Numbers.Flag, ConfigDefaults.OverrideOrigin, "With `ttl`: stores also what the origin marks `no-store`, `private` or `no-cache`.");

    public static readonly ScalarKey<SetCookieHandling> SetCookie = ScalarKey<SetCookieHandling>.Optional(
        "set-cookie", HttpTexts.SetCookie, "the site's", "What becomes of responses with `Set-Cookie`; replaces the site's.");

    public static readonly SectionKey Key = new("key", CacheKeySection.OfRule, "the site's", "What makes two requests the same; replaces the site's as a whole.");

    public static readonly KeyTable Table = new(
        "sites.ID.cache.rules[]",
        [Path, Extensions, ContentTypes, Statuses, Bypass, BypassCookies, BypassHeaders, Ttl, MinTtl, MaxTtl, BrowserTtl, OverrideOrigin, SetCookie, Key]);

    /// <returns>Null when the rule has a mistake.</returns>
    public static CacheRuleConfig? Bind(MapReader keys, FileFacts facts)
    {
        Found<string> path = keys.Read(Path);
        ImmutableArray<Found<string>> extensions = keys.Read(Extensions);
        ImmutableArray<Found<string>> contentTypes = keys.Read(ContentTypes);
        ImmutableArray<Found<string>> statuses = keys.Read(Statuses);
        Found<bool> bypass = keys.Read(Bypass);
        ImmutableArray<Found<string>> bypassCookies = keys.Read(BypassCookies);
        ImmutableArray<Found<string>> bypassHeaders = keys.Read(BypassHeaders);
        Found<TimeSpan> ttl = keys.Read(Ttl);
        Found<TimeSpan> minTtl = keys.Read(MinTtl);
        Found<TimeSpan> maxTtl = keys.Read(MaxTtl);
        Found<TimeSpan> browserTtl = keys.Read(BrowserTtl);
        Found<bool> overrideOrigin = keys.Read(OverrideOrigin);
        Found<SetCookieHandling> setCookie = keys.Read(SetCookie);
        CacheKeyConfig? key = keys.Section(Key) is MapReader section ? CacheKeySection.Bind(section, facts) : null;
        bool listsAreRight = keys.IsRight(Extensions, extensions) && keys.IsRight(ContentTypes, contentTypes) && keys.IsRight(Statuses, statuses)
            && keys.IsRight(BypassCookies, bypassCookies) && keys.IsRight(BypassHeaders, bypassHeaders);
        if (!path.Valid || !bypass.Valid || !ttl.Valid || !minTtl.Valid || !maxTtl.Valid || !browserTtl.Valid || !overrideOrigin.Valid || !setCookie.Valid
            || keys.HasUnknownKeys || !listsAreRight)
        {
            return null;
        }

        var rule = new CacheRuleConfig
        {
            Path = path.Given ? path.Value : null,
            Extensions = ValuesOf(extensions),
            ContentTypes = ValuesOf(contentTypes),
            Statuses = ValuesOf(statuses),
            Bypass = bypass.Value,
            BypassCookies = ValuesOf(bypassCookies),
            BypassHeaders = ValuesOf(bypassHeaders),
            Ttl = ttl.Given ? ttl.Value : null,
            MinTtl = minTtl.Given ? minTtl.Value : null,
            MaxTtl = maxTtl.Given ? maxTtl.Value : null,
            BrowserTtl = browserTtl.Given ? browserTtl.Value : null,
            OverrideOrigin = overrideOrigin.Value,
            SetCookie = setCookie.Given ? setCookie.Value : null,
            Key = key,
        };
        return MayStand(keys, rule) ? rule : null;
    }

    private static ImmutableArray<string> ValuesOf(ImmutableArray<Found<string>> found) => [.. found.Select(item => item.Value).Distinct()];

    /// <summary>What the keys say together.</summary>
    private static bool MayStand(MapReader keys, CacheRuleConfig rule)
    {
        (string Message, string Allowed)? mistake = rule switch
        {
            _ when keys.Node.Entries.Count == 0 => ("says nothing", $"some of the keys {Table.Names}"),
            { Bypass: true, Ttl: not null } => ("has a ttl for what bypass never stores", "bypass or ttl"),
            { Bypass: true } when rule.MinTtl is not null || rule.MaxTtl is not null || rule.BrowserTtl is not null || rule.SetCookie is not null || rule.Key is not null =>
                ("says how to store what bypass never stores", "bypass alone"),
            { LooksAtResponse: true } when rule.Key is not null || !rule.BypassCookies.IsEmpty || !rule.BypassHeaders.IsEmpty =>
                ("looks at the response, and says what must be known before", "key, bypass-cookies and bypass-headers in a rule without content-types and statuses"),
            { Ttl: not null } when rule.MinTtl is not null || rule.MaxTtl is not null => ("has a ttl and bounds of it", "ttl, or min-ttl and max-ttl"),
            { OverrideOrigin: true, Ttl: null } => ("overrides the origin and has no lifetime of its own", "override-origin with ttl"),
            _ when rule.MinTtl > rule.MaxTtl => ("has a min-ttl above its max-ttl", "min-ttl at most max-ttl"),
            _ => null,
        };
        if (mistake is var (message, allowed))
        {
            keys.Report(message, allowed);
        }

        return mistake is null;
    }
}
