using System.Collections.Immutable;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class CompressionSection
{
    /// <summary>Text on the web; pictures, fonts and archives are compressed already.</summary>
    private static readonly ImmutableArray<string> UsualTypes =
    [
        "text/*", "application/javascript", "application/json", "application/ld+json", "application/manifest+json", "application/xml",
        "application/rss+xml", "application/atom+xml", "application/xhtml+xml", "application/wasm", "image/svg+xml",
    ];

    public static readonly ListKey<string> ContentTypes = new(
        "content-types", HttpTexts.ContentType, 0, ConfigLimits.ContentTypesPerRule,
        "What is compressed; without any: `text/*`, JavaScript, JSON, XML and its kin, SVG, WebAssembly.");

    public static readonly ScalarKey<long> MinSize = ScalarKey<long>.May(
        "min-size", Sizes.Between(1, ConfigLimits.MaxMinCompressBytes), ConfigDefaults.MinCompressBytes, "Smaller bodies stay as they are.");

    public static readonly KeyTable Table = new("sites.ID.compression", [ContentTypes, MinSize]);

    public static CompressionConfig Bind(MapReader keys)
    {
        ImmutableArray<Found<string>> types = keys.Read(ContentTypes);
        return new CompressionConfig
        {
            ContentTypes = types.IsEmpty ? UsualTypes : [.. types.Select(type => type.Value).Distinct()],
            MinBytes = keys.Read(MinSize).Value,
        };
    }
}
