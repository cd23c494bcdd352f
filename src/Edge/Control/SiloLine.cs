using System.Buffers;
using System.Text.Json;
using OrleansCdn.Contracts;
using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Control;

/// <summary>Reads one line of a silo.</summary>
internal static class SiloLine
{
    /// <summary>The message, or a <see cref="JsonException"/> that says where the line is wrong.</summary>
    /// <remarks>
    /// No message of the feed has a null in it (absent members are left out), but nullable annotations do not reach the
    /// elements of arrays: a null there would only be met when a request uses it. So any null is refused here.
    /// </remarks>
    public static SiloMessage Parse(in ReadOnlySequence<byte> line)
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
            return JsonSerializer.Deserialize(ref reader, ContractsJson.Default.SiloMessage)
                ?? throw new JsonException("a null instead of a message");
        }
        catch (NotSupportedException e)
        {
            throw new JsonException("no 'type' that names a message of the feed", e);
        }
    }
}
