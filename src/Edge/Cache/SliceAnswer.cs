using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Cache;

/// <summary>What a 206 to the question for one block is good for.</summary>
public enum SliceVerdict
{
    /// <summary>The block, of an object with a strong validator.</summary>
    Block,

    /// <summary>All of a small object: the same as a 200.</summary>
    Whole,

    /// <summary>Right, but not to be put together with other parts: no strong validator, no length, less than was asked for.</summary>
    Alone,

    /// <summary>It contradicts the question or itself.</summary>
    Wrong,
}

/// <summary>Reads 206 answers (RFC 9110 §15.3.7). An origin that lies must not get at other bytes of the object.</summary>
public static class SliceAnswer
{
    private static readonly string[] OfOnePart = ["Content-Range", "Content-Length"];

    /// <param name="index">Of the block that was asked for.</param>
    /// <param name="total">Length of the whole.</param>
    /// <param name="validator">With <see cref="SliceVerdict.Block"/>: the strong one; else empty.</param>
    public static SliceVerdict Read(UpstreamResponse answer, long index, out long total, out string validator)
    {
        (total, validator) = (0, "");
        StringValues field = answer.Header["Content-Range"];
        if (!ContentRange.TryParse(field, out ContentRange range))
        {
            bool isOfUnknownLength = field.Count == 1 && field[0]!.EndsWith("/*", StringComparison.Ordinal);
            return isOfUnknownLength ? SliceVerdict.Alone : SliceVerdict.Wrong;
        }

        total = range.Total;
        ByteSpan asked = new(index * SlicedBody.BlockBytes, ((index + 1) * SlicedBody.BlockBytes) - 1);
        bool isOfOtherLength = answer.ContentLength is { } length && length != range.Span.Length;
        if (range.Span.First != asked.First || range.Span.Last > asked.Last || isOfOtherLength)
        {
            return SliceVerdict.Wrong;
        }

        if (range.Span.First == 0 && range.Span.Last == total - 1)
        {
            return SliceVerdict.Whole;
        }

        validator = StrongValidator(answer.Header) ?? "";
        bool isShort = range.Span.Last != Math.Min(asked.Last, total - 1);
        return isShort || total > SlicedBody.MaxLength || validator.Length == 0 ? SliceVerdict.Alone : SliceVerdict.Block;
    }

    /// <summary>The entity tag unless it is weak; without one, a date of change that lies a second before the response (RFC 9110 §8.8.2.2).</summary>
    public static string? StrongValidator(ResponseHeader header)
    {
        StringValues tag = header["ETag"];
        if (tag.Count > 0)
        {
            return tag.Count == 1 && tag[0] is { Length: >= 2 } text && text[0] == '"' && text[^1] == '"' ? text : null;
        }

        return HasStrongDate(header) ? header["Last-Modified"][0] : null;
    }

    /// <summary>Whether nothing can have changed within the same second unseen.</summary>
    public static bool HasStrongDate(ResponseHeader header)
    {
        StringValues modified = header["Last-Modified"];
        return modified.Count == 1
            && HeaderUtilities.TryParseDate(modified[0], out DateTimeOffset changed)
            && HeaderUtilities.TryParseDate(header["Date"].FirstOrDefault(), out DateTimeOffset date)
            && changed < date;
    }

    /// <summary>The header that the whole would have come with.</summary>
    public static ResponseHeader HeaderOfWhole(ResponseHeader header)
    {
        var fields = new List<KeyValuePair<string, StringValues>>(header.Fields.Length);
        foreach (KeyValuePair<string, StringValues> field in header.Fields)
        {
            if (!OfOnePart.Contains(field.Key, StringComparer.OrdinalIgnoreCase))
            {
                fields.Add(field);
            }
        }

        return new ResponseHeader([.. fields]);
    }

    public static string RangeOf(long index) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"bytes={index * SlicedBody.BlockBytes}-{((index + 1) * SlicedBody.BlockBytes) - 1}");
}
