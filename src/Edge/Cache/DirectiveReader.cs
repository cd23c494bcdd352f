namespace OrleansCdn.Edge.Cache;

/// <summary>Walks a comma-separated list of <c>name[=token|"quoted string"]</c> (RFC 9110 §5.6.1) without allocating.</summary>
internal static class DirectiveReader
{
    /// <summary>Takes the next non-empty member off <paramref name="text"/>; false at the end.</summary>
    /// <param name="value">Without its quotes; escapes are left in, no directive with a meaning here has any.</param>
    public static bool TryRead(ref ReadOnlySpan<char> text, out ReadOnlySpan<char> name, out ReadOnlySpan<char> value, out bool hasValue)
    {
        while (true)
        {
            text = text.TrimStart(" \t,");
            if (text.IsEmpty)
            {
                name = value = default;
                hasValue = false;
                return false;
            }

            int end = text.IndexOfAny('=', ',');
            if (end < 0)
            {
                name = text.TrimEnd(" \t");
                value = text = default;
                hasValue = false;
            }
            else if (text[end] == ',')
            {
                name = text[..end].TrimEnd(" \t");
                value = default;
                hasValue = false;
                text = text[(end + 1)..];
            }
            else
            {
                name = text[..end].TrimEnd(" \t");
                hasValue = true;
                text = text[(end + 1)..].TrimStart(" \t");
                value = ReadValue(ref text);
            }

            if (!name.IsEmpty)
            {
                return true;
            }
        }
    }

    private static ReadOnlySpan<char> ReadValue(ref ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> value;
        int comma;
        if (text.IsEmpty || text[0] != '"')
        {
            comma = text.IndexOf(',');
            value = (comma < 0 ? text : text[..comma]).TrimEnd(" \t");
            text = comma < 0 ? default : text[(comma + 1)..];
            return value;
        }

        int i = 1;
        while (i < text.Length && text[i] != '"')
        {
            i += text[i] == '\\' ? 2 : 1;
        }

        // An unclosed quote swallows the rest, as a quoted comma is no separator.
        int close = Math.Min(i, text.Length);
        value = text[1..close];
        text = close < text.Length ? text[(close + 1)..] : default;
        comma = text.IndexOf(',');
        text = comma < 0 ? default : text[(comma + 1)..];
        return value;
    }
}
