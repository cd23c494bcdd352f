using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Rules;

/// <summary>Single cookies out of <c>Cookie</c> fields (RFC 6265 §4.2.1).</summary>
internal static class CookieText
{
    public static bool Contains(StringValues lines, string name)
    {
        foreach (string? line in lines)
        {
            ReadOnlySpan<char> rest = line;
            while (TryRead(ref rest, out ReadOnlySpan<char> cookie))
            {
                if (IsNamed(cookie, name))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>
    /// Its value. Of a cookie that is sent twice all values count, because origins differ in which of them they take.
    /// Null: it is not there.
    /// </summary>
    public static string? ValueOf(StringValues lines, string name)
    {
        string? value = null;
        foreach (string? line in lines)
        {
            ReadOnlySpan<char> rest = line;
            while (TryRead(ref rest, out ReadOnlySpan<char> cookie))
            {
                if (IsNamed(cookie, name))
                {
                    string next = cookie[Math.Min(name.Length + 1, cookie.Length)..].ToString();
                    value = value is null ? next : $"{value};{next}";
                }
            }
        }

        return value;
    }

    /// <summary>One line with only the named cookies, as they were sent; empty: none of them is there.</summary>
    public static string Only(StringValues lines, ImmutableArray<string> names)
    {
        if (names.IsEmpty)
        {
            return "";
        }

        var kept = new StringBuilder();
        foreach (string? line in lines)
        {
            ReadOnlySpan<char> rest = line;
            while (TryRead(ref rest, out ReadOnlySpan<char> cookie))
            {
                foreach (string name in names)
                {
                    if (IsNamed(cookie, name))
                    {
                        kept.Append(kept.Length == 0 ? "" : "; ").Append(cookie);
                        break;
                    }
                }
            }
        }

        return kept.ToString();
    }

    private static bool TryRead(ref ReadOnlySpan<char> text, out ReadOnlySpan<char> cookie)
    {
        text = text.TrimStart(" \t;");
        int end = text.IndexOf(';');
        cookie = (end < 0 ? text : text[..end]).TrimEnd(" \t");
        text = end < 0 ? default : text[(end + 1)..];
        return !cookie.IsEmpty;
    }

    private static bool IsNamed(ReadOnlySpan<char> cookie, string name) =>
        cookie.StartsWith(name, StringComparison.Ordinal) && (cookie.Length == name.Length || cookie[name.Length] == '=');
}
