using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;
using OrleansCdn.Contracts.Config.Yaml;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class SteeredNameSection
{
    public static readonly ScalarKey<string> Name = ScalarKey<string>.Must("name", HostNames.RelativeName, "The name, relative to the zone.");

    public static readonly ScalarKey<bool> RandomId = ScalarKey<bool>.May(
        "random-id", Numbers.Flag, ConfigDefaults.RandomId,
        "AAAA answers carry a number by which the web side shows how the visitor's query came. Needs `id-prefix` at a PoP.");

    public static readonly ScalarKey<bool> Explain = ScalarKey<bool>.May(
        "explain", Numbers.Flag, ConfigDefaults.ExplainInTxt, "TXT answers say why this visitor is sent where they are.");

    public static readonly KeyTable Table = new("dns.zones[].steered[]", [Name, RandomId, Explain]);

    /// <returns>The name with its place; null when it is wrong.</returns>
    public static (SteeredNameConfig Config, YamlText Node)? Bind(MapReader keys, FileFacts facts)
    {
        Found<string> name = keys.Read(Name);
        Found<bool> randomId = keys.Read(RandomId);
        Found<bool> explain = keys.Read(Explain);
        if (randomId is { Given: true, Value: true } && facts is { IdPrefixes.Count: 0, AnyIdPrefixIsWrong: false })
        {
            facts.Errors.Add(randomId.Node!, "needs addresses with room for a number, and no PoP has any", "id-prefix at a PoP, or no random-id");
        }

        return name.Given
            ? (new SteeredNameConfig { Name = name.Value, RandomId = randomId.Value, Explain = explain.Value }, name.Node!)
            : null;
    }
}
