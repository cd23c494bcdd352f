using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Api;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Grains.Routing;

namespace OrleansCdn.Grains.Tests.Routing;

/// <summary>Documentation addresses, short to write.</summary>
internal static class RoutingSamples
{
    public const string Yaml = """
        cluster: { name: test, asn: 64500, prefixes: ["2001:db8:1000::/48", "2001:db8:2000::/48"] }
        pops:
          grr:
            location: { latitude: 42.96, longitude: -85.67, country: US, continent: NA }
            edges: [ { name: grr1, http: "127.0.0.1:8003" } ]
            upstreams:
              he: { kind: transit, asn: 64510, neighbors: ["2001:db8:6939::1"], prepend: 1, carriers: { arelion: { asn: 1299 } } }
              ix: { kind: peer, asn: 64511, neighbors: ["2001:db8:12::1"] }
        sites:
          www:
            hosts: [www.example.net]
            origins: [ { url: "https://origin.example.net" } ]
        """;

    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly IPNetwork One = IPNetwork.Parse("2001:db8:1000::/48");
    public static readonly IPNetwork Two = IPNetwork.Parse("2001:db8:2000::/48");
    public static readonly CdnConfig Config = Read(Yaml);
    public static readonly UpstreamConfig He = Config.FindPop("grr")!.Upstreams.Single(u => u.Id == "he");

    public static CdnConfig Read(string yaml)
    {
        ConfigReadResult result = ConfigReader.Read(yaml);
        Assert.True(result.Config is not null, string.Join("; ", result.Errors.Select(e => e.Message)));
        return result.Config;
    }

    public static IntentChange Prepend(int times) => new() { Action = RouteAction.Prepend, Prepend = times };

    public static IntentChange Of(RouteAction action) => new() { Action = action };

    public static UpstreamChange Change(IntentChange? set = null, string who = "noc") => new() { Set = set, Author = new RouteAuthor { Who = who, Why = "test" } };

    public static DesiredRoute Route(IPNetwork prefix, int prepend = 0, params string[] communities) => new()
    {
        Prefix = prefix, Prepend = prepend, Communities = [.. communities.Select(Community.Parse)],
    };

    public static DesiredUpstream Desired(long revision, params DesiredRoute[] routes) => new()
    {
        Id = "he",
        Kind = UpstreamKind.Transit,
        Asn = 64510,
        Revision = revision,
        Sessions =
        [
            new DesiredSession { Neighbor = IPEndPoint.Parse("[2001:db8:6939::1]:179"), Ipv4 = false, Ipv6 = true, HoldTime = TimeSpan.FromSeconds(30), Hops = 1, TtlSecurity = false },
        ],
        Routes = [.. routes],
    };

    public static UpstreamView View(long revision, long config = 1, string epoch = "e", long version = 0, params DesiredRoute[] routes) => new()
    {
        Epoch = epoch, ConfigVersion = config, Version = version, Intent = RouteIntent.Empty, Desired = Desired(revision, routes),
    };

    public static ObservedSession Session(long revision, BgpState state, params DesiredRoute[] advertised) => new()
    {
        Upstream = "he", Neighbor = "[2001:db8:6939::1]:179", PeerAsn = 64510, State = state, Since = Start, Revision = revision,
        Counters = new SessionCounters(), Advertised = [.. advertised],
    };

    public static AnnouncerMember Member(AnnouncerReport? report, bool connected = true)
    {
        var member = new AnnouncerMember("grr1");
        member.Connect(new AnnouncerHello { Protocol = 1, Pop = "grr", Edge = "grr1", Instance = "i", SoftwareVersion = "t" }, "c1", Start);
        if (report is not null)
        {
            member.Reported(report);
        }

        if (!connected)
        {
            member.Disconnect();
        }

        return member;
    }

    public static AnnouncerReport Report(params ImmutableArray<ObservedSession> sessions) => new() { Epoch = "e", ConfigVersion = 1, Sessions = sessions };
}
