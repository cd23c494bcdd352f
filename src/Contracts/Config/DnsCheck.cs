using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config;

/// <summary>The part of <see cref="SnapshotCheck"/> for DNS.</summary>
internal static class DnsCheck
{
    public static void ThrowIfBroken(DnsConfig dns, CdnConfig config)
    {
        SnapshotCheck.Require(!dns.Zones.IsDefaultOrEmpty, "dns.zones");
        SnapshotCheck.EachById(dns.Zones, zone => zone.Name, "dns.zones", Check);
        SnapshotCheck.Require(dns.ClientSubnet.Ipv4Bits is >= 0 and <= ConfigLimits.MaxClientSubnetIpv4Bits, "dns.clientSubnet.ipv4Bits");
        SnapshotCheck.Require(dns.ClientSubnet.Ipv6Bits is >= 0 and <= ConfigLimits.MaxClientSubnetIpv6Bits, "dns.clientSubnet.ipv6Bits");
        SnapshotCheck.Require(dns.RateLimit.ResponsesPerSecond is >= 0 and <= ConfigLimits.MaxDnsResponseRate, "dns.rateLimit.responsesPerSecond");
        SnapshotCheck.Require(dns.RateLimit.Slip is >= 0 and <= ConfigLimits.MaxDnsSlip, "dns.rateLimit.slip");
        SnapshotCheck.Require(dns.Geo?.Country is null || Tokens.FilePath.Parse(dns.Geo.Country, out _) is null, "dns.geo.country");
        SnapshotCheck.Require(dns.Geo?.Asn is null || Tokens.FilePath.Parse(dns.Geo.Asn, out _) is null, "dns.geo.asn");
        Pops(dns.Default, "dns.default", config);
        SnapshotCheck.Each(dns.Overrides, "dns.overrides", (item, path) =>
        {
            SnapshotCheck.Require((item.Prefix is null) != (item.Asn is null), path);
            SnapshotCheck.Require(item.Prefix is not IPNetwork prefix || SteeringTexts.Prefix.Parse(prefix.ToString(), out _) is null, $"{path}.prefix");
            SnapshotCheck.Require(!item.Pops.IsDefaultOrEmpty, $"{path}.pops");
            Pops(item.Pops, $"{path}.pops", config);
        });
        SnapshotCheck.Each(dns.Rules, "dns.rules", (rule, path) =>
        {
            SnapshotCheck.RequireIs(Tokens.Title, rule.Name, $"{path}.name");
            SnapshotCheck.Require(rule.Continent is null || Places.Continent.Parse(rule.Continent, out _) is null, $"{path}.continent");
            SnapshotCheck.EachIs(Places.Country, rule.Countries, $"{path}.countries");
            SnapshotCheck.EachIs(Places.Country, rule.RegisteredCountries, $"{path}.registeredCountries");
            SnapshotCheck.Require(!rule.Pops.IsDefaultOrEmpty, $"{path}.pops");
            Pops(rule.Pops, $"{path}.pops", config);
        });
    }

    private static void Pops(ImmutableArray<string> pops, string path, CdnConfig config) => SnapshotCheck.Each(
        pops, path, (pop, where) => SnapshotCheck.Require(config.FindPop(pop) is not null, where));

    private static void Check(DnsZoneConfig zone, string path)
    {
        SnapshotCheck.RequireIs(HostNames.Domain, zone.Name, $"{path}.name");
        SnapshotCheck.Require(!zone.Nameservers.IsDefaultOrEmpty, $"{path}.nameservers");
        SnapshotCheck.EachIs(HostNames.Domain, zone.Nameservers, $"{path}.nameservers");
        SnapshotCheck.Require(zone.Hostmaster is null || HostNames.Domain.Parse(zone.Hostmaster, out _) is null, $"{path}.hostmaster");
        SnapshotCheck.Require(zone.Serial is not 0, $"{path}.serial");
        SnapshotCheck.Require(zone.Records is null || SteeringTexts.Records.Parse(zone.Records, out _) is null, $"{path}.records");
        SnapshotCheck.Require(zone.RecordsFile is null || SteeringTexts.ZoneFile.Parse(zone.RecordsFile, out _) is null, $"{path}.recordsFile");
        SnapshotCheck.EachById(zone.Steered, steered => steered.Name, $"{path}.steered", static (steered, where) =>
            SnapshotCheck.RequireIs(HostNames.RelativeName, steered.Name, $"{where}.name"));
        SnapshotCheck.Require(SnapshotCheck.IsBetween(zone.Ttl, ConfigLimits.MinDnsTtl, ConfigLimits.MaxDnsTtl), $"{path}.ttl");
        SnapshotCheck.Require(SnapshotCheck.IsBetween(zone.NegativeTtl, ConfigLimits.MinDnsTtl, ConfigLimits.MaxDnsTtl), $"{path}.negativeTtl");
    }
}
