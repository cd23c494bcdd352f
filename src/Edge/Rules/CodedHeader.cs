using Microsoft.Extensions.Primitives;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Rules;

/// <summary>The header of a representation that this edge has made from another by compressing it.</summary>
internal static class CodedHeader
{
    /// <summary>Fields about the bytes as they came; and ranges, which are not offered of what may be made anew any time.</summary>
    private static readonly HashSet<string> OfOtherBytes = new(StringComparer.OrdinalIgnoreCase)
    {
        "ETag", "Accept-Ranges", "Content-MD5", "Digest", "Content-Digest", "Repr-Digest",
    };

    /// <summary>Whoever caches further on must keep the codings apart (RFC 9110 §12.5.5).</summary>
    public static ResponseHeader WithVary(ResponseHeader header)
    {
        StringValues vary = header["Vary"];
        return VarySelector.IsAny(vary) || Array.IndexOf(VarySelector.ParseNames(vary), "accept-encoding") >= 0
            ? header
            : new ResponseHeader([.. header.Without("Vary").Fields, new("Vary", StringValues.Concat(vary, "Accept-Encoding"))]);
    }

    /// <summary>A strong tag becomes weak (RFC 9110 §8.8.1): the same content, not the same bytes.</summary>
    public static ResponseHeader Of(ResponseHeader header, string coding)
    {
        var fields = new List<KeyValuePair<string, StringValues>>(header.Without(OfOtherBytes.Contains).Fields.ToArray())
        {
            new("Content-Encoding", coding),
        };
        if (header["ETag"].FirstOrDefault() is { } tag)
        {
            fields.Add(new("ETag", tag.StartsWith("W/", StringComparison.Ordinal) ? tag : "W/" + tag));
        }

        return new ResponseHeader([.. fields]);
    }
}
