using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using OrleansCdn.Contracts.Config.Scalars;
using OrleansCdn.Contracts.Config.Sections;
using OrleansCdn.Contracts.Failover;

namespace OrleansCdn.Contracts.Config;

/// <summary>
/// A config that comes as JSON was validated as text before, by <see cref="ConfigReader"/>. Here is checked what code
/// relies on blindly (nothing null, ids unique, numbers in range, names that can stand in a header field), so that a damaged file or a foreign sender is refused
/// where it is read rather than met as a crash later.
/// </summary>
internal static class SnapshotCheck
{
    /// <exception cref="JsonException">Says which member is wrong.</exception>
    public static void ThrowIfBroken(CdnConfig config)
    {
        RequireIs(Tokens.HttpToken, config.Cluster.Name, "cluster.name");
        Require(!config.Cluster.Prefixes.IsDefault, "cluster.prefixes");
        Check(config.Cluster.Failover, "cluster.failover");
        EachById(config.Pops, pop => pop.Id, "pops", Check);
        EachById(config.Sites, site => site.Id, "sites", Check);
        EachById(config.Providers, provider => provider.Id, "providers", ProviderCheck.ThrowIfBroken);
        EachById(config.Notifications, notification => notification.Name, "notifications", NotificationCheck.ThrowIfBroken);
        if (config.Dns is DnsConfig dns)
        {
            DnsCheck.ThrowIfBroken(dns, config);
        }
    }

    private static void Check(RouteFailoverConfig failover, string path)
    {
        Require(failover.Floor is >= 1 and < ConfigLimits.Pops, $"{path}.floor");
        Require(failover.Fall is >= 1 and <= ConfigLimits.MaxHealthRuns, $"{path}.fall");
        Require(failover.FirstRise is >= 1 and <= ConfigLimits.MaxHealthRuns, $"{path}.firstRise");
        Require(failover.Rise is >= 1 and <= ConfigLimits.MaxHealthRuns, $"{path}.rise");
        Require(IsBetween(failover.Drain, ConfigLimits.MinDrainTime, ConfigLimits.MaxDrainTime), $"{path}.drain");
        Require(IsBetween(failover.Connections, TimeSpan.Zero, ConfigLimits.MaxConnectionsTime), $"{path}.connections");
        Require(IsBetween(failover.WarmUp, TimeSpan.Zero, ConfigLimits.MaxDrainTime), $"{path}.warmUp");
        Require(IsBetween(failover.RescueAfter, ConfigLimits.MinRescueAfter, ConfigLimits.MaxRescueAfter), $"{path}.rescueAfter");
        Require(IsBetween(failover.SuspectWithin, ConfigLimits.MinSuspectWithin, ConfigLimits.MaxSuspectWithin), $"{path}.suspectWithin");
        Require(IsBetween(failover.VoluntaryGap, ConfigLimits.MinDrainTime, ConfigLimits.MaxDrainTime), $"{path}.voluntaryGap");
        Require(failover.Damping is not null, $"{path}.damping");
        DampingPolicy damping = failover.Damping!;
        Require(IsBetween(damping.HalfLife, ConfigLimits.MinDampingTime, ConfigLimits.MaxDampingTime), $"{path}.damping.halfLife");
        Require(IsBetween(damping.MaxHold, ConfigLimits.MinDampingTime, ConfigLimits.MaxDampingTime), $"{path}.damping.maxHold");
        Require(damping.PerWithdrawal is >= 1 and <= ConfigLimits.MaxPenalty, $"{path}.damping.perWithdrawal");
        Require(damping.PerAttributeChange is >= 1 and <= ConfigLimits.MaxPenalty, $"{path}.damping.perAttributeChange");
        Require(damping.HoldFrom is >= 1 and <= ConfigLimits.MaxPenalty, $"{path}.damping.holdFrom");
        Require(damping.ReleaseBelow is >= 1 && damping.ReleaseBelow < damping.HoldFrom, $"{path}.damping.releaseBelow");
    }

