using System.Collections.Immutable;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class CacheSection
{
    public static readonly ScalarKey<TimeSpan> DefaultTtl = ScalarKey<TimeSpan>.May(
        "default-ttl", Durations.Between(TimeSpan.Zero, ConfigLimits.MaxTtl), ConfigDefaults.DefaultTtl,
        "Lifetime of storable responses that name none themselves; `0s`: they are not stored.");

    public static readonly ScalarKey<TimeSpan> Grace = ScalarKey<TimeSpan>.May(
        "grace", Durations.Between(TimeSpan.Zero, ConfigLimits.MaxGrace), ConfigDefaults.Grace,
        "How long past its lifetime an object may stand in for origins that fail.");

    public static readonly ScalarKey<TimeSpan> HealthyGrace = ScalarKey<TimeSpan>.May(
        "healthy-grace", Durations.Between(TimeSpan.Zero, ConfigLimits.MaxGrace), ConfigDefaults.HealthyGrace,
        "How long past its lifetime an object is served at once while one request refreshes it, also from healthy origins.");

    public static readonly ScalarKey<long> MaxObject = ScalarKey<long>.May(
        "max-object", Sizes.Between(ConfigLimits.MinMaxObjectBytes, ConfigLimits.MaxMaxObjectBytes), ConfigDefaults.MaxObjectBytes,
        "Larger objects pass through without being stored.");

    public static readonly ScalarKey<SetCookieHandling> SetCookie = ScalarKey<SetCookieHandling>.May(
        "set-cookie",
        HttpTexts.SetCookie,
        ConfigDefaults.SetCookie,
        "Responses with `Set-Cookie`: `refuse` does not store them, `strip` stores them without it, `store` gives every visitor the same cookie.");

    public static readonly ScalarKey<bool> NoVarySearch = ScalarKey<bool>.May(
        "no-vary-search", Numbers.Flag, ConfigDefaults.NoVarySearch,
        "Whether `No-Vary-Search` of responses decides which queries ask for the same, and what of a query the origin is asked with.");

    public static readonly SectionKey Key = new(
        "key", CacheKeySection.OfSite, "the whole query, and what `Vary` names", "What makes two requests the same, and what the origin is asked with.");

    public static readonly SectionListKey Rules = new(
        "rules", CacheRuleSection.Table, 0, ConfigLimits.RulesPerSite, "Exceptions. Tried in order; the first that matches decides.");

    public static readonly KeyTable Table = new("sites.ID.cache", [DefaultTtl, Grace, HealthyGrace, MaxObject, SetCookie, NoVarySearch, Key, Rules]);

    public static CacheConfig Defaults => new()
    {
        DefaultTtl = DefaultTtl.DefaultValue,
        Grace = Grace.DefaultValue,
        HealthyGrace = HealthyGrace.DefaultValue,
        MaxObjectBytes = MaxObject.DefaultValue,
        SetCookie = SetCookie.DefaultValue,
        NoVarySearch = NoVarySearch.DefaultValue,
        Rules = [],
    };

    public static CacheConfig Bind(MapReader keys, FileFacts facts)
    {
        Found<long> maxObject = keys.Read(MaxObject);
        if (maxObject.Given && !facts.AnyEdgeIsWrong && facts.LargestMemory > 0 && maxObject.Value > facts.LargestMemory)
        {
            facts.Errors.Add(
                maxObject.Node!, "is more than any edge's memory: such an object could never be stored", $"at most {Sizes.Format(facts.LargestMemory)}");
        }

        return new CacheConfig
        {
            DefaultTtl = keys.Read(DefaultTtl).Value,
            Grace = keys.Read(Grace).Value,
            HealthyGrace = keys.Read(HealthyGrace).Value,
            MaxObjectBytes = maxObject.Value,
            SetCookie = keys.Read(SetCookie).Value,
            NoVarySearch = keys.Read(NoVarySearch).Value,
            Key = keys.Section(Key) is MapReader key ? CacheKeySection.Bind(key, facts) : null,
            Rules = BindRules(keys, facts),
        };
    }

    private static ImmutableArray<CacheRuleConfig> BindRules(MapReader keys, FileFacts facts)
    {
        // Rules with mistakes of their own hide nothing and are hidden by nothing.
        var right = new List<RightRule>();
        foreach (MapReader section in keys.Sections(Rules))
        {
            if (CacheRuleSection.Bind(section, facts) is not CacheRuleConfig rule)
            {
                continue;
            }

            var bound = new RightRule(rule, [.. rule.Extensions], section.Node.At.Line);
            if (right.Find(earlier => Hides(earlier, bound)) is RightRule hiding)
            {
                section.Report($"never applies: the rule in line {hiding.Line} matches all that it matches", "the narrower rule before the wider one");
            }

            right.Add(bound);
        }

        return [.. right.Select(rule => rule.Rule)];
    }

    private static bool Hides(RightRule earlier, RightRule later) =>
        !earlier.Rule.LooksAtResponse
        // A rule by extension also looks at what the response is, and may leave it to the next.
        && (earlier.Extensions.Count == 0 || !later.Rule.LooksAtResponse)
        && PathPatterns.Covers(earlier.Rule.Path, later.Rule.Path)
        && (earlier.Extensions.Count == 0 || (later.Extensions.Count > 0 && later.Extensions.IsSubsetOf(earlier.Extensions)));

    /// <summary>With its extensions as a set: every rule is compared with all before it.</summary>
    private sealed record RightRule(CacheRuleConfig Rule, HashSet<string> Extensions, int Line);
}
