using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Failover;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Grains.Routing;
using static OrleansCdn.Grains.Tests.Routing.RoutingSamples;

namespace OrleansCdn.Grains.Tests.Routing;

public sealed class RouteMirrorTests
{
    private static ConfigSnapshot Snapshot(long version, string epoch = "e", string? yaml = null) =>
        new() { Epoch = epoch, Version = version, Config = yaml is null ? RoutingSamples.Config : Read(yaml) };

    private static PopRoutesMirror Mirror()
    {
        var mirror = new PopRoutesMirror("grr");
        Assert.True(mirror.Offer(Snapshot(1)));
        return mirror;
    }

    [Fact]
    public void Nothing_is_sent_before_every_upstream_is_known()
    {
        PopRoutesMirror mirror = Mirror();
        Assert.Null(mirror.Desired("grr1"));
        Assert.True(mirror.Offer("he", View(1, routes: Route(One))));
        Assert.Null(mirror.Desired("grr1"));
        Assert.True(mirror.Offer("ix", View(4)));
        Assert.Equal([1L, 4L], mirror.Desired("grr1")!.Upstreams.Select(u => u.Revision));
        Assert.Equal((64500u, 1L, 2), (mirror.Desired("grr1")!.Asn, mirror.Desired("grr1")!.ConfigVersion, mirror.Desired("grr1")!.AllowedPrefixes.Length));
    }

    [Fact]
    public void An_older_state_never_replaces_a_newer_one()
    {
        PopRoutesMirror mirror = Mirror();
        mirror.Offer("ix", View(1));
        mirror.Offer("he", View(5, version: 3));
        Assert.False(mirror.Offer("he", View(4, version: 3)));
        Assert.False(mirror.Offer("he", View(6, version: 2)));
        Assert.False(mirror.Offer("he", View(6, config: 0, version: 3)));
        Assert.False(mirror.Offer(Snapshot(1)));
        Assert.False(mirror.Offer(Snapshot(0)));
        Assert.Equal(5, mirror.Desired("grr1")!.Upstreams[0].Revision);
        // Another cluster state begins anew.
        Assert.True(mirror.Offer(Snapshot(1, "f")));
        Assert.Null(mirror.Desired("grr1"));
        Assert.True(mirror.Offer("he", View(1, epoch: "f")));
    }

    [Fact]
    public void What_the_config_names_no_longer_is_gone_and_strangers_are_not_taken()
    {
        PopRoutesMirror mirror = Mirror();
        mirror.Offer("ix", View(1));
        mirror.Offer("he", View(1));
        Assert.False(mirror.Offer("nope", View(1)));
        string without = string.Join('\n', Yaml.Split('\n').Where(line => !line.Contains("ix:", StringComparison.Ordinal)));
        Assert.True(mirror.Offer(Snapshot(2, yaml: without)));
        Assert.Single(mirror.Desired("grr1")!.Upstreams);
        Assert.Null(mirror.View("ix"));
    }

    [Fact]
    public void The_difference_says_what_is_not_as_desired()
    {
        DesiredUpstream desired = Desired(3, Route(One, 1), Route(Two));
        Assert.Empty(RouteDifference.Of(desired, "e", [Member(Report(Session(3, BgpState.Established, Route(One, 1), Route(Two))))]));
        Expect(desired, Member(null), "has not reported");
        Expect(desired, Member(null, connected: false), "is not connected");
        Expect(desired, Member(Report()), "has no session with [2001:db8:6939::1]:179");
        Expect(desired, Member(Report(Session(3, BgpState.Active))), "is Active");
        Expect(desired, Member(Report(Session(2, BgpState.Established, Route(One, 1), Route(Two)))), "works on revision 2, desired is 3");
        Expect(desired, Member(Report(Session(3, BgpState.Established, Route(One, 1)))), "2001:db8:2000::/48 is not announced");
        Expect(desired, Member(Report(Session(3, BgpState.Established, Route(One, 1), Route(Two, 0, "64500:1")))), "with prepend 0 and 64500:1, desired is prepend 0");
        Expect(Desired(3, Route(One, 1)), Member(Report(Session(3, BgpState.Established, Route(One, 1), Route(Two)))), "2001:db8:2000::/48 is still announced");
        Expect(desired, Member(Report(Session(3, BgpState.Established, Route(One, 1), Route(Two))) with { HeldBack = "no answer" }), "nothing is announced: no answer");
        Expect(desired, Member(Report(Session(3, BgpState.Established, Route(One, 1), Route(Two))) with { Epoch = "other" }), "another cluster");

        static void Expect(DesiredUpstream desired, AnnouncerMember member, string says) =>
            Assert.Contains(says, Assert.Single(RouteDifference.Of(desired, "e", [member])), StringComparison.Ordinal);
    }

