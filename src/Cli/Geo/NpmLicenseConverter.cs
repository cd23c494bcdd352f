using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansCdn.Cli.Geo;

/// <summary>A text today; packages of long ago have objects, which say nothing here.</summary>
internal sealed class NpmLicenseConverter : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        reader.Skip();
        return null;
    }

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
