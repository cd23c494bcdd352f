using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Cache;

/// <summary>
/// HTTP cache groups (RFC 9875). A group is a tag with its origin before it, in a form that no field can spell: groups and
/// tags share one index and never meet, and a group of one origin says nothing about another.
/// </summary>
public static class CacheGroups
{
    public const string Field = "Cache-Groups";

    public const string InvalidationField = "Cache-Group-Invalidation";

    /// <summary>Parts a group's name from its origin; fields with it are refused where they are read.</summary>
    private const char Mark = '\n';

    public static bool IsGroup(string tag) => tag.Length > 0 && tag[0] == Mark;

    /// <summary>The group's name as the origin wrote it.</summary>
    public static string NameOf(string tag) => tag[(tag.LastIndexOf(Mark) + 1)..];

    /// <summary>Adds the groups of a response. A field that is no list of strings counts for nothing (RFC 9651 §4.2).</summary>
    /// <returns>False when there are more or longer ones than an edge keeps.</returns>
    public static bool TryCollect(StringValues lines, CacheKey key, HashSet<string> found)
    {
        if (lines.Count == 0)
        {
            return true;
        }

        // Counted before it is read: what is too long for the reader is no mistake in the field.
        if (lines.ToString().AsSpan().Count(',') >= SurrogateTags.MaxTags)
        {
            return false;
        }

        if (!StructuredField.TryParseList(lines, out StructuredItem[]? members) || Array.Exists(members, m => m.Kind != StructuredKind.Text))
        {
            return true;
        }

        foreach (StructuredItem member in members)
        {
            if (member.Value.Length > SurrogateTags.MaxTagLength || (found.Add(TagOf(key, member.Value)) && found.Count > SurrogateTags.MaxTags))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The groups that an answer to an unsafe method invalidates (RFC 9875 §3); null: more or longer ones than an edge keeps.</summary>
    public static string[]? Invalidated(ResponseHeader header, CacheKey key)
    {
        StringValues lines = header[InvalidationField];
        if (lines.Count == 0)
        {
            return [];
        }

        var found = new HashSet<string>(StringComparer.Ordinal);
        return TryCollect(lines, key, found) ? [.. found] : null;
    }

    /// <summary>Of the same URI origin (RFC 9875 §2.1): scheme, host and port.</summary>
    private static string TagOf(CacheKey key, string name) => $"{Mark}{(key.IsHttps ? "https" : "http")}://{key.Authority}{Mark}{name}";
}
