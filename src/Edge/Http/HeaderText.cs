namespace OrleansCdn.Edge.Http;

/// <summary>Which characters field names and values may have (RFC 9110 §5.1, §5.5).</summary>
public static class HeaderText
{
    private static readonly System.Buffers.SearchValues<char> TokenChars =
        System.Buffers.SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public static bool IsToken(ReadOnlySpan<char> name) => !name.IsEmpty && !name.ContainsAnyExcept(TokenChars);

    public static bool IsAllowed(string[] lines)
    {
        foreach (string line in lines)
        {
            foreach (char c in line)
            {
                if ((c < 0x20 && c != '\t') || c is '\x7f' or > '\xff')
                {
                    return false;
                }
            }
        }

        return true;
    }
}
