using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Silo.Feed;

/// <summary>
/// Writes messages, one a line, each flushed before the next, whoever writes them: what a slow reader has not taken yet stays below one message.
/// </summary>
internal sealed class FeedWriter<T>(PipeWriter pipe, JsonTypeInfo<T> type, TimeProvider time) : IDisposable
    where T : class
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <exception cref="TimeoutException">The other side has not taken it within <see cref="FeedProtocol.SilenceLimit"/>.</exception>
    public async Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(FeedProtocol.SilenceLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await _turn.WaitAsync(both.Token);
            try
            {
                using (var json = new Utf8JsonWriter(pipe))
                {
                    JsonSerializer.Serialize(json, message, type);
                }

                pipe.GetSpan(1)[0] = (byte)'\n';
                pipe.Advance(1);
                await pipe.FlushAsync(both.Token);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"the other side has not read for {FeedProtocol.SilenceLimit.TotalSeconds} s");
        }
    }

    public void Dispose() => _turn.Dispose();
}
