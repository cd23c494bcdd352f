using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Rules;

namespace OrleansCdn.Edge.Http;

/// <summary>What is shown of rules and stored responses; what an origin or a visitor wrote is cut short.</summary>
internal static class ExplainedParts
{
    /// <param name="index">In the site's list; -1: null is the answer.</param>
    public static ExplainedRule? Rule(SiteRules rules, int index)
    {
        if (index < 0)
        {
            return null;
        }

        CacheRuleConfig rule = rules.Site.Cache.Rules[index];
        return new ExplainedRule
        {
            Number = index + 1,
            Path = rule.Path is null ? null : Cut(rule.Path),
            Extensions = rule.Extensions,
            ContentTypes = rule.ContentTypes,
            Statuses = rule.Statuses,
            Bypass = rule.Bypass,
            TtlSeconds = rule.Ttl?.TotalSeconds,
            MinTtlSeconds = rule.MinTtl?.TotalSeconds,
            MaxTtlSeconds = rule.MaxTtl?.TotalSeconds,
        };
    }

    public static ExplainedVariant Variant(StoredResponse stored, bool isSelected, SiteRules rules, PurgeIndex purges, double now) => new()
    {
        IsSelected = isSelected,
        Rule = Rule(rules, rules.Cache.IndexFor(stored.Key.Target, stored.Status, stored.Header)),
        Status = stored.Status,
        Vary = [.. stored.Vary.Pairs().Take(Explanation.MaxListed).Select(v => new ExplainedField(Cut(v.Name), Shown(v.Name, v.Value)))],
        ETag = First(stored.Header["ETag"]),
        LastModified = First(stored.Header["Last-Modified"]),
        AgeSeconds = Seconds(stored.Age(now)),
        LifetimeSeconds = Seconds(stored.Storage.Lifetime),
        LifetimeSource = stored.Storage.Source,
        TtlSeconds = Seconds(stored.TimeToLive(now)),
        StaleWhileRevalidateSeconds = Seconds(stored.Storage.StaleWhileRevalidate),
        GraceSeconds = Seconds(stored.Storage.StaleIfError),
        NeverStale = stored.Storage.NeverStale,
        SoftPurgedSecondsAgo = double.IsNaN(stored.SoftPurgedAt) ? null : Seconds(now - stored.SoftPurgedAt),
        Tags = [.. stored.Tags.Where(IsTag).Take(Explanation.MaxListed).Select(tag => Cut(tag))],
        TagCount = stored.Tags.Count(IsTag),
        Groups = [.. stored.Tags.Where(CacheGroups.IsGroup).Take(Explanation.MaxListed).Select(group => Cut(CacheGroups.NameOf(group)))],
        GroupCount = stored.Tags.Count(CacheGroups.IsGroup),
        PurgeStamp = stored.Stamp,
        Purge = purges.FindCovering(stored.Key.Site, stored.Url, stored.Tags, stored.Stamp),
        BodyBytes = stored.Slices?.Length ?? stored.Body.Length,
        Tier = StorageTier.Memory,
        Source = stored.Source is { } source ? new ExplainedSource(source.From, Cut(source.Name), source.IsFromDisk) : null,
    };

    private static bool IsTag(string tag) => !CacheGroups.IsGroup(tag) && !SearchVariance.IsTag(tag);

    /// <summary>To the millisecond: nobody reads more, and JSON stays short.</summary>
    public static double Seconds(double seconds) => Math.Round(seconds, 3);

    public static string Cut(string text, int length = Explanation.MaxTextLength) => text.Length <= length ? text : text[..(length - 1)] + "…";

    private static string? First(StringValues values) => values.Count == 0 ? null : Cut(values[0] ?? "");

    private static string? Shown(string name, string? value) =>
        value is null ? null : VarySelector.IsSecret(name) ? $"(hidden, {value.Length} characters)" : Cut(value);
}
