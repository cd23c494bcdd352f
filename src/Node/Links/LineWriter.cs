using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Node.Links;

/// <summary>Writes messages to a silo, one a line; one that is not taken within the silence limit is a silo that does not read.</summary>
public sealed class LineWriter<T>(Stream stream, JsonTypeInfo<T> type, TimeProvider time)
{
    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    /// <exception cref="TimeoutException">The silo does not read.</exception>
    public async Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(FeedProtocol.SilenceLimit, time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await JsonSerializer.SerializeAsync(stream, message, type, linked.Token);
            await stream.WriteAsync(LineEnd, linked.Token);
            await stream.FlushAsync(linked.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"the silo has not read for {FeedProtocol.SilenceLimit.TotalSeconds:0} s");
        }
    }
}
