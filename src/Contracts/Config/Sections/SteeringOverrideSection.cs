using System.Net;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;
using OrleansCdn.Contracts.Config.Yaml;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class SteeringOverrideSection
{
    public static readonly ScalarKey<IPNetwork> Prefix = ScalarKey<IPNetwork>.Optional(
        "prefix", SteeringTexts.Prefix, "`asn` stands in its place", "Visitors' addresses; of several that hold one, the longest counts.");

    public static readonly ScalarKey<uint> Asn = ScalarKey<uint>.Optional(
        "asn", Numbers.Asn, "`prefix` stands in its place", "The AS number of visitors' networks. Needs `geo` with `asn`.");

    public static readonly ListKey<string> Pops = new("pops", SteeringTexts.Pop, 1, ConfigLimits.Pops, "Where they are sent, the most wanted first.");

    public static readonly KeyTable Table = new("dns.overrides[]", [Prefix, Asn, Pops]);

    public static SteeringOverrideConfig Bind(MapReader keys, HashSet<string> seen, SteeringNeeds needs)
    {
        Found<IPNetwork> prefix = keys.Read(Prefix);
        Found<uint> asn = keys.Read(Asn);
        if (!keys.HasUnknownKeys && (prefix.Node is null) == (asn.Node is null) && prefix.Valid && asn.Valid)
        {
            keys.Report(prefix.Node is null ? "says of nobody where they are sent" : "has both prefix and asn", "prefix or asn, one of them");
        }

        Once(prefix, seen, needs);
        Once(asn, seen, needs);
        if (asn.Given)
        {
            needs.Asn(asn.Node!);
        }

        return new SteeringOverrideConfig
        {
            Prefix = prefix.Given ? prefix.Value : null,
            Asn = asn.Given ? asn.Value : null,
            Pops = needs.Pops(keys.Read(Pops)),
        };
    }

    private static void Once<T>(Found<T> found, HashSet<string> seen, SteeringNeeds needs)
    {
        if (found.Given && !seen.Add($"{found.Value}"))
        {
            needs.Errors.Add(found.Node!, "is given twice", "one override for each");
        }
    }
}
