using System.Collections.Immutable;
using System.Net;
using OrleansCdn.Contracts.Routing;
using OrleansCdn.Interop.Tests.Network;
using OrleansCdn.Interop.Tests.Peers;

namespace OrleansCdn.Interop.Tests;

/// <summary>The readers of the peers' tables are right: BIRD, which shares no code with the announcer, announces something of everything.</summary>
public sealed class ReaderTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly DesiredRoute Ipv4 = new()
    {
        Prefix = IPNetwork.Parse("192.0.2.0/24"),
        Prepend = 2,
        Communities = [.. ((string[])["64500:120", "65535:0", "rt:64500:120", "ro:64500:7", "ext:0x0202000313fe0078", "201726:1:120", "4200000000:4294967295:2"]).Select(Community.Parse)],
    };

    [Theory]
    [InlineData(PeerKind.Bird)]
    [InlineData(PeerKind.Frr)]
    [InlineData(PeerKind.GoBgp)]
    [InlineData(PeerKind.ExaBgp)]
    public async Task What_BIRD_announces_is_read_from_each_peer(PeerKind kind)
    {
        await using Lab lab = await Lab.CreateAsync();
        await using Peer peer = Peer.Create(kind, lab, new PeerSettings { Local = lab.PeerIpv4, Announcer = lab.AnnouncerIpv4, Ipv6 = true });
        await peer.StartAsync();
        ImmutableArray<SeenRoute> expected =
        [
            SeenRoute.Expected(Ipv4, PeerSettings.DefaultAnnouncerAsn, lab.AnnouncerIpv4),
            SeenRoute.Expected(Ipv4 with { Prefix = IPNetwork.Parse("2001:db8:1000::/48") }, PeerSettings.DefaultAnnouncerAsn, lab.AnnouncerIpv6),
        ];

        string config = Path.Combine(lab.Directory, "announcer.conf");
        await File.WriteAllTextAsync(config, Configuration(lab));
        using var announcer = Daemon.Start(lab.Announcer, Path.Combine(lab.Directory, "announcer.log"), "bird", ["-f", "-c", config, "-s", Path.Combine(lab.Directory, "announcer.ctl")]);
        ImmutableArray<SeenRoute> seen = [];
        _ = await Poll.UntilAsync(
            "the table is what BIRD announces",
            Limit,
            async () => (seen = await peer.RoutesAsync()).SequenceEqual(expected),
            () => Task.FromResult($"{string.Join('\n', seen)}\n{announcer.LastWords()}\n{peer.Speaker.LastWords()}"));
        SeenSession session = await peer.SessionAsync();
        Assert.Equal(new SeenSession(true, SeenCapabilities.Ipv4 | SeenCapabilities.Ipv6 | SeenCapabilities.RouteRefresh | SeenCapabilities.FourOctetAs), session);

        await announcer.KillAsync();
        _ = await Poll.UntilAsync("the table is empty", Limit, async () => (await peer.RoutesAsync()).IsEmpty, () => Task.FromResult(peer.Speaker.LastWords()));
        Assert.False((await peer.SessionAsync()).IsEstablished);
    }

    private static string Configuration(Lab lab) => $$"""
        log stderr all;
        router id 198.51.100.1;
        protocol device { }
        protocol static { ipv4; route 192.0.2.0/24 unreachable; }
        protocol static { ipv6; route 2001:db8:1000::/48 unreachable; }
        filter everything {
          bgp_path.prepend(201726); bgp_path.prepend(201726);
          bgp_community.add((64500, 120)); bgp_community.add((65535, 0));
          bgp_ext_community.add((rt, 64500, 120)); bgp_ext_community.add((ro, 64500, 7)); bgp_ext_community.add((rt, 201726, 120));
          bgp_large_community.add((201726, 1, 120)); bgp_large_community.add((4200000000, 4294967295, 2));
          accept;
        }
        protocol bgp peer {
          local {{lab.AnnouncerIpv4}} as 201726;
          neighbor {{lab.PeerIpv4}} as 64515;
          connect delay time 1;
          graceful restart off;
          long lived graceful restart off;
          ipv4 { import none; export filter everything; next hop self; };
          ipv6 { import none; export filter everything; next hop address {{lab.AnnouncerIpv6}}; };
        }
        """;
}
