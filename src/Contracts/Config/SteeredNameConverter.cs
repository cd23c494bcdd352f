using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Config;

/// <summary>A name alone is text, as in configs of before; with options it is an object.</summary>
public sealed class SteeredNameConverter : JsonConverter<SteeredNameConfig>
{
    public override SteeredNameConfig Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new SteeredNameConfig { Name = reader.GetString()! };
        }

        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        JsonElement json = document.RootElement;
        return json.ValueKind == JsonValueKind.Object && json.TryGetProperty("name", out JsonElement name) && name.ValueKind == JsonValueKind.String
            ? new SteeredNameConfig { Name = name.GetString()!, RandomId = Flag(json, "randomId"), Explain = Flag(json, "explain") }
            : throw new JsonException("not a steered name");
    }

    public override void Write(Utf8JsonWriter writer, SteeredNameConfig value, JsonSerializerOptions options)
    {
        if (value is { RandomId: false, Explain: false })
        {
            writer.WriteStringValue(value.Name);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("name", value.Name);
        writer.WriteBoolean("randomId", value.RandomId);
        writer.WriteBoolean("explain", value.Explain);
        writer.WriteEndObject();
    }

    private static bool Flag(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value)
        && (value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw new JsonException($"{name} is neither true nor false"));
}
