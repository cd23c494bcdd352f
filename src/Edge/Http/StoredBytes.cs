using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;

namespace OrleansCdn.Edge.Http;

/// <summary>Sends bytes of a response's body that are kept in memory and do not change: without a copy where the connection can.</summary>
internal static class StoredBytes
{
    /// <summary>Smaller pieces are copied behind their header: that costs less than a send of two parts.</summary>
    public const int LentFromBytes = 8 * 1024;

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