    [Fact]
    public void What_failover_has_made_of_the_routes_is_said_once_and_is_no_other_difference()
    {
        DesiredUpstream desired = Desired(3, Route(One, 1), Route(Two, 0, "64500:1"));
        AnnouncerReport less = Report(Session(3, BgpState.Established, Route(One, 5, "65535:0"), Route(Two, 5, "64500:1", "65535:0"))) with
        {
            Failover = Failover(AnnouncementLevel.Depreferred) with { WaitsFor = "nobody else is announced and well" },
        };
        Assert.Equal("grr1: less preferred by failover: no answer; it is not withdrawn: nobody else is announced and well", Difference(less));
        Assert.Contains("prepend 1, desired is prepend 5 and 65535:0", string.Join('\n', Lines(less with { Sessions = [Session(3, BgpState.Established, Route(One, 1), Route(Two, 5, "64500:1", "65535:0"))] })), StringComparison.Ordinal);

        AnnouncerReport gone = Report(Session(3, BgpState.Established)) with { Failover = Failover(AnnouncementLevel.Withdrawn), HeldBack = "withdrawn by failover: no answer" };
        Assert.Equal("grr1: nothing is announced: withdrawn by failover: no answer", Difference(gone));
        Assert.Contains("is still announced", string.Join('\n', Lines(gone with { Sessions = [Session(3, BgpState.Established, Route(One, 1))] })), StringComparison.Ordinal);
        Assert.Empty(Lines(Report(Session(3, BgpState.Established, Route(One, 1), Route(Two, 0, "64500:1"))) with { Failover = Failover(AnnouncementLevel.Normal) }));

        string Difference(AnnouncerReport report) => Assert.Single(Lines(report));

        ImmutableArray<string> Lines(AnnouncerReport report) => RouteDifference.Of(desired, "e", [Member(report)]);

        static FailoverStatus Failover(AnnouncementLevel level) => new() { Phase = FailoverPhase.Announced, Level = level, Since = Start, Why = "no answer", OrdersVersion = 0 };
    }

    [Fact]
    public void A_family_that_the_session_does_not_carry_is_not_missed() => Assert.Empty(RouteDifference.Of(
        Desired(1, Route(One), Route(IPNetwork.Parse("192.0.2.0/24"))), "e", [Member(Report(Session(1, BgpState.Established, Route(One))))]));

    [Fact]
    public void Every_prefix_keeps_a_path()
    {
        RoutePath a = Path("waw/x", One, Two), b = Path("lax/x", One);
        Assert.Empty(LastPath.Lost([a, b], After("waw/x", Two)));
        Assert.Contains("2001:db8:2000::/48 would not be announced anywhere", Assert.Single(LastPath.Lost([a, b], After("waw/x", One))), StringComparison.Ordinal);
        Assert.Empty(LastPath.Lost([a, b], After("lax/x")));
        // What was not announced before is not lost.
        Assert.Empty(LastPath.Lost([b], After("lax/x", One, Two)));
        Assert.Single(LastPath.Lost([a with { OnTheWire = [One, Two] }, b], After("waw/x", Two)));
        Assert.Empty(LastPath.Lost([a with { OnTheWire = [One, Two] }, b with { OnTheWire = [One] }], After("waw/x", Two)));

        static RoutePath Path(string name, params IPNetwork[] prefixes) => new(name, [.. prefixes], []);
        static Dictionary<string, ImmutableHashSet<IPNetwork>> After(string name, params IPNetwork[] prefixes) => new() { [name] = [.. prefixes] };
    }

    [Fact]
    public void Announcers_come_and_go_and_a_newer_connection_counts()
    {
        var members = new AnnouncerMembers();
        members.Configure(["grr1", "grr2"]);
        var hello = new AnnouncerHello { Protocol = 1, Pop = "grr", Edge = "grr1", Instance = "i1", SoftwareVersion = "t" };
        Assert.Null(members.Connect(hello, "c1", Start));
        Assert.True(members.Heard(new AnnouncerWord("grr1", "c1", Report(Session(7, BgpState.Established))), Start));
        Assert.Equal((7L, 0L), (members.ObservedRevision("he", "e"), members.ObservedRevision("he", "other")));
        Assert.Equal("i1", members.Connect(hello with { Instance = "i2" }, "c2", Start));
        Assert.Equal(0, members.ObservedRevision("he", "e"));
        Assert.Equal(FeedVerdict.Superseded, members.Check("grr1", "c1", Start));
        Assert.False(members.Heard(new AnnouncerWord("grr1", "c1", Report()), Start));
        Assert.False(members.Disconnect("grr1", "c1"));
        Assert.Equal(FeedVerdict.Messages, members.Check("grr1", "c2", Start));
        Assert.Empty(members.DropSilent(Start.AddSeconds(1)));
        Assert.Equal(["grr1"], members.DropSilent(Start.AddMinutes(5)).AsEnumerable());
        Assert.Equal(FeedVerdict.Unknown, members.Check("grr1", "c2", Start));
        members.Configure(["grr2"]);
        Assert.Equal(FeedVerdict.Removed, members.Check("grr1", "c2", Start));
    }
}
