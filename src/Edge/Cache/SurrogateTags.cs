using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Cache;

/// <summary>Tags of <c>Surrogate-Key</c> (separated by spaces) and <c>Cache-Tag</c> (separated by commas), and groups of <c>Cache-Groups</c>.</summary>
public static class SurrogateTags
{
    /// <summary>Cloudflare takes 1,000 tags of a response, Fastly 16 KiB of them.</summary>
    public const int MaxTags = 1000;

    public const int MaxTagLength = 1024;

    public static bool IsTagField(string name) =>
        name.Equals("Surrogate-Key", StringComparison.OrdinalIgnoreCase) || name.Equals("Cache-Tag", StringComparison.OrdinalIgnoreCase);

    /// <summary>False when there are too many or too long ones: such a response is not stored, rather than stored without them.</summary>
    /// <param name="key">Of the response: its groups are those of its origin.</param>
    public static bool TryParse(ResponseHeader header, CacheKey key, out string[] tags)
    {
        StringValues surrogate = header["Surrogate-Key"];
        StringValues cacheTag = header["Cache-Tag"];
        StringValues groups = header[CacheGroups.Field];
        if (surrogate.Count == 0 && cacheTag.Count == 0 && groups.Count == 0)
        {
            tags = [];
            return true;
        }

        var found = new HashSet<string>(StringComparer.Ordinal);
        bool fits = Collect(surrogate, " \t", found) && Collect(cacheTag, ",", found) && CacheGroups.TryCollect(groups, key, found);
        tags = fits ? [.. found] : [];
        return fits;
    }

    private static bool Collect(StringValues lines, string separators, HashSet<string> found)
    {
        foreach (string? line in lines)
        {
            foreach (Range range in line.AsSpan().SplitAny(separators))
            {
                ReadOnlySpan<char> tag = line.AsSpan()[range].Trim(" \t");
                if (tag.IsEmpty)
                {
                    continue;
                }

                if (tag.Length > MaxTagLength || (found.Add(tag.ToString()) && found.Count > MaxTags))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
