using System.Collections.Immutable;
using OrleansCdn.Contracts.Config.Binding;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class DnsSection
{
    public static readonly SectionListKey Zones = new(
        "zones", ZoneSection.Table, 1, ConfigLimits.Zones, "The zones that the edges answer for.");

    public static readonly KeyTable Table = new("dns", [Zones]);

    public static DnsConfig Bind(MapReader keys, FileFacts facts)
    {
        var lineByName = new Dictionary<string, int>();
        ImmutableArray<DnsZoneConfig> zones = [.. keys.Sections(Zones).Select(zone => ZoneSection.Bind(zone, lineByName, facts.Errors))];
        if (zones.Length > 0 && facts is { AnyEdgeListensForDns: false, AnyEdgeIsWrong: false, LargestMemory: > 0 })
        {
            keys.Report("has zones, and no edge listens for DNS", "dns with an address:port at an edge");
        }

        return new DnsConfig { Zones = zones };
    }
}
