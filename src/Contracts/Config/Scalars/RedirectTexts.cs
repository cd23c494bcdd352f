using System.Buffers;

namespace OrleansCdn.Contracts.Config.Scalars;

/// <summary>Where a redirect leads.</summary>
internal static class RedirectTexts
{
    /// <summary>As for path patterns.</summary>
    private const int MaxLength = 2048;

    /// <summary>RFC 3986 §2; and no fragment, behind which a query would be lost.</summary>
    private static readonly SearchValues<char> NotInUrls = SearchValues.Create("\"<>\\^`{|}#");

    public static readonly ScalarType<string> Target = Tokens.Text(
        "a path of the same host such as /new, or a URL such as https://www.example.org/new, with a * at its end or without",
        text => text switch
        {
            { Length: 0 or > MaxLength } => "is no target",
            _ when text.AsSpan().ContainsAnyExceptInRange('!', '~') || text.AsSpan().ContainsAny(NotInUrls) => "has a character that cannot stand in a URL",
            _ when text.AsSpan(0, text.Length - 1).Contains('*') => "has a * that is not at its end",
            ['/', '/', ..] => "begins with //, which is another host",
            ['/', ..] => null,
            _ => UrlProblem(text),
        });

    public static readonly ScalarType<int> Status = Tokens.Choice(("301", 301), ("302", 302), ("307", 307), ("308", 308));

    private static string? UrlProblem(string text)
    {
        if (!Uri.TryCreate(text.TrimEnd('*'), UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0)
        {
            return "is neither a path nor an http or https URL";
        }

        // What a * stands for would become part of the host's name.
        int path = text.IndexOf('/', StringComparison.Ordinal) + 2;
        return text.EndsWith('*') && !text.AsSpan(path).Contains('/') ? "has a * in its host: write https://host/*" : null;
    }
}
