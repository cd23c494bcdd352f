using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Silo.Feed;

internal enum LineVerdict
{
    Message,

    /// <summary>The edge has ended its side.</summary>
    End,

    /// <summary>Longer than <see cref="FeedProtocol.MaxEdgeLineBytes"/>.</summary>
    TooLong,

    /// <summary>Not a message of the protocol.</summary>
    Garbage,
}

/// <param name="Message">With <see cref="LineVerdict.Message"/>.</param>
/// <param name="Error">With <see cref="LineVerdict.Garbage"/>: what is wrong.</param>
internal readonly record struct FeedLine(LineVerdict Verdict, EdgeMessage? Message = null, string? Error = null);

/// <summary>Reads an edge's messages, one a line. Holds no more than one line of the allowed length.</summary>
internal sealed class FeedLines(PipeReader reader)
{
    private const byte NewLine = (byte)'\n';

    public async ValueTask<FeedLine> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync(cancellationToken);
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (buffer.PositionOf(NewLine) is { } end)
            {
                ReadOnlySequence<byte> line = buffer.Slice(0, end);
                FeedLine read = line.Length > FeedProtocol.MaxEdgeLineBytes ? new FeedLine(LineVerdict.TooLong) : Parse(line);
                reader.AdvanceTo(buffer.GetPosition(1, end));
                return read;
            }

            if (buffer.Length > FeedProtocol.MaxEdgeLineBytes)
            {
                reader.AdvanceTo(buffer.Start);
                return new FeedLine(LineVerdict.TooLong);
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted || result.IsCanceled)
            {
                return buffer.IsEmpty ? new FeedLine(LineVerdict.End) : new FeedLine(LineVerdict.Garbage, Error: "the last line has no end");
            }
        }
    }

    private static FeedLine Parse(ReadOnlySequence<byte> line)
    {
        try
        {
            var json = new Utf8JsonReader(line);
            EdgeMessage? message = JsonSerializer.Deserialize(ref json, ContractsJson.Default.EdgeMessage);
            return message is null || json.Read()
                ? new FeedLine(LineVerdict.Garbage, Error: "a line holds one message")
                : new FeedLine(LineVerdict.Message, message);
        }
        catch (JsonException error)
        {
            return new FeedLine(LineVerdict.Garbage, Error: error.Message);
        }
        catch (NotSupportedException)
        {
            // What the serializer throws for an object that does not say its type.
            return new FeedLine(LineVerdict.Garbage, Error: "a message has a 'type' of hello, heartbeat, ack, explained, covered, popularity or prewarmed");
        }
    }
}
