using System.Text;

namespace OrleansCdn.Silo.Api.Plugins;

/// <summary>The regular expressions over paths that plug-ins send, as far as they mean a path or everything that begins with one.</summary>
internal static class UrlPattern
{
    private const string Anything = ".*";

    /// <summary>What has a meaning of its own in an expression; a dot is taken as a dot, since plug-ins send paths as they are.</summary>
    private const string Meaning = "*+?()[]{}|^$";

    /// <param name="pattern">From the request line or <c>X-Url</c>: <c>/.*</c>, <c>/news/.*</c>, <c>^/a\.html$</c>.</param>
    /// <returns>The path, and whether what begins with it is meant; or what stands in the way.</returns>
    public static (string Path, bool IsPrefix, string? Error) Read(string pattern)
    {
        string text = pattern.StartsWith('^') ? pattern[1..] : pattern;
        bool isPrefix = true;
        if (text.EndsWith(Anything, StringComparison.Ordinal))
        {
            text = text[..^Anything.Length];
        }
        else if (text.EndsWith(Anything + "$", StringComparison.Ordinal))
        {
            text = text[..^(Anything.Length + 1)];
        }
        else if (text.EndsWith('$') && !text.EndsWith("\\$", StringComparison.Ordinal))
        {
            (text, isPrefix) = (text[..^1], false);
        }

        var path = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            bool isEscape = text[i] == '\\';
            if (isEscape && ++i == text.Length)
            {
                return Wrong(pattern);
            }

            if (isEscape ? char.IsAsciiLetterOrDigit(text[i]) : Meaning.Contains(text[i], StringComparison.Ordinal))
            {
                return Wrong(pattern);
            }

            path.Append(text[i]);
        }

        return pattern.Length == 0 || (path.Length > 0 && path[0] != '/') ? Wrong(pattern) : (path.Length == 0 ? "/" : path.ToString(), isPrefix, null);
    }

    private static (string Path, bool IsPrefix, string? Error) Wrong(string pattern) =>
        ("", false, $"'{(pattern.Length <= 80 ? pattern : pattern[..79] + "…")}' is a regular expression that cannot be purged by. These can: '/.*' (everything of the host), '/path/.*' (everything that begins with it) and '^/path$' (one URL). For anything else purge by tag.");
}
