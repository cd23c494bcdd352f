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

    public static readonly ScalarKey<bool> Bypass = ScalarKey<bool>.May(
        "bypass", Numbers.Flag, ConfigDefaults.Bypass, "Never look up, never store.");

    public static readonly ScalarKey<TimeSpan> Ttl = ScalarKey<TimeSpan>.Optional(
        "ttl", Durations.Between(TimeSpan.Zero, ConfigLimits.MaxTtl), "the origin decides",
        "Replaces the lifetime that the origin gave, for responses that may be stored at all.");

    public static readonly KeyTable Table = new("sites.ID.cache.rules[]", [Path, Extensions, Bypass, Ttl]);

    /// <returns>Null when the rule has a mistake.</returns>
    public static CacheRuleConfig? Bind(MapReader keys)
    {
        Found<string> path = keys.Read(Path);
        ImmutableArray<Found<string>> extensions = keys.Read(Extensions);
        Found<bool> bypass = keys.Read(Bypass);
        Found<TimeSpan> ttl = keys.Read(Ttl);
        if (!path.Valid || !bypass.Valid || !ttl.Valid || keys.HasUnknownKeys || !keys.IsRight(Extensions, extensions))
        {
            return null;
        }

        if (keys.Node.Entries.Count == 0)
        {
            keys.Report("says nothing", $"some of the keys {Table.Names}");
            return null;
        }

        if (bypass.Value && ttl.Given)
        {
            keys.Report("has a ttl for what bypass never stores", "bypass or ttl");
            return null;
        }

        return new CacheRuleConfig
        {
            Path = path.Given ? path.Value : null,
            Extensions = [.. extensions.Select(extension => extension.Value).Distinct()],
            Bypass = bypass.Value,
            Ttl = ttl.Given ? ttl.Value : null,
        };
    }
}
