using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Cache;

/// <summary><c>Content-Range</c> of a part (RFC 9110 §14.4) whose whole has a known length.</summary>
public readonly record struct ContentRange(ByteSpan Span, long Total)
{
    private const string Unit = "bytes ";

    /// <summary>False for anything that is not one line of <c>bytes first-last/length</c> with first ≤ last &lt; length.</summary>
    public static bool TryParse(StringValues lines, out ContentRange range)
    {
        range = default;
        if (lines.Count != 1 || lines[0] is not { } text || !text.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        ReadOnlySpan<char> spec = text.AsSpan(Unit.Length).Trim(" \t");
        int dash = spec.IndexOf('-');
        int slash = spec.IndexOf('/');
        if (dash < 0 || slash < dash
            || !TryNumber(spec[..dash], out long first) || !TryNumber(spec[(dash + 1)..slash], out long last) || !TryNumber(spec[(slash + 1)..], out long total)
            || first > last || last >= total)
        {
            return false;
        }

        range = new ContentRange(new ByteSpan(first, last), total);
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
