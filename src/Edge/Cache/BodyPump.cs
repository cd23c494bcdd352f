using OrleansCdn.Edge.Origin;

namespace OrleansCdn.Edge.Cache;

public enum BodyPumpResult
{
    /// <summary>All of it, in memory.</summary>
    Whole,

    /// <summary>Passed on, too large to keep.</summary>
    NotKept,

    /// <summary>The origin broke off, stood still, or sent more or less than it said.</summary>
    Broken,

    /// <summary>Nobody reads along any more.</summary>
    Unwanted,
}

/// <summary>Reads a body from upstream into a <see cref="CachedBody"/>, within the store's memory.</summary>
internal sealed class BodyPump(MemoryStore store, CachedBody body, long maxObjectBytes, long reserved)
{
    private static readonly byte[] Scratch = new byte[1];

    private bool _isKept = true;
    private long _reserved = reserved;

    /// <summary>Bytes of the store that are set aside for this body: the owner gives them back, once.</summary>
    public long TakeReserved()
    {
        (long taken, _reserved) = (_reserved, 0);
        return taken;
    }

    public async Task<BodyPumpResult> RunAsync(
        UpstreamResponse upstream, Fill fill, long finishAnywayBytes, TimeSpan readerPatience, TimeProvider time)
    {
        using var stall = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stall.Token, fill.Cancellation);
        try
        {
            while (true)
            {
                bool isAtEnd = body.ExpectedLength is { } expected && body.Length >= expected;
                if (!isAtEnd && !await HasRoomAsync(readerPatience, time, fill.Cancellation).ConfigureAwait(false))
                {
                    return BodyPumpResult.Unwanted;
                }

                stall.CancelAfter(upstream.BetweenBytes);
                // The last read only finds the end: it ends the exchange, so that the connection can be used again.
                int read = await upstream.Body.ReadAsync(isAtEnd ? Scratch : body.GetMemory(), either.Token).ConfigureAwait(false);
                stall.CancelAfter(Timeout.InfiniteTimeSpan);
                if (read == 0)
                {
                    return Finish();
                }

                if (isAtEnd)
                {
                    return BodyPumpResult.Broken;
                }

                body.Advance(read);
                if (!fill.IsWanted && !IsNearlyDone(finishAnywayBytes))
                {
                    return BodyPumpResult.Unwanted;
                }
            }
        }
        catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
        {
            return BodyPumpResult.Broken;
        }
    }

    private BodyPumpResult Finish()
    {
        if (body.ExpectedLength is { } expected && body.Length != expected)
        {
            return BodyPumpResult.Broken;
        }

        body.Complete();
        return _isKept ? BodyPumpResult.Whole : BodyPumpResult.NotKept;
    }

    private bool IsNearlyDone(long finishAnywayBytes) => _isKept && (body.ExpectedLength is { } expected
        ? expected - body.Length <= Math.Max(finishAnywayBytes, expected / 2)
        : body.Length <= finishAnywayBytes);

    /// <summary>Grows the reservation with the body; once it is too large, only the window is kept.</summary>
    private async ValueTask<bool> HasRoomAsync(TimeSpan readerPatience, TimeProvider time, CancellationToken cancellationToken)
    {
        if (_isKept && body.Length + CachedBody.MaxChunkBytes > _reserved && body.ExpectedLength is null)
        {
            if (body.Length < maxObjectBytes && store.TryReserve(CachedBody.MaxChunkBytes))
            {
                _reserved += CachedBody.MaxChunkBytes;
            }
            else
            {
                _isKept = false;
                body.SwitchToWindow();
            }
        }

        return _isKept || await body.WaitForRoomAsync(readerPatience, time, cancellationToken).ConfigureAwait(false);
    }
}
