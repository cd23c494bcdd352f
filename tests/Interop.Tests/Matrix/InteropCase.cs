using System.Collections.Immutable;
using OrleansCdn.Interop.Tests.Cases;

namespace OrleansCdn.Interop.Tests.Matrix;

/// <summary>A row of the matrix.</summary>
/// <param name="Id">For command lines.</param>
/// <param name="Text">For the page.</param>
/// <param name="RunAsync">Returns when it has passed.</param>
internal sealed record InteropCase(string Id, string Text, Func<Cell, Task> RunAsync)
{
    public const string Killed = "killed";
    public const string Hangs = "hangs";

    public static readonly ImmutableArray<InteropCase> All =
    [
        new("ipv4", "IPv4 prefixes", FamilyCases.Ipv4Async),
        new("ipv6", "IPv6 prefixes over IPv6", FamilyCases.Ipv6Async),
        new("ipv6-over-ipv4", "IPv4 and IPv6 prefixes over IPv4 (RFC 4760)", FamilyCases.Ipv6OverIpv4Async),
        new("four-octet-as", "AS numbers of four octets on both sides (RFC 6793)", FamilyCases.FourOctetAsAsync),
        new("two-octet-as", "AS numbers of two octets alone: AS_TRANS, AS4_PATH", FamilyCases.TwoOctetAsAsync),
        new("md5", "TCP-MD5 (RFC 2385)", ProtectionCases.RightPasswordAsync),
        new("md5-wrong", "TCP-MD5, a wrong password, then the right one", ProtectionCases.WrongPasswordAsync),
        new("gtsm", "GTSM (RFC 5082): on one side no session, on both one", ProtectionCases.TtlSecurityAsync),
        new("multihop", "multihop over a router; not with one hop", ProtectionCases.MultihopAsync),
        new("capability-refused", "a capability refused (2/7, RFC 5492): the session without it", ProtectionCases.RefusedCapabilityAsync),
        new("max-prefix", "more prefixes than the peer takes: Cease/1, a minute's pause", ProtectionCases.MaxPrefixAsync),
        new("route-refresh", "route refresh (RFC 2918)", AttributeCases.RouteRefreshAsync),
        new("communities", "standard, extended and large communities", AttributeCases.CommunitiesAsync),
        new("graceful-shutdown", "GRACEFUL_SHUTDOWN comes and goes (RFC 8326)", AttributeCases.GracefulShutdownAsync),
        new("prepends", "prepends, 0 to 5", AttributeCases.PrependsAsync),
        new("withdraw", "withdrawn prefix by prefix, then all", AttributeCases.WithdrawAsync),
        new(Killed, "announcer killed (SIGKILL): routes gone in under 1 s; started again", DeathCases.KilledAsync),
        new(Hangs, "announcer hangs (SIGSTOP): routes gone within the hold time of 3 s; goes on", DeathCases.HangsAsync),
        new("peer-hangs", "peer hangs: Hold Timer Expired; goes on", DeathCases.PeerHangsAsync),
        new("peer-restart", "peer killed and started again", DeathCases.PeerRestartsAsync),
        new("link-flaps", "link flaps, then stays away past the hold time; routes change meanwhile", DeathCases.LinkFlapsAsync),
    ];

    public static InteropCase Get(string id) => All.First(c => c.Id == id);
}
