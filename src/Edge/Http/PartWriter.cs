using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Http;

/// <summary>Writes 206: one part as it is, several as <c>multipart/byteranges</c> (RFC 9110 §14.6).</summary>
internal static class PartWriter
{
    /// <summary>The fields of the whole are written already.</summary>
    /// <param name="several">Null: only <paramref name="part"/>.</param>
    public static async Task WriteAsync(HttpContext context, long total, ByteRange part, ByteRange[]? several, IRangeSource source)
    {
        try
        {
            if (several is null)
            {
                WriteHeader(context.Response, part, total);
                await source.CopyAsync(context, part).ConfigureAwait(false);
                return;
            }

            await WriteSeveralAsync(context, total, several, source).ConfigureAwait(false);
        }
        catch (BodyAbortedException)
        {
            context.Abort();
        }
    }

    public static void WriteHeader(HttpResponse response, ByteRange range, long total)
    {
        response.StatusCode = StatusCodes.Status206PartialContent;
        response.Headers.ContentRange = Text(range, total);
        response.ContentLength = range.Length;
    }

    private static async Task WriteSeveralAsync(HttpContext context, long total, ByteRange[] ranges, IRangeSource source)
    {
        HttpResponse response = context.Response;
        string? type = response.Headers.ContentType;
        // Not to be guessed by whoever writes the content, so that it cannot hold a forged part.
        string boundary = Guid.NewGuid().ToString("N");
        byte[][] heads = Array.ConvertAll(ranges, range => Encoding.Latin1.GetBytes(
            $"\r\n--{boundary}\r\n{(type is null ? "" : $"Content-Type: {type}\r\n")}Content-Range: {Text(range, total)}\r\n\r\n"));
        byte[] end = Encoding.Latin1.GetBytes($"\r\n--{boundary}--\r\n");
        response.StatusCode = StatusCodes.Status206PartialContent;
        response.ContentType = $"multipart/byteranges; boundary={boundary}";
        response.ContentLength = heads.Sum(head => (long)head.Length) + ranges.Sum(range => range.Length) + end.Length;
        for (int i = 0; i < ranges.Length; i++)
        {
            await response.BodyWriter.WriteAsync(heads[i], context.RequestAborted).ConfigureAwait(false);
            if (!await source.CopyAsync(context, ranges[i]).ConfigureAwait(false))
            {
                return;
            }
        }

        await response.BodyWriter.WriteAsync(end, context.RequestAborted).ConfigureAwait(false);
    }

    private static string Text(ByteRange range, long total) =>
        string.Create(CultureInfo.InvariantCulture, $"bytes {range.First}-{range.Last}/{total}");
}
