using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace OrleansCdn.Edge.Http;

/// <summary>Which characters field names and values may have (RFC 9110 §5.1, §5.5).</summary>
public static class HeaderText
{
    private static readonly System.Buffers.SearchValues<char> TokenChars =
        System.Buffers.SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public static bool IsToken(ReadOnlySpan<char> name) => !name.IsEmpty && !name.ContainsAnyExcept(TokenChars);

    /// <summary>Control characters but the tab: programs behind this one may end a value there, or refuse it.</summary>
    private static readonly System.Buffers.SearchValues<char> ControlChars =
        System.Buffers.SearchValues.Create([.. Enumerable.Range(0, 0x20).Where(c => c != '\t').Append(0x7f).Select(c => (char)c)]);

    public static bool IsAllowed(string[] lines) => IsAllowed(new StringValues(lines));

    /// <summary>Of all fields of a request, which the server has read as Latin-1.</summary>
    public static bool IsAllowed(IHeaderDictionary fields)
    {
        foreach (KeyValuePair<string, StringValues> field in fields)
        {
            if (!IsAllowed(field.Value))
            {
                return false;
            }
        }

        return true;
    }

    public static bool IsAllowed(StringValues lines)
    {
        foreach (string? line in lines)
        {
            if (!IsAllowed(line.AsSpan()))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsAllowed(ReadOnlySpan<char> line) => !line.ContainsAny(ControlChars) && !line.ContainsAnyExceptInRange('\0', '\xff');
}
