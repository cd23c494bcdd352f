using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Http;

/// <summary>Parts of one body, complete or growing towards a length that is known.</summary>
internal sealed class BodyRangeSource(CachedBody body) : IRangeSource
{
    public async Task<bool> CopyAsync(HttpContext context, ByteRange range)
    {
        using BodyReader reader = body.TryOpen() ?? throw new BodyAbortedException();
        return await CopyAsync(context, reader, range.First, range.Length).ConfigureAwait(false) == range.Length;
    }

    /// <summary>Sends <paramref name="length"/> bytes from <paramref name="skip"/> on; how many were taken before the visitor was gone.</summary>
    /// <param name="reader">At the beginning of its body.</param>
    /// <exception cref="BodyAbortedException">The body broke off or is shorter.</exception>
    public static async Task<long> CopyAsync(HttpContext context, BodyReader reader, long skip, long length, Action<int>? onSent = null)
    {
        long sent = 0;
        while (sent < length)
        {
            ReadOnlyMemory<byte> piece = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
            if (piece.IsEmpty)
            {
                throw new BodyAbortedException();
            }

            if (skip >= piece.Length)
            {
                skip -= piece.Length;
                continue;
            }

            piece = piece.Slice((int)skip, (int)Math.Min(length - sent, piece.Length - skip));
            skip = 0;
            FlushResult flushed = await StoredBytes.SendAsync(context, piece, context.RequestAborted).ConfigureAwait(false);
            onSent?.Invoke(piece.Length);
            if (flushed.IsCompleted)
            {
                break;
            }

            sent += piece.Length;
        }

        return sent;
    }
}