    private static void Check(PopConfig pop, string path)
    {
        RequireIs(Tokens.Id, pop.Id, $"{path}.id");
        Require(pop.IdPrefix is not IPNetwork prefix || SteeringTexts.IdPrefix.Parse(prefix.ToString(), out _) is null, $"{path}.idPrefix");
        RequireIs(Places.Continent, pop.Location.Continent, $"{path}.location.continent");
        Require(double.IsFinite(pop.Location.Latitude) && Math.Abs(pop.Location.Latitude) <= 90, $"{path}.location.latitude");
        Require(double.IsFinite(pop.Location.Longitude) && Math.Abs(pop.Location.Longitude) <= 180, $"{path}.location.longitude");
        EachById(pop.Edges, edge => edge.Name, $"{path}.edges", Check);
        EachById(pop.Upstreams, upstream => upstream.Id, $"{path}.upstreams", Check);
    }

    private static void Check(EdgeConfig edge, string path)
    {
        RequireIs(Tokens.Name, edge.Name, $"{path}.name");
        Require(edge.MemoryBytes > 0, $"{path}.memoryBytes");
        Each(edge.Addresses, $"{path}.addresses", static (address, where) => RequireIs(SteeringTexts.Address, address.ToString(), where));
        if (edge.Disk is DiskConfig disk)
        {
            RequireIs(Tokens.FilePath, disk.Path, $"{path}.disk.path");
            Require(disk.SizeBytes is >= ConfigLimits.MinDiskBytes and <= ConfigLimits.MaxDiskBytes, $"{path}.disk.sizeBytes");
        }
    }

    private static void Check(UpstreamConfig upstream, string path)
    {
        Each(upstream.Neighbors, $"{path}.neighbors", static (_, _) => { });
        EachIs(Tokens.Name, upstream.Edges, $"{path}.edges");
        Require(!upstream.Families.IsDefault && upstream.Families.All(Enum.IsDefined), $"{path}.families");
        Require(!upstream.Communities.IsDefault, $"{path}.communities");
        Require(IsBetween(upstream.HoldTime, ConfigLimits.MinHoldTime, ConfigLimits.MaxHoldTime), $"{path}.holdTime");
        Require(upstream.Hops is >= 1 and <= ConfigLimits.MaxHops && !(upstream.TtlSecurity && upstream.Hops > 1), $"{path}.hops");
        Require(upstream.PasswordFile is null || Tokens.FilePath.Parse(upstream.PasswordFile, out _) is null, $"{path}.passwordFile");
        Require(upstream.Prepend is >= 0 and <= ConfigLimits.MaxPrepend, $"{path}.prepend");
        Require(Enum.IsDefined(upstream.Kind), $"{path}.kind");
        EachById(upstream.Carriers, carrier => carrier.Name, $"{path}.carriers", (carrier, where) =>
            Require(carrier.Prepend is >= 0 and <= ConfigLimits.MaxPrepend, $"{where}.prepend"));
    }

    private static void Check(SiteConfig site, string path)
    {
        RequireIs(Tokens.Id, site.Id, $"{path}.id");
        Require(!site.Hosts.IsDefaultOrEmpty, $"{path}.hosts");
        Each(site.Hosts, $"{path}.hosts", static (host, where) => RequireIs(HostNames.SiteHost, host, where));
        Require(Enum.IsDefined(site.Coalescing), $"{path}.coalescing");
        Require(!site.Origins.IsDefaultOrEmpty, $"{path}.origins");
        Each(site.Origins, $"{path}.origins", Check);
        Require(site.Cache.DefaultTtl >= TimeSpan.Zero, $"{path}.cache.defaultTtl");
        Require(site.Cache.Grace >= TimeSpan.Zero, $"{path}.cache.grace");
        Require(site.Cache.HealthyGrace >= TimeSpan.Zero, $"{path}.cache.healthyGrace");
        Require(Enum.IsDefined(site.Cache.SetCookie), $"{path}.cache.setCookie");
        Check(site.Failover, $"{path}.failover");
        Require(IsBetween(site.WhenCutOff.After, ConfigLimits.MinCutOffAfter, ConfigLimits.MaxGrace), $"{path}.whenCutOff.after");
        Require(Enum.IsDefined(site.WhenCutOff.Policy), $"{path}.whenCutOff.policy");
        Check(site.Limits, $"{path}.limits");
        Require(site.Cache.MaxObjectBytes > 0, $"{path}.cache.maxObjectBytes");
        Check(site.Cache.Key, $"{path}.cache.key");
        Require(site.DebugKey is null || HeaderTexts.DebugKey.Parse(site.DebugKey, out _) is null, $"{path}.debugKey");
        Each(site.Redirects, $"{path}.redirects", Check);
        Each(site.RequestHeaders, $"{path}.requestHeaders", static (rule, where) => Check(rule, HeaderTexts.RequestField, HeaderTexts.RequestValue, where));
        Each(site.ResponseHeaders, $"{path}.responseHeaders", static (rule, where) => Check(rule, HeaderTexts.ResponseField, HeaderTexts.ResponseValue, where));
        Each(site.ErrorPages, $"{path}.errorPages", Check);
        if (site.Compression is CompressionConfig compression)
        {
            EachIs(HttpTexts.ContentType, compression.ContentTypes, $"{path}.compression.contentTypes");
            Require(compression.MinBytes > 0, $"{path}.compression.minBytes");
        }

        Each(site.Cache.Rules, $"{path}.cache.rules", Check);
    }

