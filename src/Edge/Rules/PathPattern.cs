using System.Collections.Frozen;
using System.Collections.Immutable;

namespace OrleansCdn.Edge.Rules;

/// <summary>Which paths a rule is about: exactly one, or all with a beginning; and of these the ones with certain extensions.</summary>
internal sealed class PathPattern
{
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _extensions;

    /// <param name="path">Null: every path.</param>
    public PathPattern(string? path, ImmutableArray<string> extensions)
    {
        (Exact, Prefix) = path is [.. string beginning, '*'] ? (null, beginning) : (path, "");
        Extensions = extensions;
        _extensions = extensions.ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Null: <see cref="Prefix"/> counts.</summary>
    public string? Exact { get; }

    /// <summary>Empty: every path.</summary>
    public string Prefix { get; }

    public ImmutableArray<string> Extensions { get; }

    public bool HasExtensions => !Extensions.IsEmpty;

    public bool Matches(ReadOnlySpan<char> path) =>
        (Exact is null ? path.StartsWith(Prefix, StringComparison.Ordinal) : path.SequenceEqual(Exact))
        && (!HasExtensions || _extensions.Contains(ExtensionOf(path)));

    /// <summary>What follows the last dot of the last segment, as it was sent; empty: nothing.</summary>
    public static ReadOnlySpan<char> ExtensionOf(ReadOnlySpan<char> path)
    {
        int end = path.LastIndexOfAny('.', '/');
        return end < 0 || path[end] == '/' ? default : path[(end + 1)..];
    }

    /// <summary>
    /// Whether an origin may take the path for another one than its beginning says: dot segments, and separators and dots
    /// that are percent-encoded or backslashes (RFC 3986 §6.2.2).
    /// </summary>
    public static bool IsAmbiguous(ReadOnlySpan<char> path) =>
        path.ContainsAny('\\', '%')
            ? path.Contains('\\') || HasEncodedSeparator(path) || HasDotSegment(path)
            : HasDotSegment(path);

    /// <summary>Also <c>/..;x</c>, which some application servers take for a dot segment.</summary>
    private static bool HasDotSegment(ReadOnlySpan<char> path) =>
        path.Contains("/..", StringComparison.Ordinal) || path.Contains("/./", StringComparison.Ordinal) || path.Contains("/.;", StringComparison.Ordinal)
        || path.EndsWith("/.", StringComparison.Ordinal);

    private static bool HasEncodedSeparator(ReadOnlySpan<char> path)
    {
        for (int i = path.IndexOf('%'); i >= 0 && i + 2 < path.Length; i++)
        {
            if (path[i] == '%' && (path[i + 1], path[i + 2] | 0x20) is ('2', 'e' or 'f') or ('5', 'c'))
            {
                return true;
            }
        }

        return false;
    }
}
