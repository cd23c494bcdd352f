using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Cache;

/// <summary>What visitors see of an origin's header.</summary>
public static class VisitorHeaders
{
    /// <summary>Without what is for caches, <c>Age</c>, <c>Content-Length</c> (both are set per response) and <c>Cache-Status</c>, which is continued; with this hop in <c>Via</c>.</summary>
    public static ResponseHeader Of(ResponseHeader header, string cdn, Version version)
    {
        var fields = new List<KeyValuePair<string, StringValues>>(header.Fields.Length + 1);
        StringValues via = StringValues.Empty;
        foreach (KeyValuePair<string, StringValues> field in header.Fields)
        {
            if (field.Key.Equals("Via", StringComparison.OrdinalIgnoreCase))
            {
                via = field.Value;
            }
            else if (!IsSetPerResponse(field.Key) && !IsForCaches(field.Key, cdn))
            {
                fields.Add(field);
            }
        }

        fields.Add(new("Via", StringValues.Concat(via, SharedText.Of($"{version.Major}.{version.Minor} {cdn}"))));
        return new ResponseHeader([.. fields]);
    }

    /// <summary>
    /// Tags and directives that are for this CDN's caches alone. <c>CDN-Cache-Control</c> is not among them: another CDN may
    /// stand in front of this one (RFC 9213 §2.1).
    /// </summary>
    public static bool IsForCaches(string name, string cdn) =>
        SurrogateTags.IsTagField(name)
        || name.Equals(TargetedCacheControl.Surrogate, StringComparison.OrdinalIgnoreCase)
        || TargetedCacheControl.IsOwn(name, cdn);

    public static bool IsSetPerResponse(string name) =>
        name.Equals("Age", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Cache-Status", StringComparison.OrdinalIgnoreCase);
}