    private static void Check(CacheRuleConfig rule, string path)
    {
        Each(rule.Extensions, $"{path}.extensions", static (_, _) => { });
        EachIs(HttpTexts.ContentType, rule.ContentTypes, $"{path}.contentTypes");
        EachIs(HttpTexts.Status, rule.Statuses, $"{path}.statuses");
        EachIs(HttpTexts.CookieName, rule.BypassCookies, $"{path}.bypassCookies");
        EachIs(HttpTexts.FieldName, rule.BypassHeaders, $"{path}.bypassHeaders");
        Require(rule.Path is null or ['/', ..], $"{path}.path");
        foreach (TimeSpan? time in (ReadOnlySpan<TimeSpan?>)[rule.Ttl, rule.MinTtl, rule.MaxTtl, rule.BrowserTtl])
        {
            Require(time is null || time >= TimeSpan.Zero, $"{path}: a lifetime");
        }

        Require(rule.SetCookie is not SetCookieHandling setCookie || Enum.IsDefined(setCookie), $"{path}.setCookie");
        Check(rule.Key, $"{path}.key");
    }

    private static void Check(RedirectConfig redirect, string path)
    {
        RequireIs(PathPatterns.Path, redirect.Path, $"{path}.path");
        RequireIs(RedirectTexts.Target, redirect.To, $"{path}.to");
        Require(redirect.Status is 301 or 302 or 307 or 308, $"{path}.status");
        Require(redirect.Path.EndsWith('*') || !redirect.To.EndsWith('*'), $"{path}.to");
    }

    private static void Check(HeaderRuleConfig rule, ScalarType<string> name, ScalarType<string> value, string path)
    {
        Require(Enum.IsDefined(rule.Action) && (rule.Value is null) == (rule.Action == HeaderAction.Remove), $"{path}.action");
        RequireIs(name, rule.Name, $"{path}.name");
        if (rule.Value is not null)
        {
            RequireIs(value, rule.Value, $"{path}.value");
        }
    }

    private static void Check(ErrorPageConfig page, string path)
    {
        EachIs(HttpTexts.ErrorStatus, page.Statuses, $"{path}.statuses");
        RequireIs(HttpTexts.PlainContentType, page.ContentType, $"{path}.contentType");
        RequireIs(ErrorPageSection.Body.Type, page.Body, $"{path}.body");
    }

    private static void Check(CacheKeyConfig? key, string path)
    {
        if (key is not null)
        {
            Require(Enum.IsDefined(key.Query), $"{path}.query");
            EachIs(HttpTexts.QueryName, key.QueryNames, $"{path}.queryNames");
            EachIs(HttpTexts.CookieName, key.Cookies, $"{path}.cookies");
            EachIs(HttpTexts.FieldName, key.Headers, $"{path}.headers");
        }
    }

    private static void Check(OriginConfig origin, string path)
    {
        Require(origin.Url.IsAbsoluteUri && origin.Url.Scheme is "http" or "https" && origin.Url.Host.Length > 0, $"{path}.url");
        if (origin.HostHeader is string hostHeader)
        {
            RequireIs(HostNames.HostField, hostHeader, $"{path}.hostHeader");
        }

        Require(Enum.IsDefined(origin.Protocol), $"{path}.protocol");
        Require(origin.ConnectTimeout > TimeSpan.Zero, $"{path}.connectTimeout");
        Require(origin.FirstByteTimeout > TimeSpan.Zero, $"{path}.firstByteTimeout");
        Require(origin.BetweenBytesTimeout > TimeSpan.Zero, $"{path}.betweenBytesTimeout");
        Require(origin.MaxConnections > 0, $"{path}.maxConnections");
        Require(origin.Priority is null or (>= 1 and <= ConfigLimits.MaxPriority), $"{path}.priority");
        Require(origin.Weight is >= 1 and <= ConfigLimits.MaxWeight, $"{path}.weight");
        if (origin.Health is HealthCheckConfig health)
        {
            Check(health, $"{path}.health");
        }
    }

