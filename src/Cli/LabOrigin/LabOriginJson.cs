using System.Text.Json.Serialization;

namespace OrleansCdn.Cli.LabOrigin;

[JsonSerializable(typeof(SortedDictionary<string, long>))]
internal sealed partial class LabOriginJson : JsonSerializerContext;
