using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Embedded;

namespace Orleans.Serialization;

/// <summary>JSON for the payloads of grain calls.</summary>
public static class SerializationHostingExtensions
{
    /// <param name="isSupported">Which types go as JSON. Once given, a payload type of the project's own that no such delegate knows is refused, as in Orleans.</param>
    /// <param name="jsonSerializerOptions">Options of the JSON; null: the defaults of System.Text.Json.</param>
    public static ISerializerBuilder AddJsonSerializer(
        this ISerializerBuilder serializerBuilder, Func<Type, bool>? isSupported, JsonSerializerOptions? jsonSerializerOptions = null) =>
        serializerBuilder.AddJsonSerializer(isSupported, isSupported, builder => builder.Configure(options =>
        {
            if (jsonSerializerOptions is not null)
                options.SerializerOptions = jsonSerializerOptions;
        }));

    /// <inheritdoc cref="AddJsonSerializer(ISerializerBuilder, Func{Type, bool}?, JsonSerializerOptions?)"/>
    public static ISerializerBuilder AddJsonSerializer(
        this ISerializerBuilder serializerBuilder,
        Func<Type, bool>? isSerializable,
        Func<Type, bool>? isCopyable,
        Action<OptionsBuilder<JsonCodecOptions>>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(serializerBuilder);
        if (configureOptions is not null)
            configureOptions(serializerBuilder.Services.AddOptions<JsonCodecOptions>());
        if ((isSerializable ?? isCopyable) is { } isSupported)
            serializerBuilder.Services.AddSingleton(new JsonPayloadTypes(isSupported));
        return serializerBuilder;
    }
}
