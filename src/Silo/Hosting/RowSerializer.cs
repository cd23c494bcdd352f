using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans.Storage;

namespace OrleansCdn.Silo.Hosting;

/// <summary>Durable rows as plain JSON without type names, so that a renamed type still reads what it wrote.</summary>
internal sealed class RowSerializer : IGrainStorageSerializer
{
    /// <summary>Of rows, and of what crosses grain calls.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        AllowOutOfOrderMetadataProperties = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, Json));

    public T? Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input.ToMemory().Span, Json);
}
