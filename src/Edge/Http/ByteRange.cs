using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Http;

public enum RangeVerdict
{
    /// <summary>No range, one of another unit, one that cannot be read, or several: the whole is served (RFC 9110 §14.2).</summary>
    Whole,

    Partial,

    /// <summary>416.</summary>
    NotSatisfiable,
}

/// <summary>A single byte range (RFC 9110 §14.1.2) of a representation of known length.</summary>
public readonly record struct ByteRange(long First, long Last)
{
    public long Length => Last - First + 1;

    public static RangeVerdict Parse(StringValues header, long length, out ByteRange range)
    {
        range = default;
        if (header.Count != 1 || header[0] is not { } text || !text.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase))
        {
            return RangeVerdict.Whole;
        }

        ReadOnlySpan<char> spec = text.AsSpan(6).Trim(" \t");
        int dash = spec.IndexOf('-');
        if (dash < 0 || spec.Contains(','))
        {
            return RangeVerdict.Whole;
        }

        ReadOnlySpan<char> from = spec[..dash].TrimEnd(" \t");
        ReadOnlySpan<char> to = spec[(dash + 1)..].TrimStart(" \t");
        long first, last = length - 1;
        if (from.IsEmpty)
        {
            if (!TryNumber(to, out long suffix))
            {
                return RangeVerdict.Whole;
            }

            if (suffix == 0 || length == 0)
            {
                return RangeVerdict.NotSatisfiable;
            }

            range = new ByteRange(Math.Max(0, length - suffix), last);
            return RangeVerdict.Partial;
        }

        if (!TryNumber(from, out first) || (!to.IsEmpty && (!TryNumber(to, out last) || last < first)))
        {
            return RangeVerdict.Whole;
        }

        if (first >= length)
        {
            return RangeVerdict.NotSatisfiable;
        }

        range = new ByteRange(first, Math.Min(last, length - 1));
        return RangeVerdict.Partial;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
