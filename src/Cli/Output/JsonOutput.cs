using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansCdn.Cli.Output;

/// <summary>With <c>--json</c> standard output carries exactly one JSON document, on one line.</summary>
internal static class JsonOutput
{
    public static void WriteJson<T>(this CliHost host, T value, JsonTypeInfo<T> type) =>
        host.Out.WriteLine(JsonSerializer.Serialize(value, type));
}
