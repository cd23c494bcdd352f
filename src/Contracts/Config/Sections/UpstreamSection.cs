using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;
using OrleansCdn.Contracts.Routing;

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

    public static readonly ListKey<IPEndPoint> Neighbors = new(
        "neighbors", Endpoints.Neighbor, 1, ConfigLimits.NeighborsPerUpstream, "Its routers; one session with each.");

    public static readonly ListKey<string> Edges = new(
        "edges", Tokens.Name, 0, ConfigLimits.EdgesPerPop, "Names of the PoP's servers that hold these sessions; none given: every one does.");

    public static readonly ListKey<RouteFamily> Families = new(
        "families", Tokens.Choice(("ipv4", RouteFamily.Ipv4), ("ipv6", RouteFamily.Ipv6)), 0, 2,
        $"Whose routes the sessions carry (RFC 4760). None given: {ConfigDefaults.Families}.");

    public static readonly ScalarKey<TimeSpan> HoldTime = ScalarKey<TimeSpan>.May(
        "hold-time", Durations.WholeSecondsBetween(ConfigLimits.MinHoldTime, ConfigLimits.MaxHoldTime), ConfigDefaults.HoldTime,
        "Proposed to the neighbour; after so long without a sign of life a session ends and its routes go.");

    public static readonly ScalarKey<int> Multihop = ScalarKey<int>.May(
        "multihop", Numbers.Whole(1, ConfigLimits.MaxHops), ConfigDefaults.Hops, "How many hops away the neighbour may be; 1 is the same link.");

    public static readonly ScalarKey<bool> TtlSecurity = ScalarKey<bool>.May(
        "ttl-security", Numbers.Flag, false, "Packets that come from farther than the link are dropped (RFC 5082). The neighbour has to do it too; not with `multihop`.");

    public static readonly ScalarKey<string> PasswordFile = ScalarKey<string>.Optional(
        "password-file", Tokens.FilePath, "no password", "File on the announcer's server that holds the TCP-MD5 password (RFC 2385).");

    public static readonly ScalarKey<bool> NoExport = ScalarKey<bool>.May(
        "no-export", Numbers.Flag, false, "True: the upstream keeps the route to itself.");

    public static readonly ScalarKey<bool> IxpOnly = ScalarKey<bool>.May(
        "ixp-only", Numbers.Flag, false, "True: the upstream passes the route on at internet exchanges alone.");

    public static readonly ListKey<Community> Communities = new(
        "communities", CommunityTexts.Community, 0, ConfigLimits.CommunitiesPerUpstream, "Said as they are, beside what the other keys come to.");

    public static readonly ScalarKey<bool> Announce = ScalarKey<bool>.May(
        "announce", Numbers.Flag, ConfigDefaults.Announce, "False withdraws the prefixes from this upstream altogether.");

    public static readonly ScalarKey<int> Prepend = ScalarKey<int>.May(
        "prepend", Numbers.Whole(0, ConfigLimits.MaxPrepend), ConfigDefaults.Prepend,
        "How often your AS number is repeated towards this upstream: the more, the less attractive.");

    public static readonly SectionMapKey Carriers = new(
        "carriers", Tokens.Name, CarrierSection.Table, 0, ConfigLimits.CarriersPerUpstream, "Networks reached through this upstream, with what each of them is to see.");

    public static readonly KeyTable Table = new("pops.ID.upstreams.ID", 
    [
        Kind, Provider, Asn, Neighbors, Edges, Families, HoldTime, Multihop, TtlSecurity, PasswordFile,
        Announce, Prepend, NoExport, IxpOnly, Communities, Carriers,
    ]);

    public static UpstreamConfig Bind(string id, MapReader keys, ImmutableArray<EdgeConfig> edges, FileFacts facts)
    {
        facts.FirstUpstream ??= keys;
        Found<string> provider = keys.Read(Provider);
        Found<UpstreamKind> kind = keys.Read(Kind);
        Found<uint> asn = keys.Read(Asn);
        Found<int> hops = keys.Read(Multihop);
        Found<bool> ttlSecurity = keys.Read(TtlSecurity);
        Found<string> password = keys.Read(PasswordFile);
        Found<bool> noExport = keys.Read(NoExport);
        Found<bool> ixpOnly = keys.Read(IxpOnly);
        if (ttlSecurity.Value && hops.Value > 1)
        {
            facts.Errors.Add(ttlSecurity.Node!, "is for neighbours on the same link, and multihop says that they are not", "one of the two");
        }

        if (noExport.Value && ixpOnly.Value)
        {
            facts.Errors.Add(ixpOnly.Node!, "passes the route on at exchanges, and no-export does not pass it on at all", "one of the two");
        }

        return new UpstreamConfig
        {
            Id = id,
            Kind = kind.Value,
            Asn = asn.Value,
            Provider = provider.Given ? provider.Value : id,
            Neighbors = Distinct(keys.Read(Neighbors), "each neighbour once", facts.Errors),
            Edges = BindEdges(keys, edges, facts.Errors),
            Families = Distinct(keys.Read(Families), "each family once", facts.Errors),
            HoldTime = keys.Read(HoldTime).Value,
            Hops = hops.Value,
            TtlSecurity = ttlSecurity.Value,
            PasswordFile = password.Given ? password.Value : null,
            Announce = keys.Read(Announce).Value,
            Prepend = keys.Read(Prepend).Value,
            NoExport = noExport.Value,
            IxpOnly = ixpOnly.Value,
            Communities = Distinct(keys.Read(Communities), "each community once", facts.Errors),
            Carriers = BindCarriers(keys, facts.Errors),
        };
    }

    private static ImmutableArray<T> Distinct<T>(ImmutableArray<Found<T>> given, string allowed, ConfigErrors errors)
    {
        var seen = new List<T>();
        foreach (Found<T> item in given)
        {
            if (seen.Contains(item.Value))
            {
                errors.Add(item.Node!, "is given twice", allowed);
            }

            seen.Add(item.Value);
        }

        return [.. seen];
    }

    private static ImmutableArray<string> BindEdges(MapReader keys, ImmutableArray<EdgeConfig> edges, ConfigErrors errors)
    {
        ImmutableArray<Found<string>> given = keys.Read(Edges);
        foreach (Found<string> edge in given.Where(name => !edges.Any(e => e.Name == name.Value)))
        {
            errors.Add(edge.Node!, "is not an edge of this PoP", string.Join(", ", edges.Select(e => e.Name)));
        }

        return Distinct(given, "each edge once", errors);
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
