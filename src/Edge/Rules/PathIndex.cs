using System.Collections.Frozen;

namespace OrleansCdn.Edge.Rules;

/// <summary>
/// Finds the first of many path patterns (exact, or a beginning and <c>*</c>) that matches, without trying them all: exact
/// ones and extensions are looked up, and only beginnings that stand before what was found are compared. No pattern
/// backtracks.
/// </summary>
internal sealed class PathIndex
{
    public const int None = int.MaxValue;

    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _extensions;
    private readonly bool _hasExact;
    private readonly bool _hasExtensions;
    private readonly (int Index, PathPattern Pattern)[] _others;

    /// <param name="patterns">With the place of each in the config; the lowest place wins.</param>
    public PathIndex(IEnumerable<(int Index, PathPattern Pattern)> patterns)
    {
        var exact = new Dictionary<string, int>(StringComparer.Ordinal);
        var extensions = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var others = new List<(int, PathPattern)>();
        foreach ((int index, PathPattern pattern) in patterns.OrderBy(p => p.Index))
        {
            if (pattern.Exact is { } path && !pattern.HasExtensions)
            {
                exact.TryAdd(path, index);
            }
            else if (pattern is { Exact: null, Prefix.Length: 0, HasExtensions: true })
            {
                foreach (string extension in pattern.Extensions)
                {
                    extensions.TryAdd(extension, index);
                }
            }
            else
            {
                others.Add((index, pattern));
            }
        }

        (_hasExact, _hasExtensions) = (exact.Count > 0, extensions.Count > 0);
        _exact = exact.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _extensions = extensions.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        _others = [.. others];
    }

    /// <summary>Place of the first pattern that matches; <see cref="None"/>: none does.</summary>
    public int Find(ReadOnlySpan<char> path)
    {
        int first = None;
        if (_hasExact && _exact.TryGetValue(path, out int exact))
        {
            first = exact;
        }

        if (_hasExtensions && PathPattern.ExtensionOf(path) is { IsEmpty: false } extension
            && _extensions.TryGetValue(extension, out int byExtension))
        {
            first = Math.Min(first, byExtension);
        }

        foreach ((int index, PathPattern pattern) in _others)
        {
            if (index > first)
            {
                break;
            }

            if (pattern.Matches(path))
            {
                return index;
            }
        }

        return first;
    }
}
