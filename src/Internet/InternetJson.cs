using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansCdn.Internet.Catchments;

namespace OrleansCdn.Internet;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Forecast))]
public sealed partial class InternetJson : JsonSerializerContext;
