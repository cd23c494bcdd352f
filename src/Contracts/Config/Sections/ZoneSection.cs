using System.Collections.Immutable;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class ZoneSection
{
    public static readonly ScalarKey<string> Name = ScalarKey<string>.Must("name", HostNames.Domain, "The zone, without the dot at its end.");

    public static readonly ListKey<string> Nameservers = new(
        "nameservers", HostNames.Domain, 1, ConfigLimits.NameserversPerZone, "The names in its NS records; the first stands in the SOA record.");

    public static readonly ScalarKey<TimeSpan> Ttl = ScalarKey<TimeSpan>.May(
        "ttl", Durations.WholeSecondsBetween(ConfigLimits.MinDnsTtl, ConfigLimits.MaxDnsTtl), ConfigDefaults.DnsTtl,
        "Time to live of steered answers.");

    public static readonly ListKey<string> Steered = new(
        "steered", HostNames.RelativeName, 0, ConfigLimits.SteeredNamesPerZone,
        "Names whose addresses are chosen for each visitor, relative to the zone; `@` is the zone's own name.");

    public static readonly KeyTable Table = new("dns.zones[]", [Name, Nameservers, Ttl, Steered]);

    public static DnsZoneConfig Bind(MapReader keys, Dictionary<string, int> lineByName, ConfigErrors errors)
    {
        Found<string> name = keys.Read(Name);
        if (name.Given && !lineByName.TryAdd(name.Value, name.Node!.At.Line))
        {
            errors.Add(name.Node, $"is given twice, first in line {lineByName[name.Value]}", "each zone once");
        }

        return new DnsZoneConfig
        {
            Name = name.Value,
            Nameservers = BindNames(keys.Read(Nameservers), _ => null, errors),
            Ttl = keys.Read(Ttl).Value,
            Steered = BindNames(keys.Read(Steered), steered => RepeatsZone(steered, name), errors),
        };
    }

    /// <summary>www.example.net in the zone example.net would mean www.example.net.example.net.</summary>
    private static string? RepeatsZone(string steered, Found<string> zone)
    {
        if (!zone.Given || (steered != zone.Value && !steered.EndsWith("." + zone.Value, StringComparison.Ordinal)))
        {
            return null;
        }

        return $"repeats the zone's name: write {(steered == zone.Value ? "@" : steered[..^(zone.Value.Length + 1)])}";
    }

    private static ImmutableArray<string> BindNames(ImmutableArray<Found<string>> names, Func<string, string?> problem, ConfigErrors errors)
    {
        var seen = new HashSet<string>();
        foreach (Found<string> name in names)
        {
            if (problem(name.Value) is string wrong)
            {
                errors.Add(name.Node!, wrong, null);
            }
            else if (!seen.Add(name.Value))
            {
                errors.Add(name.Node!, "is given twice", "each name once");
            }
        }

        return [.. names.Select(name => name.Value)];
    }
}
