using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace OrleansCdn.Edge.Tests.Http;

/// <summary>An object of any length whose bytes follow from their place, behind an origin that does ranges and counts what it sends.</summary>
internal sealed class SyntheticObject(long length, int seed = 1)
{
    private const int PieceBytes = 64 * 1024;

    private long _sent;

    public long Length { get; set; } = length;

    public int Seed { get; set; } = seed;

    public string? ETag { get; set; } = "\"v1\"";

    public string CacheControl { get; set; } = "max-age=60";

    public bool DoesRanges { get; set; } = true;

    /// <summary>Ranges as they were answered; null: the whole.</summary>
    public ConcurrentQueue<(long First, long Last)?> Asked { get; } = new();

    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Awaited before each answer's body.</summary>
    public Func<HttpContext, Task>? BeforeBody { get; set; }

    public byte At(long offset) => (byte)((offset * 31) + (offset >> 10) + (offset >> 20) + Seed);

    public byte[] Bytes(long first, long last)
    {
        byte[] bytes = new byte[last - first + 1];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = At(first + i);
        }

        return bytes;
    }

    public async Task AnswerAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.Headers.CacheControl = CacheControl;
        if (ETag is not null)
        {
            response.Headers.ETag = ETag;
            if (context.Request.Headers.IfNoneMatch == ETag)
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }

        long first = 0, last = Length - 1;
        string range = context.Request.Headers.Range.ToString();
        if (DoesRanges && range.Length > 0 && !range.Contains(',', StringComparison.Ordinal))
        {
            string[] ends = range["bytes=".Length..].Split('-');
            first = ends[0].Length == 0 ? Math.Max(0, Length - long.Parse(ends[1], CultureInfo.InvariantCulture)) : long.Parse(ends[0], CultureInfo.InvariantCulture);
            last = ends[0].Length == 0 || ends[1].Length == 0 ? Length - 1 : Math.Min(last, long.Parse(ends[1], CultureInfo.InvariantCulture));
            Asked.Enqueue((first, last));
            if (first >= Length)
            {
                response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                response.Headers.ContentRange = $"bytes */{Length}";
                return;
            }

            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {first}-{last}/{Length}";
        }
        else
        {
            Asked.Enqueue(null);
        }

        response.ContentLength = last - first + 1;
        if (BeforeBody is { } before)
        {
            await response.Body.FlushAsync();
            await before(context);
        }

        for (long at = first; at <= last; at += PieceBytes)
        {
            byte[] piece = Bytes(at, Math.Min(last, at + PieceBytes - 1));
            Interlocked.Add(ref _sent, piece.Length); // first: who has read the piece finds it counted
            await response.Body.WriteAsync(piece, context.RequestAborted);
        }
    }
}
