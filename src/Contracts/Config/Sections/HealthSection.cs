using OrleansCdn.Contracts.Config.Binding;
using OrleansCdn.Contracts.Config.Scalars;

namespace OrleansCdn.Contracts.Config.Sections;

internal static class HealthSection
{
    public static readonly ScalarKey<string> Path = ScalarKey<string>.Must(
        "path", StatusRanges.CheckedPath, "What is asked for, with GET.");

    public static readonly ScalarKey<TimeSpan> Interval = ScalarKey<TimeSpan>.May(
        "interval", Durations.Between(ConfigLimits.MinHealthInterval, ConfigLimits.MaxHealthInterval), ConfigDefaults.HealthInterval,
        "Between two checks of one edge.");

    public static readonly ScalarKey<TimeSpan> Timeout = ScalarKey<TimeSpan>.May(
        "timeout", Durations.Between(ConfigLimits.MinTimeout, ConfigLimits.MaxConnectTimeout), ConfigDefaults.HealthTimeout,
        "From connecting to the response's header.");

    public static readonly ListKey<StatusRange> Expect = new(
        "expect", StatusRanges.Range, 0, ConfigLimits.ExpectedStatuses, "Statuses of an origin that works; without any: 200-399.");

    public static readonly ScalarKey<string> Host = ScalarKey<string>.Optional(
        "host", HostNames.HostField, "the origin's `host-header`, or the site's first host", "What the check sends as `Host`, and as TLS server name.");

    public static readonly ScalarKey<int> HealthyAfter = ScalarKey<int>.May(
        "healthy-after", Numbers.Whole(1, ConfigLimits.MaxHealthRuns), ConfigDefaults.HealthyAfter,
        "Good checks in a row that bring the origin back.");

    public static readonly ScalarKey<int> UnhealthyAfter = ScalarKey<int>.May(
        "unhealthy-after", Numbers.Whole(1, ConfigLimits.MaxHealthRuns), ConfigDefaults.UnhealthyAfter,
        "Failed checks in a row after which the origin is passed over.");

    public static readonly KeyTable Table = new(
        "sites.ID.origins[].health", [Path, Interval, Timeout, Expect, Host, HealthyAfter, UnhealthyAfter]);

    public static HealthCheckConfig Bind(MapReader keys)
    {
        Found<string> host = keys.Read(Host);
        return new HealthCheckConfig
        {
            Path = keys.Read(Path).Value,
            Interval = keys.Read(Interval).Value,
            Timeout = keys.Read(Timeout).Value,
            Expect = [.. keys.Read(Expect).Select(range => range.Value)],
            Host = host.Given ? host.Value : null,
            HealthyAfter = keys.Read(HealthyAfter).Value,
            UnhealthyAfter = keys.Read(UnhealthyAfter).Value,
        };
    }
}
