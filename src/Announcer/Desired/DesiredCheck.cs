using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;

namespace OrleansCdn.Announcer.Desired;

/// <summary>
/// What code relies on blindly in a desired state that was read as JSON: nothing null, everything in range. Whether a route is one of the
/// operator's own is not asked here but where it is encoded, so that one wrong route does not keep the others from being changed.
/// </summary>
internal static class DesiredCheck
{
    /// <summary>Names have up to 32 characters in a config, and a feed's hello has room for four times that.</summary>
    private const int MaxNameChars = 128;

    /// <summary>Of one upstream; the silo takes no report with more (its <c>ReportCheck</c>).</summary>
    private const int MaxRoutes = 256;

    /// <summary>A community has 4 octets at least, and a message 4,096 (RFC 4271 §4.1).</summary>
    private const int MaxCommunities = 1024;

    private const int MaxPathChars = 4096;

    /// <returns>Each mistake with its place; empty: it can be used.</returns>
    public static ImmutableArray<string> Problems(DesiredAnnouncements desired)
    {
        var check = new Check();
        check.Require(IsName(desired.Epoch), "epoch", $"1 to {MaxNameChars} printable characters without spaces");
        check.Require(desired.ConfigVersion >= 0, "configVersion", "not below 0");
        check.Require(desired.Asn > 0, "asn", "an AS number above 0");
        if (check.Require(!desired.AllowedPrefixes.IsDefault && desired.AllowedPrefixes.Length <= MaxRoutes, "allowedPrefixes", $"a list of at most {MaxRoutes} prefixes")
            & check.Require(!desired.Upstreams.IsDefault && desired.Upstreams.Length <= ConfigLimits.UpstreamsPerPop, "upstreams", $"a list of at most {ConfigLimits.UpstreamsPerPop}"))
        {
            HashSet<string> ids = [];
            for (int i = 0; i < desired.Upstreams.Length; i++)
            {
                OfUpstream(check, desired.Upstreams[i], $"upstreams[{i}]", ids);
            }
        }

        if (desired.Failover is { } plan)
        {
            PlanCheck.Of(plan, (isRight, path, expected) => check.Require(isRight, path, expected));
        }

        return check.Problems;
    }

    private static void OfUpstream(Check check, DesiredUpstream? upstream, string path, HashSet<string> ids)
    {
        if (!check.Require(upstream is not null, path, "an upstream, not null"))
        {
            return;
        }

        check.Require(IsName(upstream!.Id), $"{path}.id", $"1 to {MaxNameChars} printable characters without spaces");
        check.Require(upstream.Id is null || ids.Add(upstream.Id), $"{path}.id", "another id than the upstreams before it");
        check.Require(upstream.Asn > 0, $"{path}.asn", "an AS number above 0");
        check.Require(upstream.Revision >= 0, $"{path}.revision", "not below 0");
        if (check.Require(!upstream.Sessions.IsDefault && upstream.Sessions.Length <= ConfigLimits.NeighborsPerUpstream, $"{path}.sessions", $"a list of at most {ConfigLimits.NeighborsPerUpstream}"))
        {
            for (int i = 0; i < upstream.Sessions.Length; i++)
            {
                OfSession(check, upstream.Sessions[i], $"{path}.sessions[{i}]");
            }
        }

        if (check.Require(!upstream.Routes.IsDefault && upstream.Routes.Length <= MaxRoutes, $"{path}.routes", $"a list of at most {MaxRoutes}"))
        {
            for (int i = 0; i < upstream.Routes.Length; i++)
            {
                OfRoute(check, upstream.Routes[i], $"{path}.routes[{i}]");
            }
        }
    }

    private static void OfSession(Check check, DesiredSession? session, string path)
    {
        if (!check.Require(session is not null, path, "a session, not null"))
        {
            return;
        }

        check.Require(IsNeighbor(session!.Neighbor), $"{path}.neighbor", "address:port of one host, IPv6 in brackets");
        check.Require(session.Ipv4 || session.Ipv6, $"{path}.ipv4", "true, or ipv6 true: a session carries at least one family");
        check.Require(
            session.HoldTime >= ConfigLimits.MinHoldTime && session.HoldTime <= ConfigLimits.MaxHoldTime && session.HoldTime.Ticks % TimeSpan.TicksPerSecond == 0,
            $"{path}.holdTime",
            $"whole seconds, {ConfigLimits.MinHoldTime} to {ConfigLimits.MaxHoldTime}");
        check.Require(session.Hops is >= 1 and <= ConfigLimits.MaxHops, $"{path}.hops", $"1 to {ConfigLimits.MaxHops}");
        check.Require(!session.TtlSecurity || session.Hops == 1, $"{path}.ttlSecurity", "false where hops is not 1 (RFC 5082)");
        check.Require(
            session.PasswordFile is null or { Length: > 0 and <= MaxPathChars } && session.PasswordFile?.Contains('\0', StringComparison.Ordinal) != true,
            $"{path}.passwordFile",
            "the path of a file");
    }

    private static void OfRoute(Check check, DesiredRoute? route, string path)
    {
        if (!check.Require(route is not null, path, "a route, not null"))
        {
            return;
        }

        check.Require(route!.Prefix.BaseAddress is not null, $"{path}.prefix", "a prefix");
        check.Require(route.Prepend is >= 0 and <= ConfigLimits.MaxPrepend, $"{path}.prepend", $"0 to {ConfigLimits.MaxPrepend}");
        check.Require(!route.Communities.IsDefault && route.Communities.Length <= MaxCommunities, $"{path}.communities", $"a list of at most {MaxCommunities}");
    }

    internal static bool IsName(string? text) => text is { Length: > 0 and <= MaxNameChars } && text.All(c => c is > ' ' and < '\x7f');

    private static bool IsNeighbor(IPEndPoint? neighbor)
    {
        if (neighbor is null || neighbor.Port == 0)
        {
            return false;
        }

        IPAddress address = neighbor.Address;
        return !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) && !address.IsIPv4MappedToIPv6 && !address.IsIPv6Multicast
            && !(address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] >= 224);
    }

    private sealed class Check
    {
        /// <summary>More would not be read by anyone.</summary>
        private const int MaxProblems = 20;

        private readonly ImmutableArray<string>.Builder _problems = ImmutableArray.CreateBuilder<string>();

        public ImmutableArray<string> Problems => _problems.ToImmutable();

        public bool Require(bool condition, string path, string expected)
        {
            if (!condition && _problems.Count < MaxProblems)
            {
                _problems.Add($"{path}: expected {expected}");
            }

            return condition;
        }
    }
}
