using System.Buffers;

namespace OrleansCdn.Contracts.Config.Scalars;

/// <summary>Short names of things.</summary>
internal static class Tokens
{
    /// <summary>Length of an id: it stands in header fields, grain keys and log lines. 32 as in <see cref="PopConfig.Id"/>.</summary>
    private const int MaxIdLength = 32;

    /// <summary>Length of the cluster's name: each hop repeats it in <c>Via</c> and <c>CDN-Loop</c>.</summary>
    private const int MaxTokenLength = 64;

    /// <summary>Length of a name that only people read.</summary>
    private const int MaxTitleLength = 64;

    /// <summary>Linux's PATH_MAX with its closing zero.</summary>
    private const int MaxFilePathLength = 4095;

    /// <summary>tchar of RFC 9110 §5.6.2.</summary>
    private static readonly SearchValues<char> TokenChars =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> IdChars = SearchValues.Create("-0123456789abcdefghijklmnopqrstuvwxyz");

    /// <summary>Of PoPs and sites.</summary>
    public static readonly ScalarType<string> Id = Text(
        $"a lower-case letter, then letters a-z, digits and -, at most {MaxIdLength} characters",
        text => IsId(text) && char.IsAsciiLetterLower(text[0]) ? null : "is not an id");

    /// <summary>Of edges, upstreams, carriers and providers: some networks' names begin with a digit.</summary>
    public static readonly ScalarType<string> Name = Text(
        $"lower-case letters a-z, digits and -, not first, at most {MaxIdLength} characters",
        text => IsId(text) && text[0] != '-' ? null : "is not a name");

    public static readonly ScalarType<string> HttpToken = Text(
        $"letters, digits and signs such as . - _ (a token, RFC 9110), at most {MaxTokenLength} characters",
        text => text.Length is > 0 and <= MaxTokenLength && !text.AsSpan().ContainsAnyExcept(TokenChars) ? null : "is not a token");

    public static readonly ScalarType<string> Title = Text(
        $"1 to {MaxTitleLength} printable characters",
        text => text.Length is > 0 and <= MaxTitleLength && !text.Any(char.IsControl) && text.Trim() == text
            ? null
            : "is not a printable name");

    public static readonly ScalarType<string> FilePath = Text(
        "an absolute path on the edge's disk",
        text => text switch
        {
            _ when text.Any(char.IsControl) || text.Length > MaxFilePathLength => "is not a path",
            ['/', ..] and not [.., '/'] => null,
            [.., '/'] => "is a directory",
            _ => "is not an absolute path",
        });

    public static readonly ScalarType<string> SiloFilePath = FilePath with { Allowed = "an absolute path on the silos' disks" };

    public static ScalarType<T> Choice<T>(params (string Text, T Value)[] choices) => new(
        string.Join(" or ", choices.Select(choice => choice.Text)),
        (string text, out T value) =>
        {
            int found = Array.FindIndex(choices, choice => choice.Text == text);
            value = found < 0 ? default! : choices[found].Value;
            return found < 0 ? "is not a choice here" : null;
        },
        value => Array.Find(choices, choice => Equals(choice.Value, value)).Text ?? $"{value}");

    public static ScalarType<string> Text(string allowed, Func<string, string?> problem) => new(
        allowed,
        (string text, out string value) =>
        {
            value = text;
            return problem(text);
        },
        value => value);

    private static bool IsId(string text) =>
        text.Length is > 0 and <= MaxIdLength && !text.AsSpan().ContainsAnyExcept(IdChars);
}
