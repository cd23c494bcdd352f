using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansCdn.Contracts.Config;

/// <summary><c>address:port</c>, IPv6 in brackets.</summary>
public sealed class IPEndPointConverter : JsonConverter<IPEndPoint>
{
    public override IPEndPoint? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        IPEndPoint.TryParse(reader.GetString() ?? "", out IPEndPoint? value) ? value : throw new JsonException("not an address:port");

    public override void Write(Utf8JsonWriter writer, IPEndPoint value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

/// <summary>Array of <c>address:port</c>; an address alone, as configs of before had them, means BGP's port.</summary>
public sealed class NeighborArrayConverter() : TextArrayConverter<IPEndPoint>(TryParse)
{
    private static bool TryParse(string text, out IPEndPoint? value)
    {
        if (!IPEndPoint.TryParse(text, out value))
        {
            return false;
        }

        value.Port = value.Port == 0 ? ConfigDefaults.BgpPort : value.Port;
        return true;
    }
}

/// <summary>Array of prefixes as <c>address/length</c>.</summary>
public sealed class IPNetworkArrayConverter() : TextArrayConverter<IPNetwork>(IPNetwork.TryParse);

/// <summary>Array of addresses.</summary>
public sealed class IPAddressArrayConverter() : TextArrayConverter<IPAddress>(IPAddress.TryParse);

/// <summary>JSON array of the text forms of <typeparamref name="T"/>.</summary>
public abstract class TextArrayConverter<T>(TextArrayConverter<T>.Parser parse) : JsonConverter<ImmutableArray<T>>
{
    public delegate bool Parser(string text, out T? value);

    public override ImmutableArray<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("expected an array");
        }

        ImmutableArray<T>.Builder values = ImmutableArray.CreateBuilder<T>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.String || !parse(reader.GetString()!, out T? value))
            {
                throw new JsonException($"not a {typeof(T).Name}");
            }

            values.Add(value!);
        }

        return values.ToImmutable();
    }

    public override void Write(Utf8JsonWriter writer, ImmutableArray<T> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (T item in value.IsDefault ? [] : value)
        {
            writer.WriteStringValue(item!.ToString());
        }

        writer.WriteEndArray();
    }
}
