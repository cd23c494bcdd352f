using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansCdn.Node.Links;

/// <summary>Reads one line of a silo.</summary>
public static class LineMessage
{
    /// <summary>The message, or a <see cref="JsonException"/> that says where the line is wrong.</summary>
    /// <remarks>
    /// No message of a feed has a null in it (absent members are left out), but nullable annotations do not reach the
    /// elements of arrays: a null there would only be met when it is used. So any null is refused here.
    /// </remarks>
    public static T Parse<T>(in ReadOnlySequence<byte> line, JsonTypeInfo<T> type)
        where T : class
    {
        Utf8JsonReader scan = new(line);
        while (scan.Read())
        {
            if (scan.TokenType == JsonTokenType.Null)
            {
                throw new JsonException($"a null at byte {scan.TokenStartIndex}, where the feed has none");
            }
        }

        Utf8JsonReader reader = new(line);
        try
        {
            return JsonSerializer.Deserialize(ref reader, type) ?? throw new JsonException("a null instead of a message");
        }
        catch (NotSupportedException e)
        {
            throw new JsonException("no 'type' that names a message of the feed", e);
        }
    }
}
