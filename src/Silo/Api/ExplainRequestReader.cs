using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Silo.Api;

/// <summary>Checks that a question is a request that could reach an edge.</summary>
internal static class ExplainRequestReader
{
    /// <summary>RFC 9110 §5.6.2.</summary>
    private static readonly SearchValues<char> TokenChars =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>The longest registered method has 17 characters.</summary>
    private const int MaxMethodLength = 32;

    /// <returns>The question, without an id yet; or what is wrong.</returns>
    public static (ExplainQuestion? Question, string? Error) Read(ExplainRequest request)
    {
        if (Encoding.UTF8.GetByteCount(request.Url) > ExplainRequest.MaxUrlBytes)
        {
            return (null, $"'url' is longer than {ExplainRequest.MaxUrlBytes} bytes, which no edge accepts.");
        }

        if (!PurgeUrl.TryParse(request.Url, out _, out string? error))
        {
            return (null, $"'url' '{Shorten(request.Url)}': {error}.");
        }

        string method = request.Method ?? "GET";
        if (method.Length is 0 or > MaxMethodLength || method.AsSpan().ContainsAnyExcept(TokenChars))
        {
            return (null, $"'method' '{Shorten(method)}' is no HTTP method: it is a word like GET or HEAD.");
        }

        ImmutableArray<HeaderField> headers = request.Headers.IsDefault ? [] : request.Headers;
        if (headers.Length > ExplainRequest.MaxHeaders)
        {
            return (null, $"'headers' has {headers.Length} fields; up to {ExplainRequest.MaxHeaders} are allowed.");
        }

        for (int i = 0; i < headers.Length; i++)
        {
            if (Wrong(headers[i]) is { } wrong)
            {
                return (null, $"headers[{i}] {wrong}.");
            }
        }

        return (new ExplainQuestion { Id = "", Method = method, Url = request.Url, Headers = headers }, null);
    }

    public static string Shorten(string text) => text.Length <= 80 ? text : text[..79] + "…";

    private static string? Wrong(HeaderField? field) => field switch
    {
        null => "is null",
        _ when field.Name.Length + field.Value.Length > ExplainRequest.MaxHeaderBytes => $"is longer than {ExplainRequest.MaxHeaderBytes} bytes",
        { Name: "" } => "has no name: write a field as 'Name: value'",
        _ when field.Name.AsSpan().ContainsAnyExcept(TokenChars) => $"'{Shorten(field.Name)}' is no field name: it has letters, digits and signs such as '-'",
        _ when field.Value.Any(c => c is not ('\t' or (>= ' ' and < '\x7f'))) => $"'{Shorten(field.Name)}' has a value that is not printable ASCII",
        _ when field.Name.Equals("Host", StringComparison.OrdinalIgnoreCase) => "is Host, which comes from the URL: leave it out",
        _ => null,
    };
}
