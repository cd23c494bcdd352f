using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace OrleansCdn.Routing.Roa;

/// <param name="Table">Null: the file cannot be used.</param>
/// <param name="Error">What is wrong, and where; null with a table.</param>
public sealed record RoaReadResult(RoaTable? Table, string? Error);

/// <summary>
/// The JSON that rpki-client (<c>-j</c>) and Routinator (<c>--format json</c>) export: <c>{"roas":[{"asn":64500,"prefix":"192.0.2.0/24","maxLength":24}]}</c>,
/// the AS number also as <c>"AS64500"</c>; other members are passed over. Read piece by piece: the real file has 700,000 entries and 60 MB.
/// </summary>
public static class RoaReader
{
    /// <summary>Seven times what there is worldwide.</summary>
    public const int MaxEntries = 5_000_000;

    /// <summary>As many entries in the most talkative form, 200 bytes each.</summary>
    public const long MaxBytes = 1L << 30;

    /// <summary>Longest value between two signs of JSON: rpki-client's have under 200 bytes.</summary>
    private const int MaxToken = 1 << 20;

    private const int FirstBuffer = 1 << 16;

    public static async Task<RoaReadResult> ReadAsync(Stream json, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            var parser = new RoaParser();
            long before = 0;
            int filled = 0;
            while (true)
            {
                if (filled == buffer.Length)
                {
                    if (filled >= MaxToken)
                    {
                        return Wrong(before, $"a value is longer than {MaxToken} bytes");
                    }

                    byte[] larger = ArrayPool<byte>.Shared.Rent(filled * 2);
                    buffer.AsSpan(0, filled).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                int read = await json.ReadAsync(buffer.AsMemory(filled), cancellationToken);
                filled += read;
                if (before + filled > MaxBytes)
                {
                    return Wrong(before, $"the file has more than {MaxBytes} bytes");
                }

                int used;
                try
                {
                    used = parser.Feed(buffer.AsSpan(0, filled), isLast: read == 0);
                }
                catch (Exception error) when (error is JsonException or InvalidOperationException)
                {
                    // The second one is a text whose octets are not UTF-8: the reader finds that out when it is asked for.
                    return Wrong(before, $"it is not JSON ({(error is JsonException wrong ? $"line {wrong.LineNumber + 1}" : "a text is not Unicode")})");
                }

                if (parser.Error is { } mistake)
                {
                    return Wrong(before, mistake);
                }

                buffer.AsSpan(used, filled - used).CopyTo(buffer);
                (before, filled) = (before + used, filled - used);
                if (read == 0)
                {
                    return parser.HasRoas
                        ? new RoaReadResult(parser.Build(), null)
                        : new RoaReadResult(null, "it has no list 'roas': export it with 'rpki-client -j' or 'routinator vrps --format json'");
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static RoaReadResult Wrong(long before, string mistake) =>
        new(null, string.Create(CultureInfo.InvariantCulture, $"{mistake}, at or soon after byte {before}"));
}
