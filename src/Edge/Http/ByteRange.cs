using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Http;

public enum RangeVerdict
{
    /// <summary>No range, one of another unit, one that cannot be read, or too many: the whole is served (RFC 9110 §14.2).</summary>
    Whole,

    Partial,

    /// <summary>416.</summary>
    NotSatisfiable,
}

/// <summary>A byte range (RFC 9110 §14.1.2) of a representation of known length; both ends count.</summary>
public readonly record struct ByteRange(long First, long Last)
{
    public long Length => Last - First + 1;

    /// <summary>One member of the field, without spaces around it.</summary>
    /// <returns><see cref="RangeVerdict.Whole"/> when it cannot be read.</returns>
    public static RangeVerdict ParseMember(ReadOnlySpan<char> spec, long length, out ByteRange range)
    {
        range = default;
        int dash = spec.IndexOf('-');
        if (dash < 0)
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

    /// <summary>False for what is no number; one that is too large counts as the largest.</summary>
    private static bool TryNumber(ReadOnlySpan<char> text, out long value)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        value = long.MaxValue;
        return !text.IsEmpty && !text.ContainsAnyExceptInRange('0', '9');
    }
}
