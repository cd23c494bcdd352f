using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Origin;
using OrleansCdn.Edge.Rules;

namespace OrleansCdn.Edge.Http;

/// <summary>Writes responses to visitors and other edges: stored ones, growing ones, and those that only pass through.</summary>
public sealed class Delivery(EdgeState state, Compressor compressor, EdgeMetrics metrics, TimeProvider time)
{
    /// <summary>One read of a passing body; also the most that is held of it here.</summary>
    private const int PassBufferBytes = 16 * 1024;

    /// <summary>A stored response as it is, a part of it, or only that it has not changed.</summary>
    /// <param name="reader">For a body that may still be growing; it stays the caller's.</param>
    /// <param name="cacheStatus">This hop's member for anything but a plain hit; null: a plain hit.</param>
    public Task StoredAsync(
        HttpContext context, ListenerRole role, SiteRules rules, StoredResponse stored, string? cacheStatus, double now, BodyReader? reader = null)
    {
        if (stored.Status >= StatusCodes.Status400BadRequest && role == ListenerRole.Public && rules.ErrorPages?.FindForOrigin(stored.Status) is { } page)
        {
            return EdgeError.WritePageAsync(context, stored.Status, page, cacheStatus ?? stored.TextAt(now, state.Pop).CacheStatus);
        }

        HttpResponse response = context.Response;
        ContentCoding coding = rules.Compression is null || reader is not null || role != ListenerRole.Public
            ? ContentCoding.Identity
            : CodingFor(context.Request.Headers.AcceptEncoding, rules, stored);
        if (ConditionalRequest.IsNotModified(context.Request.Headers, stored, time))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            WriteFields(response, role, rules, stored, cacheStatus, now, coding);
            return Task.CompletedTask;
        }

        if (stored.Codings[coding] is { } coded)
        {
            response.StatusCode = stored.Status;
            WriteFields(response, role, rules, stored, cacheStatus, now, coding);
            return WholeAsync(context, coded);
        }

        if (context.Request.Headers.Range.Count > 0 && MayCut(context, stored, reader, out long length))
        {
            switch (RangeSet.Parse(context.Request.Headers.Range, length, out ByteRange range, out ByteRange[]? several))
            {
                case RangeVerdict.Partial when several is null && stored.Body.State == BodyState.Complete:
                    return PartAsync(context, role, rules, stored, range, cacheStatus, now);
                case RangeVerdict.Partial:
                    WriteFields(response, role, rules, stored, cacheStatus, now);
                    metrics.Add(Counter.BytesSent, several?.Sum(part => part.Length) ?? range.Length);
                    return PartWriter.WriteAsync(context, length, range, several, new BodyRangeSource(stored.Body));
                case RangeVerdict.NotSatisfiable:
                    NotSatisfiable(response, stored, length, cacheStatus, now);
                    return Task.CompletedTask;
                default:
                    break;
            }
        }

