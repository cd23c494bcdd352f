using System.Collections.Immutable;
using System.Globalization;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Sections;

namespace OrleansCdn.Contracts.Config.Diff;

/// <summary>The trees of what is answered in DNS.</summary>
internal static class DnsTrees
{
    public static ConfigBranch Of(DnsConfig dns) => ConfigTreeBuilder.Keys(
        (DnsSection.Geo, dns.Geo is GeoFilesConfig geo ? Of(geo) : null),
        (DnsSection.ClientSubnet, Of(dns.ClientSubnet)),
        (DnsSection.RateLimit, Of(dns.RateLimit)),
        (DnsSection.Overrides, ConfigTreeBuilder.ByPlace(dns.Overrides, Of)),
        (DnsSection.Rules, ConfigTreeBuilder.ByPlace(dns.Rules, Of)),
        (DnsSection.Default, ConfigTreeBuilder.Values(dns.Default, pop => pop)),
        (DnsSection.Zones, ConfigTreeBuilder.ById(dns.Zones, zone => zone.Name, Of)));

    private static ConfigBranch Of(GeoFilesConfig geo) => ConfigTreeBuilder.Keys(
        ConfigTreeBuilder.Leaf(GeoSection.Country, geo.Country),
        ConfigTreeBuilder.Leaf(GeoSection.Asn, geo.Asn));

    private static ConfigBranch Of(ClientSubnetConfig subnet) => ConfigTreeBuilder.Keys(
        ConfigTreeBuilder.Leaf(ClientSubnetSection.Ipv4, (int?)subnet.Ipv4Bits),
        ConfigTreeBuilder.Leaf(ClientSubnetSection.Ipv6, (int?)subnet.Ipv6Bits));

    private static ConfigBranch Of(ResponseRateConfig rate) => ConfigTreeBuilder.Keys(
        ConfigTreeBuilder.Leaf(ResponseRateSection.Responses, (int?)rate.ResponsesPerSecond),
        ConfigTreeBuilder.Leaf(ResponseRateSection.Slip, (int?)rate.Slip));

    private static ConfigBranch Of(SteeringOverrideConfig item) => ConfigTreeBuilder.Keys(
        ConfigTreeBuilder.Leaf(SteeringOverrideSection.Prefix, item.Prefix),
        ConfigTreeBuilder.Leaf(SteeringOverrideSection.Asn, item.Asn),
        (SteeringOverrideSection.Pops, ConfigTreeBuilder.Values(item.Pops, pop => pop)));

    private static ConfigBranch Of(SteeringRuleConfig rule) => ConfigTreeBuilder.Keys(
        ConfigTreeBuilder.Leaf(SteeringRuleSection.Name, rule.Name),
        ConfigTreeBuilder.Leaf(SteeringRuleSection.Continent, rule.Continent),
        (SteeringRuleSection.Countries, ConfigTreeBuilder.Values(rule.Countries, country => country)),
        (SteeringRuleSection.RegisteredCountries, ConfigTreeBuilder.Values(rule.RegisteredCountries, country => country)),
        (SteeringRuleSection.Asns, ConfigTreeBuilder.Values(rule.Asns, SteeringRuleSection.Asns.Item.Format)),
        (SteeringRuleSection.Result, ConfigTreeBuilder.Values(rule.Pops, pop => pop)));

    private static ConfigBranch Of(DnsZoneConfig zone) => ConfigTreeBuilder.Keys(
        (ZoneSection.Nameservers, ConfigTreeBuilder.Values(zone.Nameservers, nameserver => nameserver)),
        ConfigTreeBuilder.Leaf(ZoneSection.Hostmaster, zone.Hostmaster),
        ConfigTreeBuilder.Leaf(ZoneSection.Ttl, (TimeSpan?)zone.Ttl),
        ConfigTreeBuilder.Leaf(ZoneSection.NegativeTtl, (TimeSpan?)zone.NegativeTtl),
        ConfigTreeBuilder.Leaf(ZoneSection.Serial, zone.Serial),
        ConfigTreeBuilder.Leaf(ZoneSection.Dnssec, (bool?)zone.Dnssec),
        (ZoneSection.Records, zone.Records is null ? null : Lines(zone.Records)),
        (ZoneSection.File, zone.RecordsFile is null ? null : ConfigTreeBuilder.Keys(ConfigTreeBuilder.Leaf(ZoneFileSection.Path, zone.RecordsFile))),
        (ZoneSection.Steered, ConfigTreeBuilder.Values(zone.Steered, Text)));

    /// <summary>
    /// Line by line, whichever key they came by, so that an edited record is one that went and one that came. Lines that are alike
    /// (blank ones, <c>)</c>) are told apart by their count.
    /// </summary>
    private static ConfigValues Lines(string records)
    {
        var seen = new Dictionary<string, int>();
        ImmutableArray<string>.Builder lines = ImmutableArray.CreateBuilder<string>();
        foreach (string line in records.Split('\n'))
        {
            seen[line] = seen.GetValueOrDefault(line) + 1;
            lines.Add(seen[line] == 1 ? line : string.Create(CultureInfo.InvariantCulture, $"{line} ({seen[line]})"));
        }

        return new ConfigValues(lines.ToImmutable());
    }

    private static string Text(SteeredNameConfig name) => name switch
    {
        { RandomId: false, Explain: false } => name.Name,
        { RandomId: true, Explain: false } => $"{{ name: {name.Name}, random-id: true }}",
        { RandomId: false } => $"{{ name: {name.Name}, explain: true }}",
        _ => $"{{ name: {name.Name}, random-id: true, explain: true }}",
    };
}
