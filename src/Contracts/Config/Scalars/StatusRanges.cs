using System.Globalization;

namespace OrleansCdn.Contracts.Config.Scalars;

/// <summary>What a health check asks for and expects.</summary>
internal static class StatusRanges
{
    /// <summary>As with the patterns of cache rules.</summary>
    private const int MaxPathLength = 2048;

    public static readonly ScalarType<StatusRange> Range = new(
        "a status such as 200, or a range such as 200-399",
        Parse,
        range => range.First == range.Last
            ? range.First.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{range.First}-{range.Last}"));

    public static readonly ScalarType<string> CheckedPath = Tokens.Text(
        "a path such as /health, with a query if need be",
        text => text switch
        {
            not ['/', ..] => "does not begin with /",
            { Length: > MaxPathLength } => $"is longer than {MaxPathLength} characters",
            _ when text.Contains('#', StringComparison.Ordinal) => "has a fragment, which is never sent",
            _ when text.AsSpan().ContainsAnyExceptInRange('!', '~') => "has a character that must be percent-encoded in a path",
            _ => null,
        });

    private static string? Parse(string text, out StatusRange value)
    {
        value = null!;
        int dash = text.IndexOf('-', StringComparison.Ordinal);
        ReadOnlySpan<char> first = dash < 0 ? text : text.AsSpan(0, dash);
        ReadOnlySpan<char> last = dash < 0 ? text : text.AsSpan(dash + 1);
        if (!TryParseStatus(first, out int from) || !TryParseStatus(last, out int to))
        {
            return "is neither a status nor a range of them";
        }

        if (from > to)
        {
            return "ends before it begins";
        }

        value = new StatusRange { First = from, Last = to };
        return null;
    }

    /// <summary>A final status: 200 to 599 (RFC 9110 §15).</summary>
    private static bool TryParseStatus(ReadOnlySpan<char> text, out int status) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out status) && text.Length == 3 && status is >= 200 and <= 599;
}
