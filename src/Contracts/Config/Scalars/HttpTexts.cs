using System.Buffers;

namespace OrleansCdn.Contracts.Config.Scalars;

/// <summary>Pieces of HTTP messages that rules name.</summary>
internal static class HttpTexts
{
    /// <summary>The longest names in IANA's field registry have some 40 characters; cookies' names are alike.</summary>
    private const int MaxNameLength = 64;

    /// <summary>RFC 6838 §4.2: 127 characters on each side, of which nobody uses a half.</summary>
    private const int MaxTypeLength = 127;

    /// <summary>tchar of RFC 9110 §5.6.2.</summary>
    private static readonly SearchValues<char> TokenChars =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Case matters in cookies (RFC 6265 §5.4).</summary>
    public static readonly ScalarType<string> CookieName = Tokens.Text(
        $"the name of a cookie, at most {MaxNameLength} characters", text => IsToken(text) ? null : "is not a cookie's name");

    /// <summary>Given back in lower case.</summary>
    public static readonly ScalarType<string> FieldName = new(
        $"the name of a header field, at most {MaxNameLength} characters",
        (string text, out string value) =>
        {
            value = text.ToLowerInvariant();
            return IsToken(text) ? null : "is not a field's name";
        },
        value => value);

    /// <summary>Given back in lower case.</summary>
    public static readonly ScalarType<string> ContentType = new(
        "a content type without parameters such as text/css, or image/*",
        (string text, out string value) =>
        {
            value = text.ToLowerInvariant();
            ReadOnlySpan<char> type = value;
            int slash = type.IndexOf('/');
            bool isRight = slash > 0 && text.Length <= MaxTypeLength && IsToken(type[..slash]) && !type[..slash].Contains('*')
                && IsToken(type[(slash + 1)..]) && (type[(slash + 1)..] is "*" || !type.Contains('*'));
            return isRight ? null : "is not a content type";
        },
        value => value);

    public static readonly ScalarType<string> Status = Tokens.Text(
        "a status from 200 to 599 such as 404, or a class such as 4xx",
        text => text is [>= '2' and <= '5', 'x', 'x'] or [>= '2' and <= '5', >= '0' and <= '9', >= '0' and <= '9'] ? null : "is not a status");

    public static readonly ScalarType<string> ErrorStatus = Tokens.Text(
        "a status from 400 to 599 such as 502, or a class such as 5xx",
        text => text is ['4' or '5', 'x', 'x'] or ['4' or '5', >= '0' and <= '9', >= '0' and <= '9'] ? null : "is not the status of an error");

    /// <summary>Of something that is sent, so that it has no <c>*</c>.</summary>
    public static readonly ScalarType<string> PlainContentType = new(
        "a content type without parameters such as text/html",
        (string text, out string value) => ContentType.Parse(text, out value) ?? (value.EndsWith('*') ? "is not a content type" : null),
        value => value);

    /// <summary>As it stands in the query: nothing is decoded before it is compared.</summary>
    public static readonly ScalarType<string> QueryName = Tokens.Text(
        "the name of a query parameter as it stands in URLs, or its beginning and a *, such as utm_*",
        text => text switch
        {
            { Length: 0 or > MaxNameLength } => "is not a parameter's name",
            _ when text.AsSpan().ContainsAnyExceptInRange('!', '~') || text.AsSpan().ContainsAny("&=#?") => "is not a parameter's name",
            _ when text.AsSpan(0, text.Length - 1).Contains('*') => "has a * that is not at its end",
            "*" => "is every parameter: choose query: ignore or keep",
            _ => null,
        });

    public static readonly ScalarType<SetCookieHandling> SetCookie =
        Tokens.Choice(("refuse", SetCookieHandling.Refuse), ("strip", SetCookieHandling.Strip), ("store", SetCookieHandling.Store));

    private static bool IsToken(ReadOnlySpan<char> text) => text.Length is > 0 and <= MaxNameLength && !text.ContainsAnyExcept(TokenChars);
}
