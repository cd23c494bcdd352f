using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class UpstreamSection
{
    public static readonly ScalarKey<UpstreamKind> Kind = ScalarKey<UpstreamKind>.May(
        "kind",
        Tokens.Choice(("transit", UpstreamKind.Transit), ("peer", UpstreamKind.Peer), ("route-server", UpstreamKind.RouteServer)),
        ConfigDefaults.Kind,
        "What the network is to you.");

    public static readonly ScalarKey<string> Provider = ScalarKey<string>.Optional(
        "provider", Tokens.Name, "the id", "Whose BGP communities apply: the name of a provider's catalogue.");

    public static readonly ScalarKey<uint> Asn = ScalarKey<uint>.Must("asn", Numbers.Asn, "The neighbour's AS number.");

    public static readonly ListKey<IPAddress> Neighbors = new(
        "neighbors", Endpoints.Neighbor, 1, ConfigLimits.NeighborsPerUpstream, "Its routers; one session with each.");

    public static readonly ScalarKey<bool> Announce = ScalarKey<bool>.May(
        "announce", Numbers.Flag, ConfigDefaults.Announce, "False withdraws the prefixes from this upstream altogether.");

    public static readonly ScalarKey<int> Prepend = ScalarKey<int>.May(
        "prepend", Numbers.Whole(0, ConfigLimits.MaxPrepend), ConfigDefaults.Prepend,
        "How often your AS number is repeated towards this upstream: the more, the less attractive.");

    public static readonly SectionMapKey Carriers = new(
        "carriers", Tokens.Name, CarrierSection.Table, 0, ConfigLimits.CarriersPerUpstream, "Networks reached through this upstream, with what each of them is to see.");

    public static readonly KeyTable Table = new("pops.ID.upstreams.ID", [Kind, Provider, Asn, Neighbors, Announce, Prepend, Carriers]);

    public static UpstreamConfig Bind(string id, MapReader keys, FileFacts facts)
    {
        facts.FirstUpstream ??= keys;
        Found<string> provider = keys.Read(Provider);
        Found<UpstreamKind> kind = keys.Read(Kind);
        Found<uint> asn = keys.Read(Asn);
        return new UpstreamConfig
        {
            Id = id,
            Kind = kind.Value,
            Asn = asn.Value,
            Provider = provider.Given ? provider.Value : id,
            Neighbors = BindNeighbors(keys, facts.Errors),
            Announce = keys.Read(Announce).Value,
            Prepend = keys.Read(Prepend).Value,
            Carriers = BindCarriers(keys, facts.Errors),
        };
    }

    private static ImmutableArray<IPAddress> BindNeighbors(MapReader keys, ConfigErrors errors)
    {
        var seen = new List<IPAddress>();
        foreach (Found<IPAddress> neighbor in keys.Read(Neighbors))
        {
            if (seen.Contains(neighbor.Value))
            {
                errors.Add(neighbor.Node!, "is given twice", "each neighbour once");
            }

            seen.Add(neighbor.Value);
        }

        return [.. seen];
    }

    private static ImmutableArray<CarrierConfig> BindCarriers(MapReader keys, ConfigErrors errors)
    {
        var nameByAsn = new Dictionary<uint, string>();
        ImmutableArray<CarrierConfig>.Builder carriers = ImmutableArray.CreateBuilder<CarrierConfig>();
        foreach ((string name, MapReader section) in keys.Sections(Carriers))
        {
            Found<uint> asn = section.Read(CarrierSection.Asn);
            if (asn.Given && !nameByAsn.TryAdd(asn.Value, name))
            {
                errors.Add(asn.Node!, $"is the AS number of carrier {nameByAsn[asn.Value]} too", "each AS number once in an upstream");
            }

            carriers.Add(new CarrierConfig
            {
                Name = name,
                Asn = asn.Value,
                Prepend = section.Read(CarrierSection.Prepend).Value,
                Withdraw = section.Read(CarrierSection.Withdraw).Value,
            });
        }

        return carriers.ToImmutable();
    }
}
