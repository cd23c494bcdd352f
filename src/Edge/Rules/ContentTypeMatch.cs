using System.Collections.Frozen;
using System.Collections.Immutable;

namespace OrleansCdn.Edge.Rules;

/// <summary>What a response says it is, compared with what a rule or a file name asks for.</summary>
internal static class ContentTypeMatch
{
    /// <summary>
    /// What files with well-known extensions are. A page that is served under <c>/account/x.css</c> because the origin
    /// ignores the end of the path is none of these: such a response is not what a rule about style sheets means.
    /// </summary>
    private static readonly FrozenDictionary<string, string[]>.AlternateLookup<ReadOnlySpan<char>> ByExtension = new Dictionary<string, string[]>
    {
        ["css"] = ["text/css"],
        ["js"] = ["text/javascript", "application/javascript", "application/x-javascript"],
        ["mjs"] = ["text/javascript", "application/javascript", "application/x-javascript"],
        ["map"] = ["application/json", "text/plain", "application/octet-stream"],
        ["json"] = ["application/json", "text/json", "application/manifest+json", "application/ld+json"],
        ["geojson"] = ["application/geo+json", "application/json"],
        ["gltf"] = ["model/gltf+json", "application/json"],
        ["webmanifest"] = ["application/manifest+json", "application/json"],
        ["txt"] = ["text/plain"],
        ["csv"] = ["text/csv", "text/plain"],
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Names of pages and programs: their answers are of any type.</summary>
    private static readonly string[] PageExtensions = ["html", "htm", "xhtml", "shtml", "php", "asp", "aspx", "jsp", "do", "cgi"];

    /// <summary>Types that a page or an API's answer has: never what a picture, a font or an archive is.</summary>
    private static readonly string[] OfPages = ["text/html", "application/xhtml+xml", "application/json", "text/json"];

    /// <summary>Without parameters and blanks.</summary>
    public static ReadOnlySpan<char> Essence(string? contentType)
    {
        ReadOnlySpan<char> text = contentType;
        int semicolon = text.IndexOf(';');
        return (semicolon < 0 ? text : text[..semicolon]).Trim(" \t");
    }

    /// <param name="ranges">Lower case; <c>text/css</c> or <c>image/*</c>.</param>
    public static bool IsAny(ReadOnlySpan<char> essence, ImmutableArray<string> ranges)
    {
        foreach (string range in ranges)
        {
            bool matches = range.EndsWith('*')
                ? essence.StartsWith(range.AsSpan(0, range.Length - 1), StringComparison.OrdinalIgnoreCase)
                : essence.Equals(range, StringComparison.OrdinalIgnoreCase);
            if (matches)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a response of this type can be what the path's extension says. A response without a type is never.</summary>
    public static bool Fits(ReadOnlySpan<char> extension, ReadOnlySpan<char> essence)
    {
        if (essence.IsEmpty)
        {
            return false;
        }

        return ByExtension.TryGetValue(extension, out string[]? types)
            ? IsIn(essence, types)
            : IsIn(extension, PageExtensions) || !IsIn(essence, OfPages);
    }

    private static bool IsIn(ReadOnlySpan<char> essence, string[] types)
    {
        foreach (string type in types)
        {
            if (essence.Equals(type, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
