using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using OrleansCdn.Edge.Cache;
using OrleansCdn.Edge.Hosting;

namespace OrleansCdn.Edge.Http;

/// <summary>Sends bytes of a response's body that are kept in memory and do not change: without a copy where the connection can.</summary>
internal static class StoredBytes
{
    /// <summary>Smaller pieces are copied behind their header: that costs less than a send of two parts.</summary>
    public const int LentFromBytes = 8 * 1024;

    /// <summary>What goes to the kernel in one call while it takes everything at once; its send buffers are of this order.</summary>
    private const int EagerBytes = 1024 * 1024;

    /// <summary>From the first call on that has to wait: a reader who stalls is found out by the time that this much takes.</summary>
    private const int PatientBytes = 64 * 1024;

    /// <summary>While much is given at once, it must leave as soon as <see cref="PatientBytes"/> must at the listeners' own rate.</summary>
    private static readonly MinDataRate EagerRate = new(EdgeLimits.MinBytesPerSecond * EagerBytes / PatientBytes, EdgeLimits.ReaderGrace);

    private static readonly MinDataRate PatientRate = new(EdgeLimits.MinBytesPerSecond, EdgeLimits.ReaderGrace);

    /// <summary>The connection that these bytes may be lent to; null: they are to be copied.</summary>
    public static ILendingOutput? LendingOutput(HttpContext context, int pieceLength) =>
        pieceLength >= LentFromBytes && context.Response.ContentLength is not null ? context.Features.Get<ILendingOutput>() : null;

    /// <summary>Writes and flushes one piece, as <see cref="PipeWriter.WriteAsync"/> does.</summary>
    public static ValueTask<FlushResult> SendAsync(HttpContext context, ReadOnlyMemory<byte> piece, CancellationToken cancellationToken) =>
        LendingOutput(context, piece.Length) is { } output
            ? LentAsync(context.Response, output, piece, cancellationToken)
            : context.Response.BodyWriter.WriteAsync(piece, cancellationToken);

    /// <summary>Puts a piece behind what was written, without a flush. The response has started, and has a length.</summary>
    public static void Append(PipeWriter writer, ILendingOutput output, ReadOnlyMemory<byte> piece)
    {
        output.Lend(piece);
        Memory<byte> memory = writer.GetMemory(piece.Length);
        if (!Unsafe.AreSame(ref MemoryMarshal.GetReference(memory.Span), ref MemoryMarshal.GetReference(piece.Span)))
        {
            piece.CopyTo(memory); // the connection is ending: the server gives out memory that goes nowhere
        }

        writer.Advance(piece.Length);
    }

    /// <summary>A complete body, sent from where it is stored.</summary>
    public static async Task SendWholeAsync(HttpContext context, CachedBody body, ILendingOutput output)
    {
        IHttpMinResponseDataRateFeature? rate = body.Length > PatientBytes ? context.Features.Get<IHttpMinResponseDataRateFeature>() : null;
        if (rate is not null)
        {
            rate.MinDataRate = EagerRate;
        }

        await context.Response.StartAsync(CancellationToken.None).ConfigureAwait(false);
        PipeWriter writer = context.Response.BodyWriter;
        (long atOnce, long unflushed) = (EagerBytes, 0);
        for (int i = 0; body.CompletePiece(i) is { IsEmpty: false } piece; i++)
        {
            Append(writer, output, piece);
            unflushed += piece.Length;
            if (unflushed < atOnce)
            {
                continue;
            }

            unflushed = 0;
            ValueTask<FlushResult> flush = writer.FlushAsync(CancellationToken.None);
            if (!flush.IsCompleted && rate is not null)
            {
                (atOnce, rate.MinDataRate) = (PatientBytes, PatientRate);
            }

            if ((await flush.ConfigureAwait(false)).IsCompleted)
            {
                return;
            }
        }

        await writer.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private static async ValueTask<FlushResult> LentAsync(HttpResponse response, ILendingOutput output, ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        if (!response.HasStarted)
        {
            await response.StartAsync(cancellationToken).ConfigureAwait(false);
        }

        Append(response.BodyWriter, output, piece);
        return await response.BodyWriter.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
