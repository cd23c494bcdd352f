using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;
using OrleansCdn.Contracts.Config.Sections;

namespace OrleansCdn.Contracts.Config.Diff;

/// <summary>Records to tree, under the names and in the notation of the config file.</summary>
internal static class ConfigTreeBuilder
{
    public static ConfigTree Of(CdnConfig config) => Keys(
        (RootSection.Cluster, Of(config.Cluster)),
        (RootSection.Pops, ById(config.Pops, pop => pop.Id, Of)),
        (RootSection.Sites, ById(config.Sites, site => site.Id, Of)),
        (RootSection.Dns, config.Dns is DnsConfig dns ? DnsTrees.Of(dns) : null),
        (RootSection.Providers, ById(config.Providers, provider => provider.Id, ProviderTrees.Of)),
        (RootSection.Notifications, ById(config.Notifications, notification => notification.Name, Of)));

    private static ConfigBranch Of(NotificationConfig notification) => Keys(
        Leaf(NotificationSection.Url, notification.Url),
        Leaf(NotificationSection.UrlFile, notification.UrlFile),
        Leaf(NotificationSection.SecretFile, notification.SecretFile),
        (NotificationSection.Events, Values(notification.Events, pattern => pattern)),
        Leaf(NotificationSection.MinSeverity, notification.MinSeverity),
        Leaf(NotificationSection.Format, notification.Format),
        Leaf(NotificationSection.AllowPrivate, notification.AllowPrivate),
        Leaf(NotificationSection.Timeout, notification.Timeout));

    private static ConfigBranch Of(ClusterConfig cluster) => Keys(
        Leaf(ClusterSection.Name, cluster.Name),
        Leaf(ClusterSection.Asn, cluster.Asn),
        (ClusterSection.Prefixes, Values(cluster.Prefixes, prefix => prefix.ToString())),
        (ClusterSection.Failover, RouteFailoverTrees.Of(cluster.Failover)));

    private static ConfigBranch Of(PopConfig pop) => Keys(
        Leaf(PopSection.Name, pop.Name),
        (PopSection.Location, Of(pop.Location)),
        Leaf(PopSection.IdPrefix, pop.IdPrefix),
        (PopSection.Edges, ById(pop.Edges, edge => edge.Name, Of)),
        (PopSection.Upstreams, ById(pop.Upstreams, upstream => upstream.Id, Of)));

    private static ConfigBranch Of(LocationConfig location) => Keys(
        Leaf(LocationSection.Latitude, location.Latitude),
        Leaf(LocationSection.Longitude, location.Longitude),
        Leaf(LocationSection.Country, location.Country),
        Leaf(LocationSection.Continent, location.Continent));

    private static ConfigBranch Of(EdgeConfig edge) => Keys(
        Leaf(EdgeSection.Http, edge.Http),
        Leaf(EdgeSection.Https, edge.Https),
        Leaf(EdgeSection.Peer, edge.Peer),
        Leaf(EdgeSection.Admin, edge.Admin),
        Leaf(EdgeSection.Dns, edge.Dns),
        (EdgeSection.Addresses, Values(edge.Addresses, address => address.ToString())),
        Leaf(EdgeSection.Memory, edge.MemoryBytes),
        (EdgeSection.Disk, edge.Disk is DiskConfig disk ? Of(disk) : null));

    private static ConfigBranch Of(DiskConfig disk) => Keys(Leaf(DiskSection.Path, disk.Path), Leaf(DiskSection.Size, disk.SizeBytes));

    private static ConfigBranch Of(UpstreamConfig upstream) => Keys(
        Leaf(UpstreamSection.Kind, upstream.Kind),
        Leaf(UpstreamSection.Provider, upstream.Provider),
        Leaf(UpstreamSection.Asn, upstream.Asn),
        (UpstreamSection.Neighbors, Values(upstream.Neighbors, UpstreamSection.Neighbors.Item.Format)),
        (UpstreamSection.Edges, Values(upstream.Edges, edge => edge)),
        (UpstreamSection.Families, Values(upstream.Families, UpstreamSection.Families.Item.Format)),
        Leaf(UpstreamSection.HoldTime, upstream.HoldTime),
        Leaf(UpstreamSection.Multihop, upstream.Hops),
        Leaf(UpstreamSection.TtlSecurity, upstream.TtlSecurity),
        Leaf(UpstreamSection.PasswordFile, upstream.PasswordFile),
        Leaf(UpstreamSection.Announce, upstream.Announce),
        Leaf(UpstreamSection.Prepend, upstream.Prepend),
        Leaf(UpstreamSection.NoExport, upstream.NoExport),
        Leaf(UpstreamSection.IxpOnly, upstream.IxpOnly),
        (UpstreamSection.Communities, Values(upstream.Communities, community => community.ToString())),
        (UpstreamSection.Carriers, ById(upstream.Carriers, carrier => carrier.Name, Of)));

