using System.Text.Json;
using Orleans.Storage;

namespace Orleans.Embedded;

/// <summary>The form of stored state if no other serializer is registered: JSON with the options of the call payloads.</summary>
internal sealed class JsonStateSerializer(JsonSerializerOptions options) : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, options));

    public T? Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input.ToMemory().Span, options);
}
