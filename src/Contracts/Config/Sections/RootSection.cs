using System.Collections.Immutable;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;
using OrleansCdn.Contracts.Config.Yaml;

namespace OrleansCdn.Contracts.Config.Sections;

/// <summary>The whole file.</summary>
internal static class RootSection
{
    public static readonly SectionKey Cluster = new("cluster", ClusterSection.Table, null, "The CDN as a whole.");

    public static readonly SectionMapKey Pops = new(
        "pops", Tokens.Id, PopSection.Table, 1, ConfigLimits.Pops, "The points of presence. Their ids stand in `Cache-Status`; `none` is no id, see `shield`.");

    public static readonly SectionMapKey Sites = new(
        "sites", Tokens.Id, SiteSection.Table, 1, ConfigLimits.Sites, "What is served.");

    public static readonly SectionKey Dns = new("dns", DnsSection.Table, "this CDN answers no DNS", "The zones whose names lead visitors to a PoP.");

    public static readonly SectionMapKey Providers = new(
        "providers", Tokens.Name, ProviderSection.Table, 0, ConfigLimits.Providers,
        "Community catalogues of your own, for upstreams that none is shipped for. One of the same name takes a shipped one's place.");

    public static readonly SectionListKey Notifications = new(
        "notifications", NotificationSection.Table, 0, ConfigLimits.Notifications, "Webhooks: who is told what happens.");

    public static readonly KeyTable Table = new("the whole file", [Cluster, Pops, Sites, Dns, Providers, Notifications]);

    /// <summary>Every table of the file.</summary>
    public static IEnumerable<KeyTable> AllTables =>
    [
        Table, ClusterSection.Table, RouteFailoverSection.Table, DampingSection.Table, PopSection.Table, LocationSection.Table, EdgeSection.Table, DiskSection.Table, UpstreamSection.Table, CarrierSection.Table,
        SiteSection.Table, OriginSection.Table, HealthSection.Table, FailoverSection.Table, CutOffSection.Table, LimitsSection.Table,
        CacheSection.Table, CacheKeySection.OfSite, CacheRuleSection.Table, CacheKeySection.OfRule,
        TlsSection.Table, RedirectSection.Table, HeaderRuleSection.Request.Table, HeaderRuleSection.Response.Table, ErrorPageSection.Table,
        CompressionSection.Table,
        DnsSection.Table, GeoSection.Table, ClientSubnetSection.Table, ResponseRateSection.Table, SteeringOverrideSection.Table, SteeringRuleSection.Table,
        ZoneSection.Table, ZoneFileSection.Table, SteeredNameSection.Table,
        ProviderSection.Table, ProviderCarriersSection.Table, ProviderCarrierSection.Table, KnownCommunitySection.Table,
        NotificationSection.Table,
    ];

    /// <returns>Meaningless when errors were listed.</returns>
    public static CdnConfig? Bind(YamlNode node, ConfigErrors errors)
    {
        if (MapReader.Open(node, Table, errors) is not MapReader root)
        {
            return null;
        }

        var facts = new FileFacts(errors);
        MapReader? clusterKeys = root.Section(Cluster);
        ClusterConfig? cluster = clusterKeys is null ? null : ClusterSection.Bind(clusterKeys, facts);
        ImmutableArray<PopConfig> pops = PopSection.BindAll(root, facts);
        if (facts is { AsnIsMissing: true, FirstUpstream: MapReader upstream })
        {
            upstream.Report("is a BGP neighbour, and the cluster has no AS number", "cluster.asn with your own AS number, or no upstreams");
        }

        if (clusterKeys is not null)
        {
            RouteFailoverSection.Check(clusterKeys, pops.Count(pop => pop.Announces), pops.Sum(pop => pop.Edges.Count(edge => pop.Holds(edge.Name))), facts);
        }

        ImmutableArray<SiteConfig> sites = SiteSection.BindAll(root, facts);
        DnsConfig? dns = root.Section(Dns) is MapReader dnsKeys ? DnsSection.Bind(dnsKeys, facts) : null;
        ImmutableArray<ProviderConfig> providers = [.. root.Sections(Providers).Select(p => ProviderSection.Bind(p.Id, p.Section))];
        ImmutableArray<NotificationConfig> notifications = NotificationSection.BindAll(root, errors);
        return cluster is null
            ? null
            : new CdnConfig { Cluster = cluster, Pops = pops, Sites = sites, Dns = dns, Providers = providers, Notifications = notifications };
    }
}