    private static ConfigBranch Of(CarrierConfig carrier) => Keys(
        Leaf(CarrierSection.Asn, carrier.Asn),
        Leaf(CarrierSection.Prepend, carrier.Prepend),
        Leaf(CarrierSection.Withdraw, carrier.Withdraw));

    private static ConfigBranch Of(SiteConfig site) => Keys(
        (SiteSection.Hosts, Values(site.Hosts, host => host)),
        (SiteSection.Origins, ByPlace(site.Origins, Of)),
        (SiteSection.Cache, Of(site.Cache)),
        Leaf(SiteSection.Shield, site.Shield ?? SiteSection.NoShield),
        Leaf(SiteSection.Coalescing, site.Coalescing),
        (SiteSection.Tls, site.Tls is TlsConfig tls ? Of(tls) : null),
        (SiteSection.Failover, Of(site.Failover)),
        (SiteSection.WhenCutOff, Of(site.WhenCutOff)),
        (SiteSection.Limits, site.Limits is LimitsConfig limits ? Of(limits) : null),
        Leaf(SiteSection.HttpsRedirect, site.HttpsRedirect),
        (SiteSection.Redirects, ByPlace(site.Redirects, SiteRuleTrees.Of)),
        (SiteSection.RequestHeaders, ByPlace(site.RequestHeaders, rule => SiteRuleTrees.Of(rule, HeaderRuleSection.Request))),
        (SiteSection.ResponseHeaders, ByPlace(site.ResponseHeaders, rule => SiteRuleTrees.Of(rule, HeaderRuleSection.Response))),
        (SiteSection.ErrorPages, ByPlace(site.ErrorPages, SiteRuleTrees.Of)),
        (SiteSection.Compression, site.Compression is CompressionConfig compression ? SiteRuleTrees.Of(compression) : null),
        Leaf(SiteSection.DebugKey, SiteRuleTrees.Hidden(site.DebugKey)));

    private static ConfigBranch Of(OriginConfig origin) => Keys(
        Leaf(OriginSection.Url, origin.Url),
        Leaf(OriginSection.HostHeader, origin.HostHeader),
        Leaf(OriginSection.Protocol, origin.Protocol),
        Leaf(OriginSection.AllowPrivate, origin.AllowPrivate),
        Leaf(OriginSection.ConnectTimeout, origin.ConnectTimeout),
        Leaf(OriginSection.FirstByteTimeout, origin.FirstByteTimeout),
        Leaf(OriginSection.BetweenBytesTimeout, origin.BetweenBytesTimeout),
        Leaf(OriginSection.MaxConnections, origin.MaxConnections),
        Leaf(OriginSection.Priority, origin.Priority),
        Leaf(OriginSection.Weight, origin.Weight),
        (OriginSection.Health, origin.Health is HealthCheckConfig health ? Of(health) : null));

    private static ConfigBranch Of(HealthCheckConfig health) => Keys(
        Leaf(HealthSection.Path, health.Path),
        Leaf(HealthSection.Interval, health.Interval),
        Leaf(HealthSection.Timeout, health.Timeout),
        (HealthSection.Expect, Values(health.Expect, StatusRanges.Range.Format)),
        Leaf(HealthSection.Host, health.Host),
        Leaf(HealthSection.HealthyAfter, health.HealthyAfter),
        Leaf(HealthSection.UnhealthyAfter, health.UnhealthyAfter));

    private static ConfigBranch Of(FailoverConfig failover) => Keys(
        Leaf(FailoverSection.Attempts, failover.Attempts),
        Leaf(FailoverSection.TotalTimeout, failover.TotalTimeout),
        Leaf(FailoverSection.TripAfter, failover.TripAfter),
        Leaf(FailoverSection.BackOff, failover.BackOff),
        Leaf(FailoverSection.MaxBackOff, failover.MaxBackOff));

    private static ConfigBranch Of(CutOffConfig cutOff) => Keys(
        Leaf(CutOffSection.After, cutOff.After),
        Leaf(CutOffSection.Policy, cutOff.Policy));

