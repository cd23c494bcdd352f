using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Http;

/// <summary>Bytes of a sliced object that go straight from the origin to the visitor, through a small buffer.</summary>
internal sealed class DirectRange(EdgeState state, FillSource source, EdgeMetrics metrics, TimeProvider time)
{
    private const int BufferBytes = 16 * 1024;

    /// <summary>False: the visitor is gone.</summary>
    /// <exception cref="BodyAbortedException">They cannot be had, or are of another representation.</exception>
    public async Task<bool> CopyAsync(HttpContext context, BlockJob job, SlicedBody slices, ByteRange range)
    {
        UpstreamRequest request = job.Request.With("Range", string.Create(CultureInfo.InvariantCulture, $"bytes={range.First}-{range.Last}"));
        SourcedResponse sourced = await source.FetchFromShieldOrOriginAsync(
            job.Site, job.Role, request, state.Purges.Cursor, context.RequestAborted).ConfigureAwait(false);
        using UpstreamResponse? upstream = sourced.Response;
        if (upstream is null || !IsOfTheSame(upstream, slices, range))
        {
            throw new BodyAbortedException();
        }

        using var stall = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stall.Token, context.RequestAborted);
        PipeWriter writer = context.Response.BodyWriter;
        for (long left = range.Length; left > 0;)
        {
            stall.CancelAfter(upstream.BetweenBytes);
            int read = await ReadAsync(upstream.Body, writer.GetMemory(BufferBytes), left, either.Token).ConfigureAwait(false);
            stall.CancelAfter(Timeout.InfiniteTimeSpan);
            left -= read;
            writer.Advance(read);
            FlushResult flushed = await writer.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            metrics.Add(Counter.BytesSent, read);
            if (flushed.IsCompleted)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsOfTheSame(UpstreamResponse answer, SlicedBody slices, ByteRange range) =>
        answer.Status == StatusCodes.Status206PartialContent
        && ContentRange.TryParse(answer.Header["Content-Range"], out ContentRange sent)
        && sent == new ContentRange(new ByteSpan(range.First, range.Last), slices.Length)
        && slices.Validator == SliceAnswer.StrongValidator(answer.Header);

    private static async Task<int> ReadAsync(Stream body, Memory<byte> buffer, long left, CancellationToken cancellationToken)
    {
        try
        {
            int read = await body.ReadAsync(left < buffer.Length ? buffer[..(int)left] : buffer, cancellationToken).ConfigureAwait(false);
            return read > 0 ? read : throw new BodyAbortedException();
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or IOException and not BodyAbortedException)
        {
            throw new BodyAbortedException();
        }
    }
}
