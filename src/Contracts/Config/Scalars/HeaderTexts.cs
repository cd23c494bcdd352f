using System.Buffers;
using System.Collections.Immutable;

namespace OrleansCdn.Contracts.Config.Scalars;

/// <summary>What header rules may name and say. A value can never end its line (RFC 9110 §5.5).</summary>
internal static class HeaderTexts
{
    /// <summary>A quarter of what most servers take as one line (8 KiB is usual for a whole header).</summary>
    private const int MaxValueLength = 2048;

    private static readonly SearchValues<char> Printable = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c)]);

    /// <summary>Framing, hops, routing and what this CDN says about itself.</summary>
    private static readonly HashSet<string> Never = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Authentication-Info", "TE", "Trailer",
        "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "Content-Length", "Content-Encoding", "Content-Range", "Host", "Via", "CDN-Loop", "Cache-Status",
        "Cdn-Debug", "Cdn-Explain",
    };

    private static readonly HashSet<string> NeverInRequests = new(StringComparer.OrdinalIgnoreCase)
    {
        "Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Accept-Encoding", "Expect", "Content-Type",
    };

    private static readonly HashSet<string> NeverInResponses = new(StringComparer.OrdinalIgnoreCase)
    {
        "Age", "Date", "Vary", "ETag", "Last-Modified", "Accept-Ranges", "Surrogate-Key", "Cache-Tag", "CDN-Cache-Control",
    };

    public static readonly ImmutableArray<string> RequestVariables = ["client-ip", "host", "pop"];

    public static readonly ImmutableArray<string> ResponseVariables = ["host", "pop"];

    public static readonly ScalarType<string> RequestField = Name(NeverInRequests);

    public static readonly ScalarType<string> ResponseField = Name(NeverInResponses);

    public static readonly ScalarType<string> RequestValue = Value(RequestVariables);

    public static readonly ScalarType<string> ResponseValue = Value(ResponseVariables);

    /// <summary>Length of a secret that cannot be tried out: 16 characters of a random text are some 96 bits.</summary>
    private const int MinKeyLength = 16;

    private const int MaxKeyLength = 128;

    public static readonly ScalarType<string> DebugKey = Tokens.Text(
        $"{MinKeyLength} to {MaxKeyLength} printable ASCII characters without blanks",
        text => text.Length is >= MinKeyLength and <= MaxKeyLength && !text.Contains(' ') && !text.AsSpan().ContainsAnyExcept(Printable)
            ? null
            : "is no key");

    private static ScalarType<string> Name(HashSet<string> refused) => Tokens.Text(
        "the name of a header field, but none of framing, hops, conditions or this CDN's own",
        text => HttpTexts.FieldName.Parse(text, out _) switch
        {
            string problem => problem,
            null when Never.Contains(text) || refused.Contains(text) || text.StartsWith("cdn-peer-", StringComparison.OrdinalIgnoreCase) =>
                "is a field that this CDN handles itself",
            _ => null,
        });

    private static ScalarType<string> Value(ImmutableArray<string> variables) => Tokens.Text(
        $"1 to {MaxValueLength} printable ASCII characters, with the variables {string.Join(", ", variables.Select(name => $"${{{name}}}"))}",
        text => text switch
        {
            { Length: 0 or > MaxValueLength } => "is no value of a field",
            _ when text.AsSpan().ContainsAnyExcept(Printable) => "has characters that cannot stand in a header field",
            [' ', ..] or [.., ' '] => "begins or ends with a blank",
            _ => VariableProblem(text, variables),
        });

    private static string? VariableProblem(string text, ImmutableArray<string> variables)
    {
        for (int at = text.IndexOf("${", StringComparison.Ordinal); at >= 0; at = text.IndexOf("${", at + 2, StringComparison.Ordinal))
        {
            int end = text.IndexOf('}', at);
            if (end < 0 || !variables.Contains(text[(at + 2)..end]))
            {
                return "has a variable that is not known here";
            }
        }

        return null;
    }
}
