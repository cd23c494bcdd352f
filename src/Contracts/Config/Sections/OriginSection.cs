using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class OriginSection
{
    public static readonly ScalarKey<Uri> Url = ScalarKey<Uri>.Must("url", OriginUrls.Url, "Where the origin is.");

    public static readonly ScalarKey<string> HostHeader = ScalarKey<string>.Optional(
        "host-header", HostNames.HostField, "the visitor's host", "What the origin gets as `Host`, and as TLS server name.");

    public static readonly ScalarKey<OriginProtocol> Protocol = ScalarKey<OriginProtocol>.May(
        "protocol",
        Tokens.Choice(("auto", OriginProtocol.Auto), ("http1", OriginProtocol.Http1), ("http2", OriginProtocol.Http2)),
        ConfigDefaults.Protocol,
        "`auto`: HTTP/2 over TLS where the origin offers it, else HTTP/1.1. `http2` without TLS is prior knowledge (h2c).");

    public static readonly ScalarKey<bool> AllowPrivate = ScalarKey<bool>.May(
        "allow-private", Numbers.Flag, ConfigDefaults.AllowPrivate,
        "Allows an origin on a loopback, private, link-local or other special-purpose address.");

    public static readonly ScalarKey<TimeSpan> ConnectTimeout = ScalarKey<TimeSpan>.May(
        "connect-timeout", Durations.Between(ConfigLimits.MinTimeout, ConfigLimits.MaxConnectTimeout), ConfigDefaults.ConnectTimeout,
        "For name resolution, TCP and TLS handshake together.");

    public static readonly ScalarKey<TimeSpan> FirstByteTimeout = ScalarKey<TimeSpan>.May(
        "first-byte-timeout", Durations.Between(ConfigLimits.MinTimeout, ConfigLimits.MaxReadTimeout), ConfigDefaults.FirstByteTimeout,
        "From the request's end to the response's header.");

    public static readonly ScalarKey<TimeSpan> BetweenBytesTimeout = ScalarKey<TimeSpan>.May(
        "between-bytes-timeout", Durations.Between(ConfigLimits.MinTimeout, ConfigLimits.MaxReadTimeout), ConfigDefaults.BetweenBytesTimeout,
        "The longest silence within a body.");

    public static readonly ScalarKey<int> MaxConnections = ScalarKey<int>.May(
        "max-connections", Numbers.Whole(1, ConfigLimits.MaxConnections), ConfigDefaults.MaxConnections,
        "Connections of one edge to this origin.");

    public static readonly ScalarKey<int> Priority = ScalarKey<int>.Optional(
        "priority", Numbers.Whole(1, ConfigLimits.MaxPriority), "its place in the list, from 1",
        "Lower ones are asked first; origins of the same priority share the requests.");

    public static readonly ScalarKey<int> Weight = ScalarKey<int>.May(
        "weight", Numbers.Whole(1, ConfigLimits.MaxWeight), ConfigDefaults.Weight,
        "Its share of the requests among origins of the same priority.");

    public static readonly SectionKey Health = new(
        "health", HealthSection.Table, "no checks: what happens to requests tells", "Checks that every edge makes on its own.");

    public static readonly KeyTable Table = new(
        "sites.ID.origins[]",
        [Url, HostHeader, Protocol, AllowPrivate, ConnectTimeout, FirstByteTimeout, BetweenBytesTimeout, MaxConnections, Priority, Weight, Health]);

    public static OriginConfig Bind(MapReader keys, FileFacts facts)
    {
        Found<Uri> url = keys.Read(Url);
        Found<bool> allowPrivate = keys.Read(AllowPrivate);
        if (url.Given && allowPrivate is { Valid: true, Value: false } && SpecialPurposeAddresses.IsHost(url.Value) && !keys.HasUnknownKeys)
        {
            facts.Errors.Add(url.Node!, "is on a loopback, private or other special-purpose address", "a public origin, or allow-private: true beside it");
        }
        else if (url.Given && LeadsBack(url.Value, facts))
        {
            facts.Errors.Add(url.Node!, "is a host of this CDN: requests would go round in a circle", "a name that leads to the origin itself");
        }

        Found<string> hostHeader = keys.Read(HostHeader);
        return new OriginConfig
        {
            Url = url.Value,
            HostHeader = hostHeader.Given ? hostHeader.Value : null,
            Protocol = keys.Read(Protocol).Value,
            AllowPrivate = allowPrivate.Value,
            ConnectTimeout = keys.Read(ConnectTimeout).Value,
            FirstByteTimeout = keys.Read(FirstByteTimeout).Value,
            BetweenBytesTimeout = keys.Read(BetweenBytesTimeout).Value,
            MaxConnections = keys.Read(MaxConnections).Value,
            Priority = keys.Read(Priority) is { Given: true } priority ? priority.Value : null,
            Weight = keys.Read(Weight).Value,
            Health = keys.Section(Health) is MapReader health ? HealthSection.Bind(health) : null,
        };
    }

    /// <summary>Names only, on ports where edges listen: a lab's origin has the address of its edges and another port.</summary>
    private static bool LeadsBack(Uri url, FileFacts facts) =>
        url.HostNameType == UriHostNameType.Dns && facts.ListenPorts.Contains(url.Port) && facts.IsOwnHost(url.Host);
}