    private static ConfigBranch Of(LimitsConfig limits) => Keys(
        Leaf(LimitsSection.MaxBody, limits.MaxBodyBytes),
        Leaf(LimitsSection.MaxUrl, limits.MaxUrlBytes),
        Leaf(LimitsSection.MaxHeader, limits.MaxHeaderBytes),
        Leaf(LimitsSection.ClientRate, limits.ClientRate),
        Leaf(LimitsSection.ClientBurst, limits.ClientBurst),
        Leaf(LimitsSection.ClientConcurrency, limits.ClientConcurrency),
        Leaf(LimitsSection.Concurrency, limits.Concurrency));

    private static ConfigBranch Of(CacheConfig cache) => Keys(
        Leaf(CacheSection.DefaultTtl, cache.DefaultTtl),
        Leaf(CacheSection.Grace, cache.Grace),
        Leaf(CacheSection.HealthyGrace, cache.HealthyGrace),
        Leaf(CacheSection.MaxObject, cache.MaxObjectBytes),
        Leaf(CacheSection.SetCookie, cache.SetCookie),
        Leaf(CacheSection.NoVarySearch, cache.NoVarySearch),
        (CacheSection.Key, Of(cache.Key)),
        (CacheSection.Rules, ByPlace(cache.Rules, Of)));

    private static ConfigBranch Of(CacheRuleConfig rule) => Keys(
        Leaf(CacheRuleSection.Path, rule.Path),
        (CacheRuleSection.Extensions, Values(rule.Extensions, extension => extension)),
        (CacheRuleSection.ContentTypes, Values(rule.ContentTypes, type => type)),
        (CacheRuleSection.Statuses, Values(rule.Statuses, status => status)),
        Leaf(CacheRuleSection.Bypass, rule.Bypass),
        (CacheRuleSection.BypassCookies, Values(rule.BypassCookies, name => name)),
        (CacheRuleSection.BypassHeaders, Values(rule.BypassHeaders, name => name)),
        Leaf(CacheRuleSection.Ttl, rule.Ttl),
        Leaf(CacheRuleSection.MinTtl, rule.MinTtl),
        Leaf(CacheRuleSection.MaxTtl, rule.MaxTtl),
        Leaf(CacheRuleSection.BrowserTtl, rule.BrowserTtl),
        Leaf(CacheRuleSection.OverrideOrigin, rule.OverrideOrigin),
        Leaf(CacheRuleSection.SetCookie, rule.SetCookie),
        (CacheRuleSection.Key, Of(rule.Key)));

    private static ConfigBranch? Of(CacheKeyConfig? key) => key is null ? null : Keys(
        Leaf(CacheKeySection.Query, key.Query),
        (CacheKeySection.QueryNames, Values(key.QueryNames, name => name)),
        Leaf(CacheKeySection.SortQuery, key.SortQuery),
        (CacheKeySection.Cookies, Values(key.Cookies, name => name)),
        (CacheKeySection.Headers, Values(key.Headers, name => name)),
        Leaf(CacheKeySection.ForwardCookies, key.ForwardCookies));

    private static ConfigBranch Of(TlsConfig tls) => Keys(
        Leaf(TlsSection.Certificate, tls.CertificateFile),
        Leaf(TlsSection.PrivateKey, tls.KeyFile));

    internal static ConfigBranch Keys(params ReadOnlySpan<(Key Key, ConfigTree? Tree)> children)
    {
        ImmutableArray<(string, ConfigTree)>.Builder present = ImmutableArray.CreateBuilder<(string, ConfigTree)>();
        foreach ((Key key, ConfigTree? tree) in children)
        {
            if (tree is not null)
            {
                present.Add((key.Name, tree));
            }
        }

        return new ConfigBranch(present.ToImmutable(), OrderMatters: false);
    }

    internal static ConfigBranch ById<T>(ImmutableArray<T> items, Func<T, string> id, Func<T, ConfigTree> tree) =>
        new([.. items.Select(item => (id(item), tree(item)))], OrderMatters: true);

    internal static ConfigBranch ByPlace<T>(ImmutableArray<T> items, Func<T, ConfigTree> tree) =>
        new([.. items.Select((item, index) => (string.Create(CultureInfo.InvariantCulture, $"[{index}]"), tree(item)))], OrderMatters: true);

    internal static ConfigValues Values<T>(ImmutableArray<T> items, Func<T, string> text) => new([.. items.Select(text)]);

    internal static (Key, ConfigTree?) Leaf<T>(ScalarKey<T> key, T? value)
        where T : class => (key, value is null ? null : new ConfigLeaf(key.Type.Format(value)));

    internal static (Key, ConfigTree?) Leaf<T>(ScalarKey<T> key, T? value)
        where T : struct => (key, value is T given ? new ConfigLeaf(key.Type.Format(given)) : null);
}
