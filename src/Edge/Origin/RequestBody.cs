using System.Net;
using Microsoft.AspNetCore.Http;

namespace OrleansCdn.Edge.Origin;

/// <summary>
/// The body of a visitor's request on its way through. It can be read once: after its first byte was asked for, the request
/// cannot be sent to anyone else.
/// </summary>
/// <param name="length">Null: not known before its end.</param>
/// <param name="most">Longest one that the site takes; null: any.</param>
public sealed class RequestBody(Stream source, long? length, long? most = null)
{
    /// <summary>One read; also the most that is held of it here.</summary>
    private const int BufferBytes = 16 * 1024;

    private readonly Lock _lock = new();
    private CancellationTokenSource? _limit;
    private TimeSpan _patience;
    private volatile bool _started;
    private volatile bool _done;

    /// <summary>A method that usually has a body goes on with an empty one, whose length says so.</summary>
    public static RequestBody Empty => new(Stream.Null, 0);

    public bool IsEmpty => length == 0;

    /// <summary>Something of it may have gone on.</summary>
    public bool HasStarted => _started && !IsEmpty;

    /// <summary>Whether the upstream has had the whole request, so that silence is its own.</summary>
    public bool IsSent => _done || IsEmpty;

    public HttpContent NewContent()
    {
        var content = new Content(this);
        content.Headers.ContentLength = length;
        return content;
    }

    /// <summary>
    /// The limit for the upstream's answer stands still while the visitor sends, which the listener limits, and runs anew
    /// whenever the upstream has something to take.
    /// </summary>
    public void Watch(CancellationTokenSource limit, TimeSpan patience)
    {
        lock (_lock)
        {
            (_limit, _patience) = (limit, patience);
        }
    }

    /// <summary>The answer has begun, or there is none: the limit is no longer this body's affair.</summary>
    public void Unwatch()
    {
        lock (_lock)
        {
            _limit = null;
        }
    }

    private async Task CopyAsync(Stream upstream, CancellationToken cancellationToken)
    {
        if (HasStarted)
        {
            // HTTP/2 lets a client repeat what the server refused: the rest of a body would look like the whole.
            throw new IOException("the body was sent on before and cannot be read again");
        }

        _started = true;
        byte[] buffer = new byte[BufferBytes];
        long total = 0;
        while (true)
        {
            Limit(Timeout.InfiniteTimeSpan);
            int read = await ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            Limit(_patience);
            total += read;
            if (total > most)
            {
                throw new BadHttpRequestException("the body is larger than this site allows", StatusCodes.Status413PayloadTooLarge);
            }

            if (read == 0)
            {
                _done = true;
                return;
            }

            await upstream.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What goes wrong here is the visitor's doing and must not count against an origin.</summary>
    private async ValueTask<int> ReadAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException error) when (error is not BadHttpRequestException)
        {
            throw new BadHttpRequestException("the body cannot be read", StatusCodes.Status400BadRequest, error);
        }
    }

    private void Limit(TimeSpan after)
    {
        lock (_lock)
        {
            _limit?.CancelAfter(after);
        }
    }

    private sealed class Content(RequestBody body) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            body.CopyAsync(stream, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            body.CopyAsync(stream, cancellationToken);

        protected override bool TryComputeLength(out long computed)
        {
            computed = 0;
            return false;
        }
    }
}
