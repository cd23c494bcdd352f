using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Cache;

/// <summary>
/// Cache directives that are meant for this kind of cache alone (RFC 9213). The first field of the list that is there and
/// valid is used instead of <c>Cache-Control</c>, <c>Expires</c> and <c>Pragma</c>: this CDN's own, that of all CDNs, and
/// the older <c>Surrogate-Control</c>, which many applications send.
/// </summary>
public static class TargetedCacheControl
{
    public const string AllCdns = "CDN-Cache-Control";

    public const string Surrogate = "Surrogate-Control";

    /// <param name="cdn">The CDN's name: <c>founding</c> reads <c>founding-Cache-Control</c>.</param>
    public static CacheDirectives? Find(ResponseHeader header, string cdn)
    {
        foreach (KeyValuePair<string, StringValues> field in header.Fields)
        {
            if (IsOwn(field.Key, cdn) && TryParse(field.Value, out CacheDirectives own))
            {
                return own;
            }
        }

        if (TryParse(header[AllCdns], out CacheDirectives all))
        {
            return all;
        }

        // No structured field: it is older than they are.
        StringValues surrogate = header[Surrogate];
        return surrogate.Count > 0 ? CacheDirectives.Parse(surrogate) : null;
    }

    /// <summary>Whether the field is <c>NAME-Cache-Control</c> of this CDN.</summary>
    public static bool IsOwn(string field, string cdn) =>
        field.Length == cdn.Length + Suffix.Length
        && field.StartsWith(cdn, StringComparison.OrdinalIgnoreCase) && field.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase);

    private const string Suffix = "-Cache-Control";

    /// <summary>False when the field is absent, empty or no valid dictionary with valid types: then it counts for nothing (§2.1).</summary>
    private static bool TryParse(StringValues lines, out CacheDirectives directives)
    {
        directives = default;
        if (lines.Count == 0 || !StructuredField.TryParseDictionary(lines, out StructuredItem[]? members) || members.Length == 0)
        {
            return false;
        }

        foreach (StructuredItem member in members)
        {
            if (!directives.TryApply(member))
            {
                return false;
            }
        }

        return true;
    }
}
