using System.Collections.Immutable;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;
using OrleansCdn.Contracts.Config.Yaml;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class ZoneSection
{
    public static readonly ScalarKey<string> Name = ScalarKey<string>.Must("name", HostNames.Domain, "The zone, without the dot at its end.");

    public static readonly ListKey<string> Nameservers = new(
        "nameservers", HostNames.Domain, 1, ConfigLimits.NameserversPerZone, "The names in its NS records; the first stands in the SOA record.");

    public static readonly ScalarKey<string> Hostmaster = ScalarKey<string>.Optional(
        "hostmaster", HostNames.Domain, "hostmaster in the zone", "Whom to write to, in the SOA record: `hostmaster.example.net` is hostmaster@example.net.");

    public static readonly ScalarKey<TimeSpan> Ttl = ScalarKey<TimeSpan>.May(
        "ttl", Seconds, ConfigDefaults.DnsTtl, "Time to live of steered answers, and of records that say none.");

    public static readonly ScalarKey<TimeSpan> NegativeTtl = ScalarKey<TimeSpan>.May(
        "negative-ttl", Seconds, ConfigDefaults.DnsNegativeTtl, "How long resolvers may remember that a name or record is not there.");

    public static readonly ScalarKey<uint> Serial = ScalarKey<uint>.Optional(
        "serial", SteeringTexts.Serial, "follows the config's version", "The serial number in the SOA record.");

    public static readonly ScalarKey<bool> Dnssec = ScalarKey<bool>.May(
        "dnssec", Numbers.Flag, ConfigDefaults.Dnssec, "Signs the answers.");

    public static readonly ScalarKey<string> Records = ScalarKey<string>.Optional(
        "records", SteeringTexts.Records, "no other records", "The zone's other records in the format of zone files (RFC 1035 §5), names relative to the zone.");

    public static readonly SectionKey File = new(
        "file", ZoneFileSection.Table, "`records`, or none", "The zone's other records in a file of their own, in place of `records`.", Short: ZoneFileSection.Path);

    public static readonly SectionListKey Steered = new(
        "steered", SteeredNameSection.Table, 0, ConfigLimits.SteeredNamesPerZone,
        "Names whose addresses are chosen for each visitor, relative to the zone; `@` is the zone's own name.", Short: SteeredNameSection.Name);

    public static readonly KeyTable Table = new("dns.zones[]", [Name, Nameservers, Hostmaster, Ttl, NegativeTtl, Serial, Dnssec, Records, File, Steered]);

    private static ScalarType<TimeSpan> Seconds => Durations.WholeSecondsBetween(ConfigLimits.MinDnsTtl, ConfigLimits.MaxDnsTtl);

    public static DnsZoneConfig Bind(MapReader keys, Dictionary<string, int> lineByName, FileFacts facts)
    {
        Found<string> name = keys.Read(Name);
        if (name.Given && !lineByName.TryAdd(name.Value, name.Node!.At.Line))
        {
            facts.Errors.Add(name.Node, $"is given twice, first in line {lineByName[name.Value]}", "each zone once");
        }

        Found<string> hostmaster = keys.Read(Hostmaster);
        Found<uint> serial = keys.Read(Serial);
        Found<string> records = keys.Read(Records);
        (string Path, string Text)? file = keys.Section(File) is MapReader fileKeys ? ZoneFileSection.Bind(fileKeys) : null;
        if (records.Node is not null && file is not null)
        {
            facts.Errors.Add(records.Node.At, records.Node.Path, null, "stands beside file", "records or file, one of them");
        }

        return new DnsZoneConfig
        {
            Name = name.Value,
            Nameservers = BindNameservers(keys.Read(Nameservers), facts.Errors),
            Hostmaster = hostmaster.Given ? hostmaster.Value : null,
            Ttl = keys.Read(Ttl).Value,
            NegativeTtl = keys.Read(NegativeTtl).Value,
            Serial = serial.Given ? serial.Value : null,
            Dnssec = keys.Read(Dnssec).Value,
            Records = file?.Text ?? (records.Given ? records.Value : null),
            RecordsFile = file?.Path,
            Steered = BindSteered(keys, name, facts),
        };
    }

    private static ImmutableArray<string> BindNameservers(ImmutableArray<Found<string>> names, ConfigErrors errors)
    {
        var seen = new HashSet<string>();
        foreach (Found<string> name in names.Where(name => !seen.Add(name.Value)))
        {
            errors.Add(name.Node!, "is given twice", "each name once");
        }

        return [.. names.Select(name => name.Value)];
    }

    private static ImmutableArray<SteeredNameConfig> BindSteered(MapReader keys, Found<string> zone, FileFacts facts)
    {
        var seen = new HashSet<string>();
        ImmutableArray<SteeredNameConfig>.Builder names = ImmutableArray.CreateBuilder<SteeredNameConfig>();
        foreach (MapReader item in keys.Sections(Steered))
        {
            if (SteeredNameSection.Bind(item, facts) is not var (steered, node))
            {
                continue;
            }

            names.Add(steered);
            if (RepeatsZone(steered.Name, zone) is string wrong)
            {
                facts.Errors.Add(node, wrong, null);
            }
            else if (!seen.Add(steered.Name))
            {
                facts.Errors.Add(node, "is given twice", "each name once");
            }
        }

        return names.ToImmutable();
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
}
