using System.Text.Json;

namespace Orleans.Serialization;

/// <summary>How payloads become JSON.</summary>
public class JsonCodecOptions
{
    public JsonSerializerOptions SerializerOptions { get; set; } = new();
}
