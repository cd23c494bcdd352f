using System.Text.Json;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Serialization;
using Orleans.Storage;
using OrleansCdn.Contracts;
using OrleansCdn.Grains;
using OrleansCdn.Silo.Options;

namespace OrleansCdn.Silo.Hosting;

/// <summary>What the grains run on. The same for both engines: their own settings are configuration keys under <c>Orleans</c>.</summary>
internal static class Engine
{
    public const string DatabaseKey = "Orleans:Embedded:Database";

    /// <summary>Who fills and holds an object is worth remembering for as long as its next visitor is likely; each grain costs about a kilobyte.</summary>
    private static readonly TimeSpan ObjectGrainAge = TimeSpan.FromMinutes(5);

    public static void Configure(ISiloBuilder silo)
    {
        silo.Configure<GrainCollectionOptions>(collection =>
            collection.ClassSpecificCollectionAge[GrainKeys.ObjectGrainClass] = ObjectGrainAge);
        silo.ConfigureServices(services =>
        {
            services.AddSerializer(serializer => serializer.AddJsonSerializer(
                isSupported: type => type.Namespace?.StartsWith("OrleansCdn", StringComparison.Ordinal) == true,
                jsonSerializerOptions: RowSerializer.Json));
            services.AddSingleton<IGrainStorageSerializer, RowSerializer>();
        });
    }

    /// <summary>Defaults that depend on the options; a setting of the same key wins.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Defaults(Options.SiloOptions options) =>
    [
        KeyValuePair.Create(DatabaseKey, (string?)Path.Combine(options.Data, "silo.db")),
        KeyValuePair.Create("Orleans:Name", (string?)options.Name),
    ];
}
