using System.Buffers;
using System.Collections.Immutable;

namespace OrleansCdn.Silo.Api.Plugins;

/// <summary>Lists of tags as plug-ins write them: with spaces, commas or as alternatives of a regular expression.</summary>
internal static class TagTexts
{
    /// <summary>Everything, as a regular expression.</summary>
    public const string Everything = ".*";

    // Around each tag in X-Magento-Tags-Pattern: ((^|,)cat_p_1(,|$))|((^|,)cat_p(,|$)).
    private const string MagentoBefore = "((^|,)";
    private const string MagentoAfter = "(,|$))";

    /// <summary>In no usual tag, but in expressions.</summary>
    private static readonly SearchValues<char> Expression = SearchValues.Create("*+?^$()[]{}\\");

    private static readonly char[] Separators = [' ', '\t', ',', '|'];

    /// <returns>The tags, or what stands in the way.</returns>
    public static (ImmutableArray<string> Tags, string? Error) Read(string field, string text)
    {
        string list = text.Replace(MagentoBefore, "", StringComparison.Ordinal).Replace(MagentoAfter, "", StringComparison.Ordinal).Trim();
        if (list.StartsWith('(') && list.EndsWith(')'))
        {
            list = list[1..^1];
        }

        string[] tags = list.Split(Separators, StringSplitOptions.RemoveEmptyEntries);
        return tags.FirstOrDefault(tag => tag.AsSpan().ContainsAny(Expression)) is { } wrong
            ? ([], $"'{field}' has '{Shorten(wrong)}', a regular expression that names no tags. Send tags, separated by spaces, commas or '|', or '{Everything}' for everything of the host.")
            : ([.. tags], null);
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..79] + "…";
}
