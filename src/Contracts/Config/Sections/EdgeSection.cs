using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class EdgeSection
{
    private const string NotListening = "the edge does not listen there";

    public static readonly ScalarKey<string> Name = ScalarKey<string>.Must(
        "name", Tokens.Name, "Unique in the whole CDN; the server is started with it.");

    public static readonly ScalarKey<IPEndPoint> Http = ScalarKey<IPEndPoint>.Optional(
        "http", Endpoints.Listen, NotListening, "Where visitors' plain HTTP arrives. An edge needs `http`, `https` or `dns`.");

    public static readonly ScalarKey<IPEndPoint> Https = ScalarKey<IPEndPoint>.Optional(
        "https", Endpoints.Listen, NotListening, "Where visitors' TLS arrives; certificates are the sites'.");

    public static readonly ScalarKey<IPEndPoint> Peer = ScalarKey<IPEndPoint>.Optional(
        "peer", Endpoints.Peer, NotListening, "Where the other edges fetch from this one: a unicast address, reachable from the other PoPs.");

    public static readonly ScalarKey<IPEndPoint> Admin = ScalarKey<IPEndPoint>.Optional(
        "admin", Endpoints.Admin, NotListening, "Health and status of this edge. Public addresses are refused.");

    public static readonly ScalarKey<IPEndPoint> Dns = ScalarKey<IPEndPoint>.Optional(
        "dns", Endpoints.Listen, NotListening, "Where DNS queries arrive, over UDP and TCP. Needed on at least one edge when there are `dns` zones.");

    public static readonly ListKey<IPAddress> Addresses = new(
        "addresses", SteeringTexts.Address, 0, ConfigLimits.AddressesPerEdge,
        "Unicast addresses of this server that steered names lead visitors to, IPv4 and IPv6. Without any it is given to nobody.");

    public static readonly ScalarKey<long> Memory = ScalarKey<long>.May(
        "memory", Sizes.Between(ConfigLimits.MinMemoryBytes, ConfigLimits.MaxMemoryBytes), ConfigDefaults.MemoryBytes,
        "For cached objects, their metadata included.");

    public static readonly SectionKey Disk = new("disk", DiskSection.Table, "memory only", "Where cached objects survive a restart.");

    public static readonly KeyTable Table = new("pops.ID.edges[]", [Name, Http, Https, Peer, Admin, Dns, Addresses, Memory, Disk]);

    public static EdgeConfig Bind(MapReader keys, FileFacts facts)
    {
        Found<string> name = keys.Read(Name);
        if (name.Given)
        {
            facts.TryAddEdge(name);
        }

        Found<IPEndPoint> http = keys.Read(Http);
        Found<IPEndPoint> https = keys.Read(Https);
        Found<IPEndPoint> peer = keys.Read(Peer);
        Found<IPEndPoint> admin = keys.Read(Admin);
        Found<IPEndPoint> dns = keys.Read(Dns);
        Found<long> memory = keys.Read(Memory);
        ReportClashes([(Http, http), (Https, https), (Peer, peer), (Admin, admin), (Dns, dns)], facts.Errors);
        if (http is { Node: null, Valid: true } && https is { Node: null, Valid: true } && dns is { Node: null, Valid: true } && !keys.HasUnknownKeys)
        {
            keys.Report("listens neither for visitors nor for DNS", "http, https or dns with an address:port");
        }

        facts.AnyEdgeListensForDns |= dns.Given;
        facts.AnyEdgeIsWrong |= !dns.Valid || !memory.Valid || keys.HasUnknownKeys;
        facts.LargestMemory = Math.Max(facts.LargestMemory, memory.Value);
        facts.ListenPorts.UnionWith(new[] { http, https }.Where(visitors => visitors.Given).Select(visitors => visitors.Value.Port));
        return new EdgeConfig
        {
            Name = name.Value,
            Http = http.Value,
            Https = https.Value,
            Peer = peer.Value,
            Admin = admin.Value,
            Dns = dns.Value,
            Addresses = BindAddresses(keys.Read(Addresses), facts.Errors),
            MemoryBytes = memory.Value,
            Disk = keys.Section(Disk) is MapReader disk ? DiskSection.Bind(disk) : null,
        };
    }

    private static ImmutableArray<IPAddress> BindAddresses(ImmutableArray<Found<IPAddress>> addresses, ConfigErrors errors)
    {
        var seen = new HashSet<IPAddress>();
        foreach (Found<IPAddress> address in addresses.Where(address => !seen.Add(address.Value)))
        {
            errors.Add(address.Node!, "is given twice", "each address once");
        }

        return [.. addresses.Select(address => address.Value)];
    }

    /// <summary>Within one server each endpoint can be taken once; another server may use the same text.</summary>
    private static void ReportClashes(ReadOnlySpan<(ScalarKey<IPEndPoint> Key, Found<IPEndPoint> Found)> listeners, ConfigErrors errors)
    {
        for (int later = 1; later < listeners.Length; later++)
        {
            for (int earlier = 0; earlier < later; earlier++)
            {
                if (listeners[earlier].Found.Given && listeners[later].Found.Given
                    && Clash(listeners[earlier].Found.Value, listeners[later].Found.Value))
                {
                    errors.Add(listeners[later].Found.Node!, $"is taken by {listeners[earlier].Key.Name} of the same edge", "another address or port");
                    break;
                }
            }
        }
    }

    private static bool Clash(IPEndPoint a, IPEndPoint b) =>
        a.Port == b.Port && a.Port != 0 && (a.Address.Equals(b.Address) || Includes(a.Address, b.Address) || Includes(b.Address, a.Address));

    /// <summary>[::] listens for IPv4 too, 0.0.0.0 for IPv4 alone.</summary>
    private static bool Includes(IPAddress any, IPAddress address) =>
        any.Equals(IPAddress.IPv6Any) || (any.Equals(IPAddress.Any) && address.AddressFamily == AddressFamily.InterNetwork);
}
