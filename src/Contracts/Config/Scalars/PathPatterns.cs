namespace OrleansCdn.Contracts.Config.Scalars;

/// <summary>What a cache rule applies to.</summary>
internal static class PathPatterns
{
    /// <summary>Longer paths than most servers accept as a whole request line (8 KiB) make no sense as a pattern; a quarter is plenty.</summary>
    private const int MaxLength = 2048;

    /// <summary>Longest extension in IANA's media type registry's practice (for example <c>webmanifest</c>) with room.</summary>
    private const int MaxExtensionLength = 16;

    public static readonly ScalarType<string> Path = Tokens.Text(
        "a path such as /index.html, or with one * at its end such as /static/*",
        text => text switch
        {
            not ['/', ..] => "does not begin with /",
            { Length: > MaxLength } => $"is longer than {MaxLength} characters",
            _ when text.AsSpan().ContainsAny('?', '#') => "has a query or fragment: rules look at the path alone",
            _ when text.AsSpan().ContainsAnyExceptInRange('!', '~') => "has a character that must be percent-encoded in a path",
            _ when text.AsSpan(0, text.Length - 1).Contains('*') => "has a * that is not at its end",
            _ => null,
        });

    public static readonly ScalarType<string> Extension = Tokens.Text(
        $"1 to {MaxExtensionLength} lower-case letters, digits and -, such as woff2",
        text => text switch
        {
            ['.', ..] => "begins with a dot: leave it out",
            { Length: 0 or > MaxExtensionLength } => "is not a file name extension",
            _ when text.Any(char.IsAsciiLetterUpper) => "has upper-case letters: write lower case",
            _ when !text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') => "is not a file name extension",
            _ => null,
        });

    /// <summary>True when <paramref name="earlier"/> matches every path that <paramref name="later"/> matches.</summary>
    public static bool Covers(string? earlier, string? later)
    {
        if (earlier is null or "/*")
        {
            return true;
        }

        return later is not null && (earlier is [.. string prefix, '*']
            ? later.TrimEnd('*').StartsWith(prefix, StringComparison.Ordinal)
            : earlier == later);
    }
}
