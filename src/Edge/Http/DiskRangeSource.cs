using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Cache.Disk;

namespace OrleansCdn.Edge.Http;

/// <summary>Parts of a body on disk; only the pieces that they touch are read.</summary>
internal sealed class DiskRangeSource(DiskReader reader, DiskRecord record, EdgeMetrics metrics) : IRangeSource
{
    public async Task<bool> CopyAsync(HttpContext context, ByteRange range)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(DiskLimits.PieceBytes);
        try
        {
            int piece = (int)(range.First / DiskLimits.PieceBytes);
            int skip = (int)(range.First % DiskLimits.PieceBytes);
            for (long left = range.Length; left > 0; piece++)
            {
                int bytes = record.PieceLength(piece);
                if (!await reader.TryReadPieceAsync(record, piece, buffer.AsMemory(0, bytes)).ConfigureAwait(false))
                {
                    throw new BodyAbortedException();
                }

                int count = (int)Math.Min(bytes - skip, left);
                metrics.Add(Counter.BytesSent, count);
                FlushResult flushed = await context.Response.BodyWriter.WriteAsync(buffer.AsMemory(skip, count), context.RequestAborted).ConfigureAwait(false);
                if (flushed.IsCompleted)
                {
                    return false;
                }

                left -= count;
                skip = 0;
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
