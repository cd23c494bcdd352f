using System.IO.Compression;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace OrleansCdn.Edge.Cache;

/// <summary>
/// Compresses stored responses behind the requests' backs, one at a time: whoever asks meanwhile gets what is there. What is
/// made is kept with the response and goes with it.
/// </summary>
public sealed partial class Compressor : IDisposable
{
    /// <summary>Objects that wait; further ones are asked for again with a later hit.</summary>
    private const int MaxWaiting = 128;

    /// <summary>Where brotli's gain levels off against its time; also nginx's and most servers' choice for what is made at once.</summary>
    private const int BrotliQuality = 5;

    /// <summary>zlib's own default.</summary>
    private const int GzipLevel = 6;

    /// <summary>Less gain than a tenth is not worth the memory.</summary>
    private const double MaxShare = 0.9;

    private readonly Channel<(StoredResponse Response, ContentCoding Coding, TaskCompletionSource? Tried)> _waiting =
        Channel.CreateBounded<(StoredResponse, ContentCoding, TaskCompletionSource?)>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    private readonly MemoryStore _store;
    private readonly ILogger<Compressor> _logger;
    private readonly Task _worker;

    public Compressor(MemoryStore store, ILogger<Compressor> logger)
    {
        (_store, _logger) = (store, logger);
        _worker = WorkAsync();
    }

    /// <summary>At most once for each response and coding, unless too many wait. Costs a hit next to nothing and never waits.</summary>
    public void Offer(StoredResponse response, ContentCoding coding)
    {
        if (response.TryAskFor(coding) && !_waiting.Writer.TryWrite((response, coding, null)))
        {
            response.ForgetAskedFor(coding);
        }
    }

    /// <summary>For who has time: waits for room, and until it was tried. At once when somebody else has asked for it.</summary>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>; what waits already is still made.</exception>
    public async Task MakeAsync(StoredResponse response, ContentCoding coding, CancellationToken cancellationToken)
    {
        if (!response.TryAskFor(coding))
        {
            return;
        }

        var tried = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _waiting.Writer.WriteAsync((response, coding, tried), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or ChannelClosedException)
        {
            response.ForgetAskedFor(coding);
            cancellationToken.ThrowIfCancellationRequested();
            return; // this edge ends
        }

        await tried.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task WorkAsync()
    {
        await foreach ((StoredResponse response, ContentCoding coding, TaskCompletionSource? tried) in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                await CompressAsync(response, coding).ConfigureAwait(false);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                LogUnexpected(error, response.Url);
            }
            finally
            {
                tried?.TrySetResult();
            }
        }
    }

    private async Task CompressAsync(StoredResponse response, ContentCoding coding)
    {
        // Not more than the identity: what is larger is dropped while it is made.
        long reserved = response.Body.Length;
        if (!_store.TryReserve(reserved))
        {
            response.ForgetAskedFor(coding);
            return;
        }

        try
        {
            var coded = new CachedBody((long?)null);
            using var sink = new BodySink(coded, (long)(response.Body.Length * MaxShare));
            using (Stream encoder = NewEncoder(sink, coding))
            {
                for (int i = 0; !sink.IsOver && response.Body.CompletePiece(i) is { IsEmpty: false } piece; i++)
                {
                    encoder.Write(piece.Span);

                    // A piece at a time, so that requests that wait for the same threads come in between.
                    await Task.Yield();
                }
            }

            if (!sink.IsOver)
            {
                coded.Complete();
                _store.AddCoding(response, coding, coded);
            }
        }
        finally
        {
            _store.Release(reserved);
        }
    }

    private static Stream NewEncoder(Stream sink, ContentCoding coding) => coding == ContentCoding.Brotli
        ? new BrotliStream(sink, new BrotliCompressionOptions { Quality = BrotliQuality }, leaveOpen: true)
        : new GZipStream(sink, new ZLibCompressionOptions { CompressionLevel = GzipLevel }, leaveOpen: true);

    /// <summary>What waits already is still made.</summary>
    public void Dispose() => _waiting.Writer.TryComplete();

    /// <summary>Ended after <see cref="Dispose"/>, for tests.</summary>
    internal Task Worker => _worker;

    [LoggerMessage(Level = LogLevel.Error, Message = "compressing {Url} failed; it is served as it is")]
    private partial void LogUnexpected(Exception error, string url);
}
