using System.Collections.Immutable;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Dns.Geo;
using OrleansCdn.Dns.Steering;

namespace OrleansCdn.Dns.FromConfig;

/// <summary>What the config says of steering, in the steering's own words.</summary>
public static class ConfiguredSteering
{
    public static SteeringPolicy Policy(CdnConfig config)
    {
        DnsConfig? dns = config.Dns;
        return new SteeringPolicy
        {
            Pops = [.. config.Pops.Select(pop => new SteeringPop(pop.Id, pop.Location.Latitude, pop.Location.Longitude))],
            Prefixes = [.. Overrides(dns).Where(item => item.Prefix is not null).Select(item => new PrefixOverride(item.Prefix!.Value, item.Pops))],
            Asns = [.. Overrides(dns).Where(item => item.Asn is not null).Select(item => new AsnOverride(item.Asn!.Value, item.Pops))],
            Rules = [.. (dns?.Rules ?? []).Select(Rule)],
            Default = dns?.Default ?? [],
        };
    }

    /// <summary>Places of PoPs in the config, as they are tried for visitors of whom nothing is known.</summary>
    public static ImmutableArray<int> DefaultOrder(CdnConfig config)
    {
        ImmutableArray<string> ids = [.. config.Pops.Select(pop => pop.Id)];
        return [.. (config.Dns?.Default ?? []).Select(id => ids.IndexOf(id)).Where(index => index >= 0).Concat(Enumerable.Range(0, ids.Length)).Distinct()];
    }

    /// <summary>Whether two configs steer alike, so that what was compiled for the one is right for the other.</summary>
    public static bool AreAlike(SteeringPolicy one, SteeringPolicy other) =>
        one.Pops.SequenceEqual(other.Pops)
        && one.Default.SequenceEqual(other.Default)
        && one.Prefixes.SequenceEqual(other.Prefixes, Equality<PrefixOverride>((a, b) => a.Prefix.Equals(b.Prefix) && a.Pops.SequenceEqual(b.Pops)))
        && one.Asns.SequenceEqual(other.Asns, Equality<AsnOverride>((a, b) => a.Asn == b.Asn && a.Pops.SequenceEqual(b.Pops)))
        && one.Rules.SequenceEqual(other.Rules, Equality<SteeringRule>((a, b) =>
            a.Name == b.Name && a.Continent == b.Continent && a.Countries.SequenceEqual(b.Countries)
            && a.RegisteredCountries.SequenceEqual(b.RegisteredCountries) && a.Asns.SequenceEqual(b.Asns) && a.Pops.SequenceEqual(b.Pops)));

    private static ImmutableArray<SteeringOverrideConfig> Overrides(DnsConfig? dns) => dns?.Overrides ?? [];

    private static SteeringRule Rule(SteeringRuleConfig rule) => new()
    {
        Name = rule.Name,
        Continent = rule.Continent is null ? default : GeoCode.Parse(rule.Continent),
        Countries = [.. rule.Countries.Select(GeoCode.Parse)],
        RegisteredCountries = [.. rule.RegisteredCountries.Select(GeoCode.Parse)],
        Asns = rule.Asns,
        Pops = rule.Pops,
    };

    private static EqualityComparer<T> Equality<T>(Func<T, T, bool> equal) => EqualityComparer<T>.Create((a, b) => equal(a!, b!));
}
