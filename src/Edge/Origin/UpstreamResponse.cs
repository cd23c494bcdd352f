using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Http;

namespace OrleansCdn.Edge.Origin;

/// <summary>The header of an answer and the stream of its body. The owner disposes it, which ends the exchange.</summary>
public sealed class UpstreamResponse : IDisposable
{
    private readonly HttpResponseMessage _message;

    private UpstreamResponse(HttpResponseMessage message, ResponseHeader header, Stream body)
    {
        _message = message;
        Header = header;
        Body = body;
    }

    public int Status { get; private init; }

    /// <summary>End-to-end fields only.</summary>
    public ResponseHeader Header { get; }

    public Stream Body { get; }

    public long? ContentLength { get; private init; }

    /// <summary>For <c>Via</c>.</summary>
    public Version Version => _message.Version;

    /// <summary>Who answered.</summary>
    public ResponseSource? Source { get; internal set; }

    /// <summary>Another edge answered: its <c>cdn-peer-result</c>.</summary>
    public string? PeerResult { get; private init; }

    /// <summary>Longest silence within the body.</summary>
    public required TimeSpan BetweenBytes { get; init; }

    /// <summary>Monotonic seconds.</summary>
    public required double RequestedAt { get; init; }

    /// <summary>Monotonic seconds.</summary>
    public required double ReceivedAt { get; init; }

    /// <summary>Null when it is no final response, or the header has something that must not be passed on.</summary>
    public static async Task<UpstreamResponse?> ReadAsync(
        HttpResponseMessage message, TimeSpan betweenBytes, double requestedAt, double receivedAt, CancellationToken cancellationToken)
    {
        // 101 ends HTTP on a connection, and no upgrade was asked for (RFC 9110 §7.8).
        if ((int)message.StatusCode < 200 || !IsFramingClear(message) || !TryCollect(message, out List<KeyValuePair<string, StringValues>> fields, out string? peerResult))
        {
            return null;
        }

        Stream body = await message.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return new UpstreamResponse(message, new ResponseHeader([.. fields]), body)
        {
            Status = (int)message.StatusCode,
            ContentLength = message.Content.Headers.ContentLength,
            BetweenBytes = betweenBytes,
            RequestedAt = requestedAt,
            ReceivedAt = receivedAt,
            PeerResult = peerResult,
        };
    }

    /// <summary>Codings of a transfer (RFC 9112 §7): what is in one of them, and not undone, is not the content.</summary>
    private static readonly string[] Codings = ["chunked", "gzip", "deflate", "compress"];

    /// <summary>
    /// RFC 9112 §6.3: what the HTTP client reads by one of two lengths, or in a coding that it does not undo, may be another thing
    /// than the origin sent. A word that is no coding changes nothing: the body ends with the connection, as the client reads it.
    /// </summary>
    private static bool IsFramingClear(HttpResponseMessage message)
    {
        if (!message.Headers.NonValidated.TryGetValues("Transfer-Encoding", out HeaderStringValues codings))
        {
            return true;
        }

        string text = codings.ToString();
        return !message.Content.Headers.NonValidated.Contains("Content-Length")
            && ((codings.Count == 1 && text.Trim().Equals("chunked", StringComparison.OrdinalIgnoreCase))
                || !Array.Exists(Codings, coding => text.Contains(coding, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>One number, however often it is said.</summary>
    private static bool IsLength(string[] lines) =>
        Array.TrueForAll(lines, line => line == lines[0]) && long.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool TryCollect(HttpResponseMessage message, out List<KeyValuePair<string, StringValues>> fields, out string? peerResult)
    {
        fields = [];
        peerResult = null;
        StringValues connection = message.Headers.NonValidated.TryGetValues("Connection", out HeaderStringValues nominated)
            ? nominated.ToArray()
            : StringValues.Empty;
        foreach (KeyValuePair<string, HeaderStringValues> field in message.Headers.NonValidated.Concat(message.Content.Headers.NonValidated))
        {
            if (field.Key.Equals(PeerHeaders.Result, StringComparison.OrdinalIgnoreCase))
            {
                peerResult = field.Value.ToString();
                continue;
            }

            if (HopByHop.IsDroppedFromResponse(field.Key, connection))
            {
                continue;
            }

            string[] lines = field.Value.ToArray();
            if ((field.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) && !IsLength(lines)) || !HeaderText.IsAllowed(lines))
            {
                return false;
            }

            fields.Add(new KeyValuePair<string, StringValues>(field.Key, lines.Length == 1 ? SharedText.Of(lines[0]) : new StringValues(lines)));
        }

        return true;
    }

    /// <summary>The same answer, read as if the origin had sent all of a small object with 200. Takes this one's place.</summary>
    public UpstreamResponse AsWhole(ResponseHeader header, long length) => new(_message, header, Body)
    {
        Status = 200,
        ContentLength = length,
        BetweenBytes = BetweenBytes,
        RequestedAt = RequestedAt,
        ReceivedAt = ReceivedAt,
        PeerResult = PeerResult,
        Source = Source,
    };

    public void Dispose() => _message.Dispose();
}
