using System.Collections.Immutable;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class DnsSection
{
    public static readonly SectionKey Geo = new(
        "geo", GeoSection.Table, "visitors' places are not known", "Databases of places and networks, in MaxMind's format, on each edge's disk.");

    public static readonly SectionKey ClientSubnet = new(
        "client-subnet", ClientSubnetSection.Table, "the defaults of its keys", "How much of a visitor's address counts when a resolver sends it (RFC 7871).");

    public static readonly SectionKey RateLimit = new(
        "rate-limit", ResponseRateSection.Table, "the defaults of its keys", "Bounds what an attacker can send to others through the edges.");

    public static readonly SectionListKey Overrides = new(
        "overrides", SteeringOverrideSection.Table, 0, ConfigLimits.SteeringOverrides, "Visitors that are sent to certain PoPs whatever the rules say.");

    public static readonly SectionListKey Rules = new(
        "rules", SteeringRuleSection.Table, 0, ConfigLimits.SteeringRules,
        "Where visitors are sent. Tried in order; the first whose conditions all hold decides. Who matches none goes to the nearest PoP.");

    public static readonly ListKey<string> Default = new(
        "default", SteeringTexts.Pop, 0, ConfigLimits.Pops,
        "PoPs in the order in which they are tried for visitors of whom nothing is known; without it that of the file.");

    public static readonly SectionListKey Zones = new(
        "zones", ZoneSection.Table, 1, ConfigLimits.Zones, "The zones that the edges answer for.");

    public static readonly KeyTable Table = new("dns", [Geo, ClientSubnet, RateLimit, Overrides, Rules, Default, Zones]);

    public static DnsConfig Bind(MapReader keys, FileFacts facts)
    {
        (GeoFilesConfig? geo, bool geoIsRight) = keys.Section(Geo) is MapReader geoKeys ? GeoSection.Bind(geoKeys) : (null, !keys.Has(Geo));
        var needs = new SteeringNeeds(facts, geo, geoIsWrong: keys.HasUnknownKeys || !geoIsRight);
        var overridden = new HashSet<string>();
        var lineByName = new Dictionary<string, int>();
        var dns = new DnsConfig
        {
            Geo = geo,
            ClientSubnet = keys.Section(ClientSubnet) is MapReader subnet ? ClientSubnetSection.Bind(subnet) : ClientSubnetConfig.Default,
            RateLimit = keys.Section(RateLimit) is MapReader rate ? ResponseRateSection.Bind(rate) : ResponseRateConfig.Default,
            Overrides = [.. keys.Sections(Overrides).Select(item => SteeringOverrideSection.Bind(item, overridden, needs))],
            Rules = [.. keys.Sections(Rules).Select(rule => SteeringRuleSection.Bind(rule, needs))],
            Default = needs.Pops(keys.Read(Default)),
            Zones = [.. keys.Sections(Zones).Select(zone => ZoneSection.Bind(zone, lineByName, facts))],
        };
        if (dns.Zones.Length > 0 && facts is { AnyEdgeListensForDns: false, AnyEdgeIsWrong: false, LargestMemory: > 0 })
        {
            keys.Report("has zones, and no edge listens for DNS", "dns with an address:port at an edge");
        }

        return dns;
    }
}
