using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Dns.Answering;
using OrleansCdn.Dns.Zones;

namespace OrleansCdn.Dns.FromConfig;

/// <summary>Makes what steered names need beside their records; null: they have none of it.</summary>
/// <param name="Visits">For names with random ids.</param>
/// <param name="Explainer">For names that explain.</param>
public sealed record SteeredMakers(Func<string, VisitAddresses?> Visits, Func<string, SteeringExplainer?> Explainer)
{
    /// <summary>For checks and for questions about addresses.</summary>
    public static readonly SteeredMakers None = new(_ => null, _ => null);
}

/// <summary>The zones of a config, with their steered names.</summary>
public static class ConfiguredZones
{
    /// <param name="config">Valid.</param>
    /// <param name="version">Of the config: the serial of zones that name none.</param>
    /// <param name="makers">Called with the name, absolute, without the dot at its end.</param>
    /// <returns>In the order of the config.</returns>
    public static ImmutableArray<CompiledZone> Compile(CdnConfig config, long version, SteeredMakers makers) =>
        ZoneCompiler.Compile((config.Dns?.Zones ?? []).Select(zone => Source(config, zone, version, makers)));

    private static ZoneSource Source(CdnConfig config, DnsZoneConfig zone, long version, SteeredMakers makers)
    {
        uint ttl = (uint)zone.Ttl.TotalSeconds;
        return new ZoneSource
        {
            Name = zone.Name,
            Nameservers = zone.Nameservers,
            Hostmaster = zone.Hostmaster,
            Ttl = ttl,
            NegativeTtl = (uint)zone.NegativeTtl.TotalSeconds,
            Serial = zone.Serial ?? SerialOf(version),
            Records = zone.Records,
            Steered = [.. zone.Steered.Select(name => new SteeredSource(name.Name, Answers(config, zone, name, ttl, makers), name.Explain))],
        };
    }

    /// <summary>Versions of a config begin at 1; 0 comes from configs that have none, and serial 0 is for those that have never counted.</summary>
    private static uint SerialOf(long version) => Math.Max(1, unchecked((uint)version));

    private static SteeredName Answers(CdnConfig config, DnsZoneConfig zone, SteeredNameConfig name, uint ttl, SteeredMakers makers)
    {
        string host = name.Name == "@" ? zone.Name : $"{name.Name}.{zone.Name}";
        return new SteeredName(SteeredRecords.Of(config, host, name, ttl), ttl)
        {
            VisitAddresses = name.RandomId ? makers.Visits(host) : null,
            Explainer = name.Explain ? makers.Explainer(host) : null,
        };
    }
}
