using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Http;

/// <summary>The <c>Range</c> field (RFC 9110 §14.2), for one part or several.</summary>
public static class RangeSet
{
    /// <summary>More parts than that are an attack or a mistake (RFC 9110 §17.15): the whole is served.</summary>
    public const int MaxParts = 10;

    /// <summary>Members that are looked at, before neighbours are joined.</summary>
    private const int MaxMembers = 64;

    /// <summary>RFC 9110 §15.3.7.2: the overhead of one more part; a smaller gap is sent along.</summary>
    private const long JoinedGap = 80;

    private const string Unit = "bytes=";

    /// <param name="header">The field's lines; several lines count as none.</param>
    /// <param name="length">Of the representation.</param>
    /// <param name="part">With <see cref="RangeVerdict.Partial"/>: the only one, or the first.</param>
    /// <param name="several">Null when there is one part; else at least two, in the order that was asked for, which do not overlap.</param>
    public static RangeVerdict Parse(StringValues header, long length, out ByteRange part, out ByteRange[]? several)
    {
        part = default;
        several = null;
        if (!TrySpec(header, out ReadOnlySpan<char> spec))
        {
            return RangeVerdict.Whole;
        }

        return spec.Contains(',')
            ? ParseSeveral(spec, length, out part, out several)
            : ByteRange.ParseMember(spec, length, out part);
    }

    /// <summary>
    /// The lowest byte that is asked for, as far as it can be told while the length is unknown: 0 for the last bytes of
    /// whatever length. -1: the field asks for no part.
    /// </summary>
    public static long FirstWanted(StringValues header)
    {
        if (!TrySpec(header, out ReadOnlySpan<char> spec))
        {
            return -1;
        }

        long lowest = long.MaxValue;
        int members = 0;
        foreach (Range member in spec.Split(','))
        {
            ReadOnlySpan<char> text = spec[member].Trim(" \t");
            if (text.IsEmpty)
            {
                continue;
            }

            if (++members > MaxMembers || ByteRange.ParseMember(text, long.MaxValue, out ByteRange range) == RangeVerdict.Whole)
            {
                return -1;
            }

            lowest = text[0] == '-' ? 0 : Math.Min(lowest, range.First);
        }

        return members == 0 ? -1 : lowest;
    }

    /// <summary>Parts that are not counted in bytes, which only the origin can tell.</summary>
    public static bool IsOfOtherUnit(StringValues header) =>
        header.Count == 1 && header[0] is { } text && !text.StartsWith(Unit, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Whether an origin may be asked for these parts. Too many, or overlapping ones, would make it send much more than it
    /// has (RFC 9110 §14.2): it is asked for the whole.
    /// </summary>
    public static bool MayGoOn(StringValues header) =>
        IsOfOtherUnit(header) || Parse(header, long.MaxValue, out _, out _) != RangeVerdict.Whole;

    private static bool TrySpec(StringValues header, out ReadOnlySpan<char> spec)
    {
        spec = default;
        if (header.Count != 1 || header[0] is not { } text || !text.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        spec = text.AsSpan(Unit.Length).Trim(" \t");
        return !spec.IsEmpty;
    }

    private static RangeVerdict ParseSeveral(ReadOnlySpan<char> spec, long length, out ByteRange part, out ByteRange[]? several)
    {
        part = default;
        several = null;
        var parts = new List<ByteRange>(MaxParts);
        int members = 0;
        foreach (Range member in spec.Split(','))
        {
            ReadOnlySpan<char> text = spec[member].Trim(" \t");
            if (text.IsEmpty)
            {
                continue; // RFC 9110 §5.6.1.2: empty members are passed over
            }

            RangeVerdict verdict = ++members > MaxMembers ? RangeVerdict.Whole : ByteRange.ParseMember(text, length, out part);
            if (verdict == RangeVerdict.Whole)
            {
                return RangeVerdict.Whole;
            }

            if (verdict == RangeVerdict.Partial)
            {
                Append(parts, part);
            }
        }

        if (parts.Count == 0)
        {
            return members == 0 ? RangeVerdict.Whole : RangeVerdict.NotSatisfiable;
        }

        if (parts.Count > MaxParts || HasOverlap(parts))
        {
            return RangeVerdict.Whole;
        }

        part = parts[0];
        several = parts.Count == 1 ? null : [.. parts];
        return RangeVerdict.Partial;
    }

    /// <summary>Joined with the one before it, when it follows that one at once or nearly so.</summary>
    private static void Append(List<ByteRange> parts, ByteRange part)
    {
        if (parts.Count > 0 && part.First > parts[^1].Last && part.First - parts[^1].Last - 1 < JoinedGap)
        {
            parts[^1] = new ByteRange(parts[^1].First, part.Last);
        }
        else
        {
            parts.Add(part);
        }
    }

    private static bool HasOverlap(List<ByteRange> parts)
    {
        ByteRange[] sorted = [.. parts];
        Array.Sort(sorted, static (a, b) => a.First.CompareTo(b.First));
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].First <= sorted[i - 1].Last)
            {
                return true;
            }
        }

        return false;
    }
}