    private static void Check(HealthCheckConfig health, string path)
    {
        RequireIs(StatusRanges.CheckedPath, health.Path, $"{path}.path");
        Require(IsBetween(health.Interval, ConfigLimits.MinHealthInterval, ConfigLimits.MaxHealthInterval), $"{path}.interval");
        Require(IsBetween(health.Timeout, ConfigLimits.MinTimeout, ConfigLimits.MaxConnectTimeout), $"{path}.timeout");
        Each(health.Expect, $"{path}.expect", static (range, where) => Require(range.First is >= 200 and <= 599 && range.Last is >= 200 and <= 599, where));
        if (health.Host is string host)
        {
            RequireIs(HostNames.HostField, host, $"{path}.host");
        }

        Require(health.HealthyAfter is >= 1 and <= ConfigLimits.MaxHealthRuns, $"{path}.healthyAfter");
        Require(health.UnhealthyAfter is >= 1 and <= ConfigLimits.MaxHealthRuns, $"{path}.unhealthyAfter");
    }

    private static void Check(FailoverConfig failover, string path)
    {
        Require(failover.Attempts is >= 1 and <= ConfigLimits.OriginsPerSite, $"{path}.attempts");
        Require(IsBetween(failover.TotalTimeout, ConfigLimits.MinTimeout, ConfigLimits.MaxReadTimeout), $"{path}.totalTimeout");
        Require(failover.TripAfter is >= 1 and <= ConfigLimits.MaxTripAfter, $"{path}.tripAfter");
        Require(IsBetween(failover.BackOff, ConfigLimits.MinBackOff, ConfigLimits.MaxBackOff), $"{path}.backOff");
        Require(IsBetween(failover.MaxBackOff, failover.BackOff, ConfigLimits.MaxBackOff), $"{path}.maxBackOff");
    }

    private static void Check(LimitsConfig? limits, string path)
    {
        Require(limits?.MaxBodyBytes is null or >= 0, $"{path}.maxBodyBytes");
        Require(limits?.MaxUrlBytes is null or > 0, $"{path}.maxUrlBytes");
        Require(limits?.MaxHeaderBytes is null or > 0, $"{path}.maxHeaderBytes");
        Require(limits?.ClientRate is null or (>= 1 and <= ConfigLimits.MaxClientRate), $"{path}.clientRate");
        Require(limits?.ClientBurst is null or (>= 1 and <= ConfigLimits.MaxClientRate), $"{path}.clientBurst");
        Require(limits?.ClientConcurrency is null or (>= 1 and <= ConfigLimits.MaxConcurrency), $"{path}.clientConcurrency");
        Require(limits?.Concurrency is null or (>= 1 and <= ConfigLimits.MaxConcurrency), $"{path}.concurrency");
    }

    internal static bool IsBetween(TimeSpan value, TimeSpan min, TimeSpan max) => value >= min && value <= max;

    internal static void EachById<T>(ImmutableArray<T> items, Func<T, string> id, string path, Action<T, string> check)
        where T : class
    {
        var seen = new HashSet<string>();
        Each(items, path, (item, where) =>
        {
            Require(seen.Add(id(item)), $"{where}: its id");
            check(item, where);
        });
    }

    internal static void Each<T>(ImmutableArray<T> items, string path, Action<T, string> check)
        where T : class
    {
        Require(!items.IsDefault, path);
        for (int i = 0; i < items.Length; i++)
        {
            string where = $"{path}[{i}]";
            Require(items[i] is not null, where);
            check(items[i], where);
        }
    }

    internal static void EachIs(ScalarType<string> type, ImmutableArray<string> values, string path) =>
        Each(values, path, (value, where) => RequireIs(type, value, where));

    internal static void RequireIs<T>(ScalarType<T> type, string value, string path) => Require(type.Parse(value, out _) is null, path);

    internal static void Require(bool holds, string path)
    {
        if (!holds)
        {
            throw new JsonException($"this is no valid config: {path} is missing or wrong");
        }
    }
}
