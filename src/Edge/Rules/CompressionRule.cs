using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Rules;

/// <summary>Which stored responses a site wants compressed.</summary>
internal sealed class CompressionRule
{
    /// <summary>Text that nobody reads at once; compressing it would hold one core for seconds.</summary>
    public const long MaxBytes = 16 * 1024 * 1024;

    private readonly ImmutableArray<string> _types;
    private readonly long _minBytes;

    private CompressionRule(CompressionConfig config) => (_types, _minBytes) = (config.ContentTypes, config.MinBytes);

    /// <summary>Null: nothing is compressed.</summary>
    public static CompressionRule? Of(CompressionConfig? config) => config is null ? null : new CompressionRule(config);

    /// <summary>By its header: then its visitors' caches are told that <c>Accept-Encoding</c> counts, compressed or not.</summary>
    public bool Applies(StoredResponse stored) => stored is { Status: 200, Slices: null }
        && !stored.Header.Contains("Content-Encoding")
        && ContentTypeMatch.IsAny(ContentTypeMatch.Essence(stored.Header["Content-Type"].FirstOrDefault()), _types)
        && !stored.Header["Cache-Control"].ToString().Contains("no-transform", StringComparison.OrdinalIgnoreCase);

    public bool IsWorthwhile(long bytes) => bytes >= _minBytes && bytes <= MaxBytes;
}
