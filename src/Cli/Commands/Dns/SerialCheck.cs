using System.Collections.Immutable;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Dns.FromConfig;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Cli.Commands.Dns;

/// <summary>Serials of a file against those in force: who keeps copies of a zone sees changes by them alone (RFC 1982).</summary>
internal static class SerialCheck
{
    /// <param name="next">Compiled as the version after the one in force.</param>
    /// <param name="inForce">The config that edges answer by.</param>
    /// <returns>By the zone's name.</returns>
    public static ImmutableDictionary<string, string> Warnings(ImmutableArray<CompiledZone> next, ConfigVersionReply inForce)
    {
        if (ConfigReader.Read(inForce.Yaml).Config is not CdnConfig config)
        {
            return [];
        }

        var before = ConfiguredZones.Compile(config, inForce.Info.Version, SteeredMakers.None)
            .Where(zone => zone.Zone is not null)
            .ToDictionary(zone => zone.Source.Name, zone => zone.Zone!);
        return next
            .Where(zone => before.ContainsKey(zone.Source.Name))
            .Select(zone => (zone.Source.Name, Warning: Warning(zone.Zone!, before[zone.Source.Name])))
            .Where(found => found.Warning is not null)
            .ToImmutableDictionary(found => found.Name, found => found.Warning!);
    }

    private static string? Warning(Zone next, Zone before)
    {
        if (next.Serial == before.Serial)
        {
            return ZoneContent.AreAlike(next, before)
                ? null
                : $"its records differ from those in force, and its serial is still {next.Serial}; write {unchecked(before.Serial + 1)}, or leave serial out";
        }

        return SerialNumber.IsAfter(next.Serial, before.Serial)
            ? null
            : $"its serial {next.Serial} is before {before.Serial}, which is in force (RFC 1982); write {unchecked(before.Serial + 1)} or more";
    }
}
