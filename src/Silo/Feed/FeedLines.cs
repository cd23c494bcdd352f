using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansCdn.Silo.Feed;

internal enum LineVerdict
{
    Message,

    /// <summary>The other side has ended.</summary>
    End,

    /// <summary>Longer than is allowed.</summary>
    TooLong,

    /// <summary>Not a message of the protocol.</summary>
    Garbage,
}

/// <param name="Message">With <see cref="LineVerdict.Message"/>.</param>
/// <param name="Error">With <see cref="LineVerdict.Garbage"/>: what is wrong.</param>
internal readonly record struct FeedLine<T>(LineVerdict Verdict, T? Message = null, string? Error = null)
    where T : class;

/// <summary>Reads messages, one a line. Holds no more than one line of the allowed length.</summary>
/// <param name="reader">The request's body.</param>
/// <param name="type">Of all messages.</param>
/// <param name="maxLineBytes">Longest line.</param>
/// <param name="kinds">What the <c>type</c> of a message can be, for an error.</param>
internal sealed class FeedLines<T>(PipeReader reader, JsonTypeInfo<T> type, int maxLineBytes, string kinds)
    where T : class
{
    private const byte NewLine = (byte)'\n';

    public async ValueTask<FeedLine<T>> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync(cancellationToken);
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (buffer.PositionOf(NewLine) is { } end)
            {
                ReadOnlySequence<byte> line = buffer.Slice(0, end);
                FeedLine<T> read = line.Length > maxLineBytes ? new FeedLine<T>(LineVerdict.TooLong) : Parse(line);
                reader.AdvanceTo(buffer.GetPosition(1, end));
                return read;
            }

            if (buffer.Length > maxLineBytes)
            {
                reader.AdvanceTo(buffer.Start);
                return new FeedLine<T>(LineVerdict.TooLong);
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted || result.IsCanceled)
            {
                return buffer.IsEmpty ? new FeedLine<T>(LineVerdict.End) : new FeedLine<T>(LineVerdict.Garbage, Error: "the last line has no end");
            }
        }
    }

    private FeedLine<T> Parse(ReadOnlySequence<byte> line)
    {
        try
        {
            var json = new Utf8JsonReader(line);
            T? message = JsonSerializer.Deserialize(ref json, type);
            return message is null || json.Read()
                ? new FeedLine<T>(LineVerdict.Garbage, Error: "a line holds one message")
                : new FeedLine<T>(LineVerdict.Message, message);
        }
        catch (JsonException error)
        {
            return new FeedLine<T>(LineVerdict.Garbage, Error: error.Message);
        }
        catch (NotSupportedException)
        {
            // What the serializer throws for an object that does not say its type.
            return new FeedLine<T>(LineVerdict.Garbage, Error: $"a message has a 'type' of {kinds}");
        }
    }
}
