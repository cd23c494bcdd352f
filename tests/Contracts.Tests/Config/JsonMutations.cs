using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansCdn.Contracts.Config;

namespace OrleansCdn.Contracts.Tests.Config;

/// <summary>Each member of a config's JSON in turn taken out or replaced by something else.</summary>
internal static class JsonMutations
{
    /// <summary>Right and wrong ones of every kind of value.</summary>
    private static readonly string[] Replacements =
    [
        "null", "0", "2", "-1", "1e300", "99999999999999999999", "\"\"", "\"x\"", "[]", "{}", "[null]", "[1]", "[\"x\"]", "true", "false",
        "\"[::1]:1\"", "\"300.1.1.1:80\"", "[\"192.0.2.9\"]", "[\"192.0.2.0/24\"]", "[\"10.0.0.1/8\"]", "\"00:00:07\"", "\"-00:00:01\"",
        "\"http://other.example.net\"", "\"/relative\"", "\"Cluster\"", "\"Http1\"", "\"RouteServer\"",
    ];

    /// <summary>Those that are read as configs.</summary>
    public static IEnumerable<CdnConfig> Of(CdnConfig config)
    {
        foreach (string json in TextsOf(JsonSerializer.Serialize(config, ContractsJson.Default.CdnConfig)))
        {
            if (TryRead(json) is CdnConfig mutation)
            {
                yield return mutation;
            }
        }
    }

    public static IEnumerable<string> TextsOf(string json)
    {
        foreach (string path in Paths(JsonNode.Parse(json)!))
        {
            foreach (string? replacement in Replacements.Append(null))
            {
                JsonNode root = JsonNode.Parse(json)!;
                Replace(root, path, replacement);
                yield return root.ToJsonString();
            }
        }
    }

    /// <returns>Null: refused with a <see cref="JsonException"/>. Anything else that is thrown is a bug.</returns>
    public static CdnConfig? TryRead(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ContractsJson.Default.CdnConfig);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Paths(JsonNode node) => node switch
    {
        JsonObject map => map.SelectMany(member => Below(member.Value, member.Key)),
        JsonArray list => list.SelectMany((item, index) => Below(item, $"{index}")),
        _ => [],
    };

    private static IEnumerable<string> Below(JsonNode? node, string name) =>
        node is null ? [name] : Paths(node).Select(path => $"{name}/{path}").Prepend(name);

    private static void Replace(JsonNode root, string path, string? replacement)
    {
        string[] names = path.Split('/');
        JsonNode parent = names[..^1].Aggregate(root, (node, name) => node is JsonArray list ? list[int.Parse(name)]! : node[name]!);
        JsonNode? value = replacement is null ? null : JsonNode.Parse(replacement);
        switch (parent)
        {
            case JsonArray list when replacement is null:
                list.RemoveAt(int.Parse(names[^1]));
                break;
            case JsonArray list:
                list[int.Parse(names[^1])] = value;
                break;
            case JsonObject map when replacement is null:
                map.Remove(names[^1]);
                break;
            case JsonObject map:
                map[names[^1]] = value;
                break;
        }
    }
}