        response.StatusCode = stored.Status;
        WriteFields(response, role, rules, stored, cacheStatus, now);
        return reader is null || stored.Body.State == BodyState.Complete && !stored.Body.IsWindowed
            ? WholeAsync(context, stored.Body)
            : GrowingAsync(context, stored.Body, reader);
    }

    /// <summary>Whether a part may be cut out: of a body that is complete, or of one that grows towards a length that is known.</summary>
    private static bool MayCut(HttpContext context, StoredResponse stored, BodyReader? reader, out long length)
    {
        bool isComplete = stored.Body.State == BodyState.Complete && !stored.Body.IsWindowed;
        length = isComplete ? stored.Body.Length : stored.Body.ExpectedLength ?? -1;
        return stored.Status == StatusCodes.Status200OK && length >= 0 && (isComplete || (reader is not null && !stored.Body.IsWindowed))
            && HttpMethods.IsGet(context.Request.Method) && ConditionalRequest.IfRangeHolds(context.Request.Headers, stored);
    }

    internal void NotSatisfiable(HttpResponse response, StoredResponse stored, long length, string? cacheStatus, double now)
    {
        response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
        response.Headers.ContentRange = $"bytes */{length.ToString(CultureInfo.InvariantCulture)}";
        WriteStatus(response, stored, cacheStatus, now);
        response.ContentLength = 0;
    }

    /// <summary>The coding that the response is there in and the visitor wants; where it is not there yet, it is asked for.</summary>
    private ContentCoding CodingFor(StringValues acceptEncoding, SiteRules rules, StoredResponse stored)
    {
        ContentCoding wanted = AcceptEncoding.Preferred(acceptEncoding);
        if (wanted == ContentCoding.Identity || !stored.ViewUnder(rules, state.Pop).IsCompressible)
        {
            return ContentCoding.Identity;
        }

        if (stored.Codings[wanted] is not null)
        {
            return wanted;
        }

        if (stored.Body.State == BodyState.Complete && rules.Compression!.IsWorthwhile(stored.Body.Length))
        {
            compressor.Offer(stored, wanted);
        }

        return ContentCoding.Identity;
    }

    /// <summary>A complete body: one write for a small object, no reader object.</summary>
    private Task WholeAsync(HttpContext context, CachedBody body)
    {
        HttpResponse response = context.Response;
        if (MayHaveBody(response.StatusCode))
        {
            response.ContentLength = body.Length;
        }

        if (body.Length == 0 || HttpMethods.IsHead(context.Request.Method))
        {
            return Task.CompletedTask;
        }

        // No RequestAborted: Kestrel would make a source for it, and ends the flush of a connection that is gone by itself.
        metrics.Add(Counter.BytesSent, body.Length);
        ReadOnlyMemory<byte> first = body.CompletePiece(0);
        if (StoredBytes.LendingOutput(context, first.Length) is { } output)
        {
            return StoredBytes.SendWholeAsync(context, body, output);
        }

        ValueTask<FlushResult> write = response.BodyWriter.WriteAsync(first, CancellationToken.None);
        if (first.Length == body.Length && write.IsCompletedSuccessfully)
        {
            _ = write.Result;
            return Task.CompletedTask;
        }

        return RestAsync(context, body, write);
    }

    private static async Task RestAsync(HttpContext context, CachedBody body, ValueTask<FlushResult> write)
    {
        FlushResult flushed = await write.ConfigureAwait(false);
        for (int i = 1; !flushed.IsCompleted && body.CompletePiece(i) is { IsEmpty: false } piece; i++)
        {
            flushed = await context.Response.BodyWriter.WriteAsync(piece, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Reads along with a fill. When the fill breaks off the response is reset, never ended as if it were whole.</summary>
    private async Task GrowingAsync(HttpContext context, CachedBody body, BodyReader reader)
    {
        if (MayHaveBody(context.Response.StatusCode))
        {
            context.Response.ContentLength = body.ExpectedLength;
        }

        try
        {
            while (await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false) is { IsEmpty: false } piece)
            {
                metrics.Add(Counter.BytesSent, piece.Length);
                FlushResult flushed = await StoredBytes.SendAsync(context, piece, context.RequestAborted).ConfigureAwait(false);
                if (flushed.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (BodyAbortedException)
        {
            context.Abort();
        }
    }

    private async Task PartAsync(HttpContext context, ListenerRole role, SiteRules rules, StoredResponse stored, ByteRange range, string? cacheStatus, double now)
    {
        HttpResponse response = context.Response;
        WriteFields(response, role, rules, stored, cacheStatus, now);
        PartWriter.WriteHeader(response, range, stored.Body.Length);
        metrics.Add(Counter.BytesSent, range.Length);
        long skip = range.First;
        long left = range.Length;
        for (int i = 0; left > 0; i++)
        {
            ReadOnlyMemory<byte> piece = stored.Body.CompletePiece(i);
            if (skip >= piece.Length)
            {
                skip -= piece.Length;
                continue;
            }

            piece = piece.Slice((int)skip, (int)Math.Min(left, piece.Length - skip));
            skip = 0;
            left -= piece.Length;
            FlushResult flushed = await StoredBytes.SendAsync(context, piece, context.RequestAborted).ConfigureAwait(false);
            if (flushed.IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>An answer for one request alone: header and body go through a small buffer. Disposes of the answer.</summary>
    public async Task PassAsync(CacheRequest request, UpstreamResponse upstream, string cacheStatus)
    {
        (HttpContext context, ListenerRole role) = (request.Context, request.Role);
        using UpstreamResponse owned = upstream;
        if (request.ErrorPages?.FindForOrigin(upstream.Status) is { } page)
        {
            await EdgeError.WritePageAsync(context, upstream.Status, page, StringValues.Concat(upstream.Header["Cache-Status"], cacheStatus)).ConfigureAwait(false);
            return;
        }

        HttpResponse response = context.Response;
        response.StatusCode = upstream.Status;
        ResponseHeader header = role == ListenerRole.Peer ? upstream.Header : request.Rules.ForVisitors(
            VisitorHeaders.Of(upstream.Header, state.CdnName, upstream.Version), request.Key, state.Pop);
        foreach (KeyValuePair<string, StringValues> field in header.Fields)
        {
            if (!VisitorHeaders.IsSetPerResponse(field.Key))
            {
                response.Headers[field.Key] = field.Value;
            }
        }

        if (upstream.Header["Age"] is { Count: > 0 } age)
        {
            response.Headers.Age = age;
        }

        response.Headers["Cache-Status"] = StringValues.Concat(upstream.Header["Cache-Status"], cacheStatus);
        MarkServed(response, role);
        bool isHead = HttpMethods.IsHead(context.Request.Method);
        if (MayHaveBody(upstream.Status) || (isHead && upstream.ContentLength is not null))
        {
            response.ContentLength = upstream.ContentLength;
        }

        if (isHead || !MayHaveBody(upstream.Status))
        {
            return;
        }

        await CopyAsync(context, upstream).ConfigureAwait(false);
    }

    private async Task CopyAsync(HttpContext context, UpstreamResponse upstream)
    {
        using var stall = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stall.Token, context.RequestAborted);
        PipeWriter writer = context.Response.BodyWriter;
        long sent = 0;
        while (true)
        {
            int read;
            try
            {
                stall.CancelAfter(upstream.BetweenBytes);
                read = await upstream.Body.ReadAsync(writer.GetMemory(PassBufferBytes), either.Token).ConfigureAwait(false);
                stall.CancelAfter(Timeout.InfiniteTimeSpan);
            }
            catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
            {
                context.Abort();
                return;
            }

            if (read == 0)
            {
                break;
            }

            sent += read;
            writer.Advance(read);
            FlushResult flushed = await writer.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            metrics.Add(Counter.BytesSent, read);
            if (flushed.IsCompleted)
            {
                return;
            }
        }

        if (upstream.ContentLength is { } promised && promised != sent)
        {
            context.Abort();
        }
    }

    internal void WriteFields(
        HttpResponse response, ListenerRole role, SiteRules rules, StoredResponse stored, string? cacheStatus, double now,
        ContentCoding coding = ContentCoding.Identity)
    {
        IHeaderDictionary headers = response.Headers;
        VisitorView? view = role == ListenerRole.Public && rules.ShapesResponses ? stored.ViewUnder(rules, state.Pop) : null;
        foreach (KeyValuePair<string, StringValues> field in (view?.HeaderOf(coding) ?? stored.VisitorHeader).Fields)
        {
            headers[field.Key] = field.Value;
        }

        if (role == ListenerRole.Peer)
        {
            foreach (KeyValuePair<string, StringValues> field in stored.Header.Fields)
            {
                if (VisitorHeaders.IsForCaches(field.Key, state.CdnName))
                {
                    headers[field.Key] = field.Value;
                }
            }
        }

        if (view?.CacheControlAt(stored.Age(now)) is { Count: > 0 } cacheControl)
        {
            headers.CacheControl = cacheControl;
        }

        WriteStatus(response, stored, cacheStatus, now);
        MarkServed(response, role);
    }

    internal void WriteStatus(HttpResponse response, StoredResponse stored, string? cacheStatus, double now)
    {
        if (cacheStatus is null)
        {
            HitText text = stored.TextAt(now, state.Pop);
            response.Headers["Cache-Status"] = text.CacheStatus;
            response.Headers.Age = text.Age;
            return;
        }

        response.Headers["Cache-Status"] = StringValues.Concat(stored.Header["Cache-Status"], cacheStatus);
        double age = stored.Age(now);
        if (age >= 1 || stored.Header.Contains("Age"))
        {
            response.Headers.Age = stored.TextAt(now, state.Pop).Age;
        }
    }

    private static void MarkServed(HttpResponse response, ListenerRole role)
    {
        if (role == ListenerRole.Peer)
        {
            response.Headers[PeerHeaders.Result] = PeerHeaders.ResultServed;
        }
    }

    /// <summary>RFC 9110 §6.4.1.</summary>
    internal static bool MayHaveBody(int status) => status is not (204 or 304) and >= 200;
}
